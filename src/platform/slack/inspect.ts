import type { WebAPICallResult } from '@slack/web-api'
import { WebAPIPlatformError } from '@slack/web-api'
import * as v from 'valibot'
import type { Check, Finding, Inspector, InspectorOptions } from '../inspect.ts'
import { createPatience } from '../patience.ts'
import { ChannelInfo, Missing, Permalink, Tested } from './answers.ts'
import { createClient } from './client.ts'
import { errorStringOf, toOutcome } from './errors.ts'
import { NEEDED_SCOPES, OPTIONAL_SCOPES } from './manifest.ts'
import { addScope, repairOf } from './repairs.ts'

/** What the bot is called where Slack did not tell. */
const BOT = 'incident-relay'

/** Looks at a Slack workspace with the scopes the relay has anyhow; with `channels:read` or `groups:read` it sees more. */
export function createSlackInspector(options: InspectorOptions): Inspector {
  const client = createClient(options)
  let bot = BOT

  const patiently = createPatience({ ...options, toOutcome: (error) => toOutcome(error, 'find') })
  const call = (method: string, args: Readonly<Record<string, string | number>> = {}): Promise<WebAPICallResult> =>
    patiently(() => client.apiCall(method, { ...args }))

  /** What Slack, or the way to it, has against a call. */
  function failed(check: Check, error: unknown, channel?: string): Finding {
    const at = channel === undefined ? {} : { channel }
    const outcome = toOutcome(error, 'find')
    const limited = outcome.kind === 'retry' && outcome.reason === 'rate_limited'
    const word = errorStringOf(error) ?? (limited ? 'ratelimited' : undefined)
    if (word === undefined) {
      const says = `Slack gave no answer: ${'detail' in outcome ? outcome.detail : outcome.kind}`
      return { check, verdict: 'wrong', ...at, says, repair: 'see whether this machine reaches the API, and try again' }
    }
    const needed = neededIn(error)
    const repair = repairOf(word, { bot, ...(needed !== undefined && { needed }) })
    const says = `${SAYS[word] ?? 'Slack refuses'} (${word}${needed === undefined ? '' : `: ${needed}`})`
    return { check: CHECKS[word] ?? check, verdict: 'wrong', ...at, says, ...(repair !== undefined && { repair }) }
  }

  async function inspectChannel(channel: string, scopes: ReadonlySet<string>): Promise<readonly Finding[]> {
    const seen = await lookAt(channel, scopes)
    if (seen.archived) {
      const repair = repairOf('is_archived', { bot }) ?? ''
      return [{ check: 'channel', verdict: 'wrong', channel, says: `${seen.name} is archived`, repair }]
    }
    try {
      await call('conversations.history', { channel, limit: 1 })
    } catch (error) {
      return [failed('history', error, channel)]
    }
    const says = `the bot is in ${seen.name} and can read what was posted`
    return [{ check: 'member', verdict: 'ok', channel, says }]
  }

  /** The name, and whether it is archived, where this account may know. What fails here fails again with the history. */
  async function lookAt(channel: string, scopes: ReadonlySet<string>): Promise<{ name: string; archived: boolean }> {
    const unseen = { name: 'the channel', archived: false }
    if (!scopes.has('channels:read') && !scopes.has('groups:read')) return unseen
    try {
      const answer = v.safeParse(ChannelInfo, await call('conversations.info', { channel }))
      if (!answer.success) return unseen
      const { name, is_archived: archived } = answer.output.channel
      return { name: `#${name}`, archived }
    } catch {
      // Not fatal: the history tells what is wrong.
      return unseen
    }
  }

  return {
    async inspect(channels) {
      let answer: WebAPICallResult
      try {
        answer = await call('auth.test')
      } catch (error) {
        return [failed('token', error)]
      }
      const tested = v.safeParse(Tested, answer)
      if (!tested.success || tested.output.bot_id === undefined) {
        const says = tested.success
          ? 'the token is of a person, not of a bot'
          : 'the answer to auth.test is not from Slack'
        return [{ check: 'token', verdict: 'wrong', says, repair: repairOf('invalid_auth', { bot }) ?? '' }]
      }
      bot = tested.output.user
      const says = `the token is that of the bot @${bot} in the workspace ${tested.output.team}`
      const scopes = answer.response_metadata?.scopes
      const account: Finding[] = [{ check: 'token', verdict: 'ok', says }, ...toScopeFindings(scopes)]
      const granted = new Set(scopes)
      const found = await Promise.all(channels.map(({ channel }) => inspectChannel(channel, granted)))
      return [...account, ...found.flat(), ...(channels.length === 0 ? [] : [toUnseen(granted)])]
    },
    async linkTo({ channel, message }) {
      try {
        const answer = v.safeParse(Permalink, await call('chat.getPermalink', { channel, message_ts: message }))
        return answer.success ? answer.output.permalink : undefined
      } catch {
        // A link is a courtesy: the message is there without it.
        return undefined
      }
    },
    repairOf: (detail) => repairOf(detail, { bot }),
    stop: async () => {},
  }
}

