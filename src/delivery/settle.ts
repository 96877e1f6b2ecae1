import { deliveryKey } from '../incident/key.ts'
import { isClosed } from '../incident/state.ts'
import type { MessageRef, Operation, Outcome } from '../platform/platform.ts'
import type { Delivery, DeliveryPatch } from '../store/delivery.ts'
import { toProbeWaitMs, toUnclearWaitMs, toWaitMs } from './backoff.ts'
import { plainer } from './draw.ts'
import { subject, type Change, type Held } from './held.ts'

export interface Shown {
  readonly shownVersion: number
  readonly shownHash: string
}

/** A card deleted by people is made again this often; after that they seem to mean it. */
const MAX_RECREATIONS = 3
/** An answer that nobody here knows may pass. After so many of them it seems to be meant. */
const MAX_UNLISTED = 3

/** The same for every one of several deliveries. */
export function toAll(deliveries: readonly Delivery[], patch: Omit<DeliveryPatch, 'key'>): Change {
  return { deliveries: deliveries.map(({ key }) => ({ key, ...patch })) }
}

/** Replies told together that part again: each is sent by itself, a little plainer. */
export const ALONE = { state: 'pending', detail: 'compact', fold: null } as const satisfies Omit<DeliveryPatch, 'key'>

/** The intent was on disk, and yet no call was made: owed as before, as if it had never been tried. */
export function unsent(deliveries: readonly Delivery[], sentBeforeMs: number | undefined): Change {
  const [head] = deliveries
  if (head === undefined) return {}
  const attempts = head.attempts - 1
  if (head.unclearAtMs === undefined) return toAll(deliveries, { state: 'pending', attempts, fold: null })
  const sent = sentBeforeMs === undefined ? {} : { sentAtMs: sentBeforeMs }
  return toAll(deliveries, { state: 'ambiguous', attempts, ...sent })
}

/** What came of a create: of a card, or of the replies that one message tells. */
export async function afterSend(
  held: Held,
  deliveries: readonly Delivery[],
  outcome: Outcome,
  shown: Shown | undefined,
): Promise<Change> {
  const { options } = held
  const nowMs = options.clock.now()
  const [head] = deliveries
  if (head === undefined) return {}
  const { kind, attempts } = head
  const isUnclear = head.unclearAtMs !== undefined
  const given = (patch: Omit<DeliveryPatch, 'key'>): Change => toAll(deliveries, patch)
  // What may have been posted stays together, so that it is looked for, and sent again, as what it was.
  const again = (patch: Omit<DeliveryPatch, 'key'>): Change =>
    given(isUnclear ? { ...patch, state: 'ambiguous' } : { ...patch, state: 'pending', fold: null })
  switch (outcome.kind) {
    case 'sent': {
      const done = given({ state: 'done', ref: outcome.ref })
      if (shown === undefined) return done
      // A repeated create may have given back the message of an earlier attempt, drawn from older state: it owes an edit.
      const shows = isUnclear ? { shownVersion: 0, shownHash: null } : shown
      return { ...done, set: { card: outcome.ref, ...shows, shownAtMs: nowMs, editAgainAtMs: null, frozen: false } }
    }
    case 'unknown': {
      if (outcome.unlisted === true && attempts >= MAX_UNLISTED) {
        return hold(held, deliveries, `the platform answered ${outcome.detail}, which this relay does not know`)
      }
      const dueAtMs = nowMs + toUnclearWaitMs(attempts, options.random())
      return given({ state: 'ambiguous', dueAtMs, reason: outcome.detail })
    }
    case 'retry':
      return again({ dueAtMs: await retryAtMs(held, kind, outcome, attempts), reason: outcome.reason })
    case 'gone':
      // The key of a card that is gone is used up; a reply is still owed, to the card that comes next.
      return {
        ...given({ state: kind === 'card' ? 'superseded' : 'pending', reason: outcome.detail, fold: null }),
        ...lost(held, outcome.what),
      }
    case 'rejected': {
      if (isBroken(outcome)) {
        const atMs = kind === 'reply' ? replyProbeAtMs(held, outcome, attempts) : nowMs
        return again({ dueAtMs: atMs, reason: outcome.detail })
      }
      if (isRefusal(outcome)) {
        if (deliveries.length > 1) return given({ ...ALONE, reason: outcome.detail })
        const next = plainer(head.detail)
        if (next !== undefined) return given({ state: 'pending', detail: next, reason: outcome.detail })
      }
      warn(held, 'delivery.dead', outcome)
      const dead = given({ state: 'dead', reason: `${outcome.reason}: ${outcome.detail}` })
      return shown === undefined ? dead : { ...dead, set: { shownVersion: shown.shownVersion } }
    }
  }
}

