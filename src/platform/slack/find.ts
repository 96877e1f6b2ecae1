import type { WebClient } from '@slack/web-api'
import * as v from 'valibot'
import type { Found, Lost } from '../platform.ts'
import { Identity, keyIn, Page, type Listed } from './answers.ts'
import { errorStringOf, toOutcome } from './errors.ts'
import { toMark, type Mark, type Metadata } from './mark.ts'

/** Ours: how long after the call was given up it may still land. Looking too early would make a second message. */
const LATE_MS = 15_000
/** Ours: how far our clock may be behind or ahead of Slack's. */
const CLOCK_BEHIND_MS = 60_000
const CLOCK_AHEAD_MS = 5 * 60_000
/** Slack recommends at most 200 a page. https://docs.slack.dev/reference/methods/conversations.history (as of 2026-11) */
const PAGE_SIZE = 200
/** Ours: the messages of some minutes; a channel busier than that is not worth its calls. */
const MAX_PAGES = 5

/** Errors that say this account may not look, though it may post. */
const MAY_NOT_LOOK = new Set(['missing_scope', 'not_in_channel', 'not_allowed_token_type', 'no_permission'])

export interface Finder {
  find(lost: Lost, nowMs: number): Promise<Found>
}

export interface FinderOptions {
  readonly client: WebClient
  readonly callTimeoutMs: number
  /** Without metadata, not finding a message proves nothing where there are others of ours. */
  readonly metadata: Metadata
  /** Take away a reply that landed in the channel; never throws. */
  readonly removeStray: (channel: string, ts: string) => Promise<void>
}

/** Looks for lost creates by the key in their metadata, among our own messages of that time. */
export function createFinder(options: FinderOptions): Finder {
  const { client, callTimeoutMs } = options
  let botId: string | undefined

  async function find(lost: Lost, nowMs: number): Promise<Found> {
    const settledAtMs = lost.sentAtMs + callTimeoutMs + LATE_MS
    if (nowMs < settledAtMs) return { kind: 'wait', untilMs: settledAtMs }
    const window = {
      oldest: toTs((lost.unclearSinceMs ?? lost.sentAtMs) - CLOCK_BEHIND_MS),
      latest: toTs(settledAtMs + CLOCK_AHEAD_MS),
      inclusive: true,
      include_all_metadata: true,
      limit: PAGE_SIZE,
    }
    try {
      return lost.kind === 'card' ? await findCard(lost, window) : await findReply(lost, window)
    } catch (error) {
      const text = errorStringOf(error)
      if (text !== undefined && MAY_NOT_LOOK.has(text)) return { kind: 'unable', detail: text }
      return { kind: 'failed', outcome: toOutcome(error, 'find') }
    }
  }

  async function findCard(lost: Lost, window: object): Promise<Found> {
    const { channel, key } = lost
    const result = await scan('conversations.history', { channel, ...window }, toMark(key))
    if (result.kind !== 'found') return notFound(result)
    const { ts } = result.message
    return { kind: 'found', ref: { channel, message: ts, thread: ts } }
  }

  async function findReply(lost: Lost, window: object): Promise<Found> {
    const { card, key } = lost
    if (card === undefined) return { kind: 'unable', detail: 'the card of the reply is not known' }
    const { channel } = card
    const thread = card.thread ?? card.message
    try {
      const result = await scan('conversations.replies', { channel, ts: thread, ...window }, toMark(key))
      if (result.kind !== 'found') return notFound(result)
      return { kind: 'found', ref: { channel, message: result.message.ts, thread } }
    } catch (error) {
      if (errorStringOf(error) !== 'thread_not_found') throw error
    }
    // Without its card the reply has no thread, but it may have landed in the channel.
    const stray = await scan('conversations.history', { channel, ...window }, toMark(key))
    if (stray.kind === 'found') await options.removeStray(channel, stray.message.ts)
    return stray.kind === 'found' ? { kind: 'absent' } : notFound(stray)
  }

  function notFound(scanned: Exclude<Scanned, { kind: 'found' }>): Found {
    if (scanned.kind === 'endless') return { kind: 'unable', detail: 'too many messages to look through' }
    if (scanned.kind === 'garbled') {
      return {
        kind: 'failed',
        outcome: { kind: 'retry', reason: 'server_error', detail: 'the answer lists no messages' },
      }
    }
    return provesAbsence(scanned) ? { kind: 'absent' } : { kind: 'unable', detail: 'slack does not keep our metadata' }
  }

  /** Where nothing is of ours, nothing was posted. Where something is, one of them must show that we would know it. */
  function provesAbsence({ ours, marked }: Extract<Scanned, { kind: 'none' }>): boolean {
    const { metadata } = options
    if (marked > 0) metadata.kept ??= true
    return ours === 0 || (metadata.kept ?? false)
  }

  /**
   * Page through messages until one bears the mark. A thread begins with its card (`ts`), whenever that was posted: it is
   * none of those looked for. Throws what the client throws.
   */
  async function scan(method: string, request: Readonly<Record<string, unknown>>, mark: Mark): Promise<Scanned> {
    botId ??= v.parse(Identity, await client.apiCall('auth.test')).bot_id
    let cursor: string | undefined
    let ours = 0
    let marked = 0
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = v.safeParse(
        Page,
        await client.apiCall(method, { ...request, ...(cursor !== undefined && { cursor }) }),
      )
      if (!answer.success) return { kind: 'garbled' }
      const own = answer.output.messages.filter((one) => one.bot_id === botId)
      const message = own.find((one) => bears(one, mark))
      if (message !== undefined) return { kind: 'found', message }
      ours += own.filter(({ ts }) => ts !== request['ts']).length
      marked += own.filter(({ metadata }) => keyIn(metadata) !== undefined).length
      cursor = answer.output.response_metadata?.next_cursor || undefined
      if (cursor === undefined) return { kind: 'none', ours, marked }
    }
    return { kind: 'endless' }
  }

  return { find }
}

type Scanned =
  | { readonly kind: 'found'; readonly message: Listed }
  /** How many of the messages are ours, and how many of ours have a key. */
  | { readonly kind: 'none'; readonly ours: number; readonly marked: number }
  | { readonly kind: 'endless' }
  | { readonly kind: 'garbled' }

function bears(message: Listed, mark: Mark): boolean {
  return keyIn(message.metadata) === mark.key || message.client_msg_id === mark.clientMsgId
}

/** An instant as Slack writes it: seconds with six digits behind the point. */
function toTs(atMs: number): string {
  return (Math.max(0, atMs) / 1000).toFixed(6)
}
