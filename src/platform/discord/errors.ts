import { DiscordAPIError, HTTPError, RateLimitError } from 'discord.js'
import { ValiError } from 'valibot'
import type { Operation, Outcome } from '../platform.ts'
import { CODES, STATUSES, type Reaction } from './codes.ts'
import { toTransportFailure } from '../transport.ts'

/** Our floor: a 429 without Retry-After reads as 0, and asking again at once is how a bot gets banned. */
const MIN_WAIT_MS = 1000

/** Edits of messages older than an hour: 3 in 6 s a channel. discord-userdoccers (read 2026-05). */
const LIMITED_MS = 6000

/** Our choice: a server gets room for one more thread in minutes, not in seconds. */
const LATER_MS = 60_000

/** A wait longer than a day is no wait but a mistake of whoever stands in between. */
const MAX_WAIT_MS = 24 * 60 * 60_000

/** What the client says, in a plain Error, once a 401 made it forget its token. */
const NO_TOKEN = 'Expected token to be set'

/**
 * Sort whatever the Discord client threw into an {@link Outcome}. Pure; never throws. What cannot be told apart is
 * `unknown` for a create and `retry` for everything that is harmless to repeat. No detail holds words of the answer:
 * they may quote the message, and a proxy's page may hold anything.
 */
export function toOutcome(error: unknown, operation: Operation): Outcome {
  if (error instanceof RateLimitError) return rateLimited(error)
  if (error instanceof DiscordAPIError) return ofAnswer(error, operation)
  if (error instanceof HTTPError) return unclear(operation, `http ${error.status}`)
  if (error instanceof ValiError) return unclear(operation, 'the answer is not from Discord')
  if (error instanceof Error && error.message.startsWith(NO_TOKEN)) {
    return { kind: 'rejected', reason: 'token_broken', detail: 'the bot token was not accepted' }
  }
  const { sent, detail } = toTransportFailure(error)
  return sent ? unclear(operation, detail) : { kind: 'retry', reason: 'unreachable', detail }
}

/** Discord's own code in what the client threw; undefined for anything else, such as a proxy's page. */
export function codeOf(error: unknown): number | undefined {
  if (!(error instanceof DiscordAPIError)) return undefined
  // The client's type leaves out that an answer without JSON has no code at all.
  const code: unknown = error.code
  return typeof code === 'number' && code !== 0 ? code : undefined
}

function ofAnswer(error: DiscordAPIError, operation: Operation): Outcome {
  const code = codeOf(error)
  const [listed, says] = CODES.get(code ?? 0) ?? []
  const reaction = error.status === 401 ? 'token' : (listed ?? STATUSES.get(error.status))
  const detail = code === undefined ? `http ${error.status}` : `${code} ${says ?? `http ${error.status}`}`
  if (reaction === undefined) return unclear(operation, detail)
  return ofReaction(reaction, operation, code === 50035 ? detail + wrongFields(error) : detail)
}

function ofReaction(reaction: Reaction, operation: Operation, detail: string): Outcome {
  switch (reaction) {
    case 'limited':
      return { kind: 'retry', reason: 'rate_limited', detail, afterMs: LIMITED_MS }
    case 'later':
      return { kind: 'retry', reason: 'server_error', detail, afterMs: LATER_MS }
    case 'refused':
      return { kind: 'rejected', reason: operation === 'find' ? 'bug' : 'message_refused', detail }
    case 'blocked':
      return { kind: 'rejected', reason: 'content_blocked', detail }
    case 'channel':
      return { kind: 'rejected', reason: 'channel_broken', detail }
    case 'token':
      return { kind: 'rejected', reason: 'token_broken', detail }
    case 'lost_channel':
      return operation === 'reply'
        ? { kind: 'gone', what: 'thread', detail }
        : { kind: 'rejected', reason: 'channel_broken', detail }
    case 'lost_message':
      // On a create: its nonce belongs to a message that was deleted since, and never makes another one.
      return { kind: 'gone', what: 'card', detail }
    case 'foreign':
      return operation === 'edit' ? { kind: 'gone', what: 'card', detail } : { kind: 'rejected', reason: 'bug', detail }
    case 'archived':
      return { kind: 'retry', reason: 'archived', detail }
    case 'locked':
      // A card inside a locked thread is a forum post: it stays as it is.
      return { kind: 'rejected', reason: operation === 'edit' ? 'edit_refused' : 'thread_locked', detail }
    case 'bug':
      return { kind: 'rejected', reason: 'bug', detail }
  }
}

/** A create may have been carried out; anything else is done again without harm. */
function unclear(operation: Operation, detail: string): Outcome {
  return operation === 'card' || operation === 'reply'
    ? { kind: 'unknown', detail }
    : { kind: 'retry', reason: 'server_error', detail }
}

function rateLimited(error: RateLimitError): Outcome {
  const said = error.retryAfter <= MAX_WAIT_MS
  return {
    kind: 'retry',
    reason: 'rate_limited',
    detail: error.global ? 'rate limited, the whole account' : 'rate limited',
    ...(error.global && { wide: true }),
    ...(said && { afterMs: Math.max(error.retryAfter, MIN_WAIT_MS) }),
  }
}

/** Where a form is wrong, as `embeds[0].title[BASE_TYPE_MAX_LENGTH]`. The rest of each line may quote the message. */
function wrongFields(error: DiscordAPIError): string {
  const paths = error.message.match(/^[\w.[\]]{1,100}\[[A-Z_]{1,60}\](?=: )/gm) ?? []
  return paths.length === 0 ? '' : `: ${paths.slice(0, 5).join(', ')}`
}