/** Send no more of what may have been posted already; a card that is held is not made anew by later events either. */
export function hold({ options, outlet, work }: Held, deliveries: readonly Delivery[], reason: string): Change {
  const { lane, incident } = work
  options.report.warned('delivery.held', { destination: outlet.destination, incident_id: lane.incidentId, reason })
  const held = toAll(deliveries, { state: 'held', reason })
  const isCard = deliveries.some(({ kind }) => kind === 'card')
  return isCard ? { ...held, set: { shownVersion: incident.version, frozen: true } } : held
}

/** What came of an edit that was not carried out. `shown` is what it would have shown. */
export async function afterEdit(
  held: Held,
  outcome: Exclude<Outcome, { kind: 'sent' }>,
  shown: Shown,
): Promise<Change> {
  const { lane } = held.work
  const editAttempts = lane.editAttempts + 1
  switch (outcome.kind) {
    case 'gone':
      return lost(held, outcome.what)
    case 'retry':
    case 'unknown': {
      if (outcome.unlisted === true && editAttempts >= MAX_UNLISTED) {
        warn(held, 'card.edit_refused', { reason: 'unlisted', detail: outcome.detail })
        return { set: { shownVersion: shown.shownVersion, editAttempts: 0 } }
      }
      const editDueAtMs = await retryAtMs(held, 'edit', toRetry(outcome), editAttempts)
      return { set: { editAttempts, editDueAtMs, ...mayLand(held, outcome) } }
    }
    case 'rejected': {
      if (isBroken(outcome)) return {}
      warn(held, 'card.edit_refused', outcome)
      const frozen = outcome.reason === 'edit_refused'
      return { set: { shownVersion: shown.shownVersion, frozen, editAttempts: 0 } }
    }
  }
}

/** How long after it was given up an edit may still be carried out. Ours: what both look-ups allow a create, and more. */
const LATE_EDIT_MS = 40_000

/** An edit without an answer may come after the next one, and take the card back to what it showed before. */
function mayLand({ options }: Held, outcome: Outcome): { editAgainAtMs?: number } {
  const isClear = outcome.kind === 'retry' && outcome.reason !== 'server_error'
  return isClear ? {} : { editAgainAtMs: options.clock.now() + LATE_EDIT_MS }
}

/** What came of a thread that could not be started; `reply` is the one that waits for it. */
export async function afterThread(
  held: Held,
  outcome: Exclude<Outcome, { kind: 'sent' }>,
  reply: Delivery,
): Promise<Change> {
  const attempts = reply.attempts + 1
  const given = (patch: Omit<DeliveryPatch, 'key'>): Change => ({
    deliveries: [{ key: reply.key, attempts, ...patch }],
  })
  switch (outcome.kind) {
    case 'gone':
      return lost(held, 'card')
    case 'retry':
    // A card has one thread at most, so starting it again cannot make a second.
    case 'unknown':
      return given({ dueAtMs: await retryAtMs(held, 'thread', toRetry(outcome), attempts), reason: outcome.detail })
    case 'rejected': {
      if (isBroken(outcome)) return given({ dueAtMs: replyProbeAtMs(held, outcome, attempts), reason: outcome.detail })
      warn(held, 'delivery.dead', outcome)
      return given({ state: 'dead', reason: `${outcome.reason}: ${outcome.detail}` })
    }
  }
}

