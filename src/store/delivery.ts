import type { Changes } from '../incident/changes.ts'
import type { Mentioned } from '../message/message.ts'
import type { Detail, MessageRef } from '../platform/platform.ts'

export type DeliveryState = 'pending' | 'sending' | 'ambiguous' | 'done' | 'superseded' | 'held' | 'dead'

/**
 * One owed create.
 *
 * ```
 * pending ─▶ sending ─▶ done
 *    ▲          ├─────▶ pending     nothing was posted; again later
 *    │          ├─────▶ dead        only a person can help
 *    │          └─────▶ ambiguous   the answer was lost
 *    ├──────────────────── ambiguous ─▶ done   looked up: absent / found
 *    │                         └──────▶ held   it cannot be looked up, and policy is not to risk a second one
 *    └─ a person ── dead, held
 * superseded: the card was lost before this was sent, or a person dropped it.
 * ```
 *
 * Replies that waited too long are sent as one message: all of them have its key in `fold`, move from state to state
 * together, and are told in it one by one. As long as nothing can have been posted they part again.
 */
export interface Delivery {
  readonly key: string
  readonly kind: 'card' | 'reply'
  readonly generation: number
  /** Order inside the lane. */
  readonly seq: number
  readonly state: DeliveryState
  readonly attempts: number
  readonly dueAtMs: number
  readonly detail: Detail
  /** When the last attempt was committed as intent. */
  readonly sentAtMs?: number
  /** When the first attempt was made whose outcome is not known: what may have been posted was posted since. */
  readonly unclearAtMs?: number
  readonly reason?: string
  /** The key of the message that tells this reply together with others: that of the first of them. */
  readonly fold?: string
  readonly broadcast: boolean
  /** Whom it calls: decided when it came to be owed, so that sending it again calls the same. */
  readonly mention: readonly Mentioned[]
  /** The event a reply tells of; for a card, the event that brought it. */
  readonly event: ReplyEvent
}

/** An event as its reply needs it. */
export interface ReplyEvent {
  readonly id: string
  readonly body: string
  readonly receivedAtMs: number
  readonly effectiveAtMs: number
  readonly changes: Changes
  /** Told although a newer event was applied before it. */
  readonly late: boolean
}

export interface OwedDelivery {
  readonly key: string
  readonly kind: 'card' | 'reply'
  readonly generation: number
  readonly broadcast: boolean
  readonly mention: readonly Mentioned[]
  readonly late: boolean
  /** Not owed while the lane's card is still to be posted: that calls them then. */
  readonly unlessCard?: true
}

export type DeliveryPatch = { readonly key: string } & Partial<
  Pick<Delivery, 'state' | 'attempts' | 'dueAtMs' | 'detail' | 'sentAtMs' | 'unclearAtMs' | 'reason'> & {
    readonly ref: MessageRef
    readonly fold: string | null
  }
>
