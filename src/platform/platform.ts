import type { Mentioned, Message } from '../message/message.ts'

/** Ours: the longest wait for a platform's answer. Leases leave room for it, and so does the time to stop. */
export const CALL_TIMEOUT_MS = 10_000

/** What is asked of a chat platform. Also the key of its budgets and a metric label. */
export type Operation = 'card' | 'edit' | 'reply' | 'thread' | 'find'

/** Where a card lives. `thread` is set as soon as replies can be posted. Ids are the platform's own. */
export interface MessageRef {
  readonly channel: string
  readonly message: string
  readonly thread?: string
}

/**
 * What one attempt came to. Platforms return this and never throw, so the
 * compiler checks that the worker handles every case.
 *
 * - `sent`      the platform confirmed the message.
 * - `retry`     nothing was posted; the same attempt may succeed later.
 * - `rejected`  nothing was posted; only a person, or another rendering, can help.
 * - `gone`      the card or thread to act on no longer exists.
 * - `unknown`   the request may have been carried out (say, a timeout after the
 *               body was sent). Look for the message before sending again.
 *
 * `unlisted` is set where the platform itself answered, in words that no table of ours explains: it may well be a
 * refusal that stays one however often the call is made, so a few tries are enough.
 */
export type Outcome =
  | { readonly kind: 'sent'; readonly ref: MessageRef }
  | {
      readonly kind: 'retry'
      readonly reason: RetryReason
      readonly detail: string
      readonly afterMs?: number
      /** It is the whole account that is limited, and not this kind of call alone. */
      readonly wide?: true
      readonly unlisted?: true
    }
  | { readonly kind: 'rejected'; readonly reason: RejectReason; readonly detail: string }
  | { readonly kind: 'gone'; readonly what: 'card' | 'thread'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string; readonly unlisted?: true }

/**
 * - `rate_limited`  the platform said 429 or its words for it; wait `afterMs` if it said how long.
 * - `server_error`  the platform failed and says nothing was done, or doing it again is harmless.
 * - `unreachable`   no byte of the request can have arrived (refused, DNS, TLS).
 * - `archived`      the thread was archived and has been re-opened: try again at once.
 */
export type RetryReason = 'rate_limited' | 'server_error' | 'unreachable' | 'archived'

/**
 * - `message_refused`  this rendering is not accepted; a plainer one may be.
 * - `content_blocked`  a moderation or link filter refused it; one without links may pass.
 * - `channel_broken`   not a member, no permission, archived, deleted, wrong kind of channel.
 * - `token_broken`     the account cannot act at all.
 * - `thread_locked`    a moderator froze the thread; the card can still be edited.
 * - `edit_refused`     this card can no longer be edited; it stays as it is.
 * - `bug`              the platform says our request makes no sense.
 */
export type RejectReason =
  'message_refused' | 'content_blocked' | 'channel_broken' | 'token_broken' | 'thread_locked' | 'edit_refused' | 'bug'

/** How much of a message is drawn: everything, the parts one cannot do without, or words and one link. */
export type Detail = 'full' | 'compact' | 'plain'

/**
 * Whether a message drawn at this moment would call somebody.
 *
 * - `yes`   by an id that is known.
 * - `soon`  not yet: the id is being looked up, which is worth waiting for. So it is for two seconds at most.
 * - `no`    a person stands there by name.
 */
export type Reach = 'yes' | 'soon' | 'no'

/** A message drawn for one platform: plain JSON, ready to send. Equal JSON means an equal look. */
export type Drawn = Readonly<Record<string, unknown>>

/**
 * How many calls may be made, counted for the whole account or for one channel of it.
 *
 * - `window`  at most `count` in any `perMs`.
 * - `refill`  `count` at once, and one more every `perMs`.
 */
export interface Budget {
  readonly kind: 'window' | 'refill'
  readonly scope: 'account' | 'channel'
  /** Budgets of one scope with the same name are one bucket: operations can share it. */
  readonly name: string
  readonly count: number
  readonly perMs: number
}