/** Owe a new card for one that was lost or given up on, or, where none is wanted any more, owe nothing. */
export function renewed({ options, work }: Held): Change {
  const { lane, incident } = work
  // Frozen without a card: nothing is made here any more until a person asks for it.
  if (lane.frozen) return { supersede: 'the card is held, or was deleted and is left so' }
  const isOpen = !isClosed(incident.snapshot)
  const isLeft = isOpen && options.policy().onCardDeleted === 'ignore' && lane.shownVersion === 0
  if (!isOpen || isLeft || lane.generation > MAX_RECREATIONS) {
    const supersede = lane.generation > MAX_RECREATIONS ? 'the card was deleted too often' : 'the card was deleted'
    return { set: { shownVersion: incident.version, ...(isLeft && { frozen: true }) }, supersede }
  }
  const generation = lane.generation + 1
  const key = deliveryKey('card', lane, String(generation))
  return {
    set: { generation },
    owed: { key, kind: 'card', generation, broadcast: false, mention: [], late: false, eventId: incident.last.id },
  }
}

/** Another rendering of the message may pass where this one did not. */
export function isRefusal(outcome: Outcome): boolean {
  return outcome.kind === 'rejected' && (outcome.reason === 'message_refused' || outcome.reason === 'content_blocked')
}

/** Forget what is gone: with the card all of it, with the thread only where replies go. */
function lost({ work }: Held, what: 'card' | 'thread'): Pick<Change, 'set'> {
  const { card } = work.lane
  if (what === 'card' || card === undefined)
    return { set: { card: null, shownVersion: 0, shownHash: null, editAgainAtMs: null, frozen: false } }
  const withoutThread: MessageRef = { channel: card.channel, message: card.message }
  return { set: { card: withoutThread } }
}

/** When to try again. A "slow down" of the platform holds back every call of the kind. */
export async function retryAtMs(
  held: Held,
  operation: Operation,
  outcome: Extract<Outcome, { kind: 'retry' }>,
  attempts: number,
): Promise<number> {
  const { options, outlet } = held
  const atMs = options.clock.now() + toWaitMs(outcome, attempts, options.random())
  if (outcome.reason === 'rate_limited') await options.limited(subject(outlet, operation), atMs, outcome.wide === true)
  return atMs
}

/** What is harmless to repeat is repeated, whatever became of it. */
export function toRetry(outcome: Outcome): Extract<Outcome, { kind: 'retry' }> {
  if (outcome.kind === 'retry') return outcome
  return { kind: 'retry', reason: 'server_error', detail: 'detail' in outcome ? outcome.detail : outcome.kind }
}

/** The way to the message is at fault and not the message: a circuit waits, and the lane goes on when it closes. */
function isBroken(outcome: Extract<Outcome, { kind: 'rejected' }>): boolean {
  return outcome.reason === 'channel_broken' || outcome.reason === 'token_broken'
}

/**
 * When to try a reply again that the channel will not take. It may be the replies alone that are not allowed (threads
 * have permissions of their own), so the cards of the destination go on; a card that fails too opens the circuit.
 */
function replyProbeAtMs(held: Held, outcome: Extract<Outcome, { kind: 'rejected' }>, attempts: number): number {
  const nowMs = held.options.clock.now()
  if (outcome.reason !== 'channel_broken') return nowMs
  warn(held, 'replies.refused', outcome)
  return nowMs + toProbeWaitMs('channel_broken', attempts)
}

function warn(
  { options, outlet, work }: Held,
  event: string,
  { reason, detail }: { readonly reason: string; readonly detail: string },
): void {
  options.report.warned(event, { destination: outlet.destination, incident_id: work.lane.incidentId, reason, detail })
}
