import * as v from 'valibot'
import type {
  AccountOptions,
  Budget,
  MessageRef,
  Operation,
  Outcome,
  Platform,
  PostRequest,
  ReplyRequest,
} from '../platform.ts'
import { keyIn, Posted } from './answers.ts'
import { CONCURRENCY, createClient } from './client.ts'
import { createDirectory } from './directory.ts'
import { reactionTo, toOutcome } from './errors.ts'
import { createFinder } from './find.ts'
import { toMark, type Metadata } from './mark.ts'
import { drawCard, drawReply } from './payload.ts'
import { toCall } from './rich-text.ts'

/**
 * Slack: 1 message per second and channel with short bursts, and an unpublished few hundred a minute per workspace;
 * 50 a minute for chat.update and for reading. https://docs.slack.dev/apis/web-api/rate-limits (as of 2026-11)
 * Ours stay under each by a few per cent: what a clock and a slow way may add to the distance of two calls.
 */
const POSTS: readonly Budget[] = [
  { kind: 'refill', scope: 'channel', name: 'post', count: 4, perMs: 1_030 },
  { kind: 'window', scope: 'account', name: 'post', count: 4, perMs: 1_000 },
]
const BUDGETS: Readonly<Record<Operation, readonly Budget[]>> = {
  card: POSTS,
  reply: POSTS,
  edit: [{ kind: 'window', scope: 'account', name: 'edit', count: 48, perMs: 60_500 }],
  thread: [],
  find: [{ kind: 'window', scope: 'account', name: 'find', count: 40, perMs: 60_000 }],
}

/** Nothing in our texts is for Slack to read: no names, no previews. An update resets both unless told again. */
const AS_IS = { parse: 'none', link_names: false } as const

/** One Slack workspace, through a bot token. */
export function createSlack(options: AccountOptions): Platform {
  const { callTimeoutMs, log } = options
  const client = createClient(options)
  const monotonicMs = options.monotonicMs ?? (() => performance.now())
  const people = createDirectory({ client: createClient(options), people: options.people, monotonicMs, log })
  const metadata: Metadata = { accepted: true, kept: undefined }
  const finder = createFinder({ client, callTimeoutMs, metadata, removeStray })

  async function post(operation: 'card' | 'reply', request: Post): Promise<Outcome> {
    const mark = toMark(request.key, request.thread)
    const sendsMetadata = metadata.accepted
    let answer: unknown
    try {
      answer = await client.apiCall('chat.postMessage', {
        channel: request.channel,
        ...request.drawn,
        ...AS_IS,
        unfurl_links: false,
        unfurl_media: false,
        client_msg_id: mark.clientMsgId,
        ...(sendsMetadata && { metadata: mark.metadata }),
        ...(request.thread !== undefined && { thread_ts: request.thread, reply_broadcast: request.broadcast ?? false }),
      })
    } catch (error) {
      if (sendsMetadata && reactionTo(error) === 'metadata') return withoutMetadata(error, operation)
      return toOutcome(error, operation)
    }
    const posted = v.safeParse(Posted, answer)
    if (!posted.success || (request.thread !== undefined && posted.output.message === undefined)) {
      return { kind: 'unknown', detail: 'the answer names no message' }
    }
    const { channel, ts, message } = posted.output
    if (message !== undefined) metadata.kept = sendsMetadata && keyIn(message.metadata) === mark.key
    if (request.thread === undefined) return { kind: 'sent', ref: { channel, message: ts, thread: ts } }
    if (message?.thread_ts === request.thread) {
      return { kind: 'sent', ref: { channel, message: ts, thread: request.thread } }
    }
    // Slack posts a reply to a deleted card into the channel and says ok.
    await removeStray(channel, ts)
    return { kind: 'gone', what: 'card', detail: 'the reply landed in the channel' }
  }

  /** Nothing was posted, and the words were fine: the next attempt does without the metadata. */
  function withoutMetadata(error: unknown, operation: Operation): Outcome {
    metadata.accepted = false
    metadata.kept = false
    const { kind, ...refused } = toOutcome(error, operation)
    const detail = 'detail' in refused ? refused.detail : kind
    log('warn', `slack refused the metadata of a message (${detail}); messages go without it until the next start`)
    return { kind: 'retry', reason: 'server_error', detail }
  }

  async function removeStray(channel: string, ts: string): Promise<void> {
    try {
      await client.apiCall('chat.delete', { channel, ts })
    } catch (error) {
      // The next message still goes to the right place; a person can delete this one.
      const outcome = toOutcome(error, 'edit')
      if (outcome.kind === 'gone') return
      const detail = outcome.kind === 'sent' ? '' : outcome.detail
      log('warn', `a reply landed in channel ${channel} at ${ts} and could not be removed: ${detail}`)
    }
  }

  return {
    kind: 'slack',
    budgets: BUDGETS,
    concurrency: CONCURRENCY,
    reach(who) {
      if (who.kind === 'person') return people.reach(who.email)
      return toCall(who, people) === undefined ? 'no' : 'yes'
    },
    drawCard: (message, detail, forEdit) => drawCard(message, detail, forEdit, people),
    drawReply: (message, detail) => drawReply(message, detail, people),
    postCard: (request: PostRequest) => post('card', request),
    reply: ({ card, drawn, key, broadcast }: ReplyRequest) =>
      post('reply', { channel: card.channel, drawn, key, broadcast, thread: threadOf(card) }),
    async editCard(card, drawn) {
      try {
        await client.apiCall('chat.update', { channel: card.channel, ts: card.message, ...drawn, ...AS_IS })
        return { kind: 'sent', ref: { ...card, thread: threadOf(card) } }
      } catch (error) {
        return toOutcome(error, 'edit')
      }
    },
    // Replies to a card are its thread; there is nothing to start.
    startThread: async (card) => ({ kind: 'sent', ref: { ...card, thread: threadOf(card) } }),
    find: (lost, nowMs) => finder.find(lost, nowMs),
    owns: ({ message }) => /^\d+\.\d+$/.test(message),
    // The client holds neither sockets of its own nor timers once its calls are over.
    stop: async () => {},
  }
}

interface Post extends PostRequest {
  readonly thread?: string
  readonly broadcast?: boolean
}

function threadOf(card: MessageRef): string {
  return card.thread ?? card.message
}