export interface PostRequest {
  readonly channel: string
  readonly drawn: Drawn
  /** Identifies this create for ever: the same key never makes a second message if the platform can tell. */
  readonly key: string
}

export interface ReplyRequest {
  readonly card: MessageRef
  readonly drawn: Drawn
  readonly key: string
  /** Also show the reply in the channel, where the platform can. */
  readonly broadcast: boolean
}

/** A create whose outcome is not known. */
export interface Lost {
  readonly kind: 'card' | 'reply'
  readonly channel: string
  /** The card a lost reply belongs to. */
  readonly card?: MessageRef
  readonly key: string
  /** The last attempt: it may land until it times out. */
  readonly sentAtMs: number
  /** The first attempt that may have been carried out, where the last was not the only one. */
  readonly unclearSinceMs?: number
}

/**
 * - `found`   it was posted: adopt `ref`.
 * - `absent`  it was not posted, or sending it again with the same key cannot double it.
 * - `wait`    it may still land; ask again at `untilMs`.
 * - `unable`  this account cannot look (say, no scope): policy decides.
 * - `failed`  the look-up itself failed.
 */
export type Found =
  | { readonly kind: 'found'; readonly ref: MessageRef }
  | { readonly kind: 'absent' }
  | { readonly kind: 'wait'; readonly untilMs: number }
  | { readonly kind: 'unable'; readonly detail: string }
  | { readonly kind: 'failed'; readonly outcome: Outcome }

/** What an account is made from, on any platform. */
export interface AccountOptions {
  readonly token: string
  /** Where the platform's API is; the real one when absent. Only for tests and gateways. */
  readonly apiUrl?: string
  /** How long one call may take, ms. */
  readonly callTimeoutMs: number
  /** The platform's own user ids by lower-case e-mail: who can be mentioned without asking the platform. */
  readonly people: ReadonlyMap<string, string>
  /** ms since some instant, never jumping; the process's own if absent. */
  readonly monotonicMs?: () => number
  readonly log: AccountLog
}

/** What a platform's library has to say. Never a token, never a text of an incident. */
export type AccountLog = (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void

/** One account on one chat platform. Never retries, never sleeps, never throws: the lane owns all waiting. */
export interface Platform {
  readonly kind: 'slack' | 'discord'
  /** Budgets to keep to, per operation, a little under the platform's own. */
  readonly budgets: Readonly<Record<Operation, readonly Budget[]>>
  /** How many calls may be under way at once. */
  readonly concurrency: number

  /**
   * Whether a message drawn now would call somebody. Asked for a person who is not known, the platform begins to look
   * them up if it can; nothing ever waits for that. Failing to find somebody is `no`, and is not told.
   */
  reach(who: Mentioned): Reach
  /** Draw a card inside every limit of the platform, with whoever is known. No I/O. `forEdit` leaves mentions out. */
  drawCard(message: Message, detail: Detail, forEdit: boolean): Drawn
  /** Draw a reply inside every limit of the platform, with whoever is known. No I/O. */
  drawReply(message: Message, detail: Detail): Drawn

  /** Post a card. The ref holds the thread if one exists from the start (Slack, Discord forums). */
  postCard(request: PostRequest): Promise<Outcome>
  /** Replace a card's content. Repeating it is harmless, so it is never `unknown`. */
  editCard(card: MessageRef, drawn: Drawn): Promise<Outcome>
  /** Start the thread of a card, or adopt the one it has. `sent` carries the ref with its thread. */
  startThread(card: MessageRef, drawn: Drawn): Promise<Outcome>
  reply(request: ReplyRequest): Promise<Outcome>
  find(lost: Lost, nowMs: number): Promise<Found>
  /** Whether a ref can be of this platform. A destination may have been moved here from another one. Pure. */
  owns(ref: MessageRef): boolean
  /** Let go of sockets and timers. */
  stop(): Promise<void>
}