/** Nothing but a message shows these with the scopes there are. */
function toUnseen(scopes: ReadonlySet<string>): Finding {
  const archived = scopes.has('channels:read') ? '' : ' (nor, without channels:read, whether one is archived)'
  const says = `whether a channel lets apps post cannot be seen from here${archived}; send-test shows it`
  return { check: 'post', verdict: 'unseen', says }
}

function toScopeFindings(scopes: readonly string[] | undefined): readonly Finding[] {
  if (scopes === undefined || scopes.length === 0) {
    return [{ check: 'scope', verdict: 'unseen', says: 'the answer does not tell which scopes the token has' }]
  }
  const lacks = (scope: string): boolean => !scopes.includes(scope)
  const needed = Object.entries(NEEDED_SCOPES).flatMap(([scope, why]): Finding[] => {
    // Whether a history is needed at all, the channels tell: those of one kind alone do without the other's scope.
    const verdict = scope === 'chat:write' ? 'wrong' : 'hint'
    return lacks(scope)
      ? [{ check: 'scope', verdict, says: `the scope ${scope} is missing: ${why}`, repair: addScope(scope) }]
      : []
  })
  const optional = Object.entries(OPTIONAL_SCOPES).flatMap(([scope, why]): Finding[] =>
    lacks(scope) ? [{ check: 'scope', verdict: 'hint', says: `${scope} is not given: ${why}` }] : [],
  )
  const all = `has the scopes it needs: ${Object.keys(NEEDED_SCOPES).join(', ')}`
  return [...(needed.length === 0 ? [{ check: 'scope', verdict: 'ok', says: all } as const] : needed), ...optional]
}

/** What the commonest error strings say, in words. */
const SAYS: Readonly<Record<string, string>> = {
  invalid_auth: 'the token is not accepted',
  not_authed: 'the token is not accepted',
  token_revoked: 'the token was revoked',
  token_expired: 'the token has expired',
  account_inactive: 'the app was removed from the workspace',
  missing_scope: 'a scope is missing',
  not_in_channel: 'the bot is not in the channel',
  channel_not_found: 'there is no such channel, or it is private and the bot is not in it',
  is_archived: 'the channel is archived',
  ratelimited: 'Slack takes no more calls at the moment',
}

/** What was looked at really, whatever the call was. */
const CHECKS: Readonly<Record<string, Check>> = {
  missing_scope: 'scope',
  not_in_channel: 'member',
  channel_not_found: 'channel',
  is_archived: 'channel',
}

/** The scope Slack misses. It may name one for each kind of channel there is, of which only some are ours to ask for. */
function neededIn(error: unknown): string | undefined {
  const data = error instanceof WebAPIPlatformError ? v.safeParse(Missing, error.data) : undefined
  const named = data?.success === true ? data.output.needed.split(',') : []
  const ours = named.filter((scope) => Object.hasOwn(NEEDED_SCOPES, scope))
  return ours.length === 0 ? undefined : ours.join(' and ')
}
