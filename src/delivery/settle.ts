import { cardKey } from '../incident/plan.ts'
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

/** What came of a create. */
export async function afterSend(
  held: Held,
  delivery: Delivery,
  outcome: Outcome,
  shown: Shown | undefined,
): Promise<Change> {
  const { options } = held
  const { key, attempts, kind } = delivery
  const given = (patch: Omit<DeliveryPatch, 'key'>): Change => ({ deliveries: [{ key, ...patch }] })
  switch (outcome.kind) {
    case 'sent': {
      const done = given({ state: 'done', ref: outcome.ref })
      if (shown === undefined) return done
      // A repeated create may have given back the message of an earlier attempt, drawn from older state: it owes an edit.
      const shows = delivery.unclearAtMs === undefined ? shown : { shownVersion: 0, shownHash: null }
      return { ...done, set: { card: outcome.ref, ...shows, frozen: false } }
    }
    case 'unknown': {
      const nowMs = options.clock.now()
      const dueAtMs = nowMs + toUnclearWaitMs(attempts, options.random())
      const unclearAtMs = delivery.unclearAtMs ?? delivery.sentAtMs ?? nowMs
      return given({ state: 'ambiguous', dueAtMs, unclearAtMs, reason: outcome.detail })
    }
    case 'retry': {
      // This attempt posted nothing, but an earlier one may have: then it must be looked for again first.
      const state = delivery.unclearAtMs === undefined ? 'pending' : 'ambiguous'
      return given({ state, dueAtMs: retryAtMs(held, kind, outcome, attempts), reason: outcome.reason })
    }
    case 'gone':
      // The key of a card that is gone is used up; a reply is still owed, to the card that comes next.
      return {
        ...given({ state: kind === 'card' ? 'superseded' : 'pending', reason: outcome.detail }),
        ...lost(held, outcome.what),
      }
    case 'rejected': {
      const atMs = kind === 'card' ? await probeAtMs(held, outcome) : await replyProbeAtMs(held, outcome, attempts)
      const state = delivery.unclearAtMs === undefined ? 'pending' : 'ambiguous'
      if (atMs !== undefined) return given({ state, dueAtMs: atMs, reason: outcome.detail })
      const next = isRefusal(outcome) ? plainer(delivery.detail) : undefined
      if (next !== undefined) return given({ state: 'pending', detail: next, reason: outcome.detail })
      warn(held, 'delivery.dead', outcome)
      const dead = given({ state: 'dead', reason: `${outcome.reason}: ${outcome.detail}` })
      return shown === undefined ? dead : { ...dead, set: { shownVersion: shown.shownVersion } }
    }
  }
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
      return { set: { editAttempts, editDueAtMs: retryAtMs(held, 'edit', outcome, editAttempts) } }
    case 'unknown': {
      const again = { kind: 'retry', reason: 'server_error', detail: outcome.detail } as const
      return { set: { editAttempts, editDueAtMs: retryAtMs(held, 'edit', again, editAttempts) } }
    }
    case 'rejected': {
      const atMs = await probeAtMs(held, outcome)
      if (atMs !== undefined) return { set: { editAttempts, editDueAtMs: atMs } }
      warn(held, 'card.edit_refused', outcome)
      const frozen = outcome.reason === 'edit_refused'
      return { set: { shownVersion: shown.shownVersion, frozen, editAttempts: 0 } }
    }
  }
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
      return given({ dueAtMs: retryAtMs(held, 'thread', outcome, attempts), reason: outcome.reason })
    case 'unknown': {
      // A card has one thread at most, so starting it again cannot make a second.
      const again = { kind: 'retry', reason: 'server_error', detail: outcome.detail } as const
      return given({ dueAtMs: retryAtMs(held, 'thread', again, attempts), reason: outcome.detail })
    }
    case 'rejected': {
      const atMs = await replyProbeAtMs(held, outcome, attempts)
      if (atMs !== undefined) return given({ dueAtMs: atMs, reason: outcome.detail })
      warn(held, 'delivery.dead', outcome)
      return given({ state: 'dead', reason: `${outcome.reason}: ${outcome.detail}` })
    }
  }
}

/** Owe a new card for one that was lost or given up on, or, where none is wanted any more, owe nothing. */
export function renewed({ options, work }: Held): Change {
  const { lane, incident, deliveries } = work
  // Frozen without a card: it is held, as it may have been posted. A second one is not for us to make.
  const wanted = !lane.frozen && !isClosed(incident.snapshot) && options.policy().onCardDeleted === 'recreate'
  if (!wanted || lane.generation > MAX_RECREATIONS) {
    const reason = wanted ? 'the card was deleted too often' : lane.frozen ? 'the card is held' : 'the card was deleted'
    const superseded = deliveries
      .filter(({ state }) => state === 'pending')
      .map(({ key }) => ({ key, state: 'superseded', reason }) as const)
    return { set: { shownVersion: incident.version }, deliveries: superseded }
  }
  const generation = lane.generation + 1
  const key = cardKey(lane, generation)
  return {
    set: { generation },
    owed: { key, kind: 'card', generation, broadcast: false, mention: 'none', late: false, eventId: incident.last.id },
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
    return { set: { card: null, shownVersion: 0, shownHash: null, frozen: false } }
  const withoutThread: MessageRef = { channel: card.channel, message: card.message }
  return { set: { card: withoutThread } }
}

export function retryAtMs(
  held: Held,
  operation: Operation,
  outcome: Extract<Outcome, { kind: 'retry' }>,
  attempts: number,
): number {
  const { options, outlet } = held
  const atMs = options.clock.now() + toWaitMs(outcome, attempts, options.random())
  if (outcome.reason === 'rate_limited') options.pace.hold(subject(outlet, operation), atMs)
  return atMs
}

/** When to try a broken channel or account again; undefined if the message is at fault and not the way to it. */
export async function probeAtMs(
  held: Held,
  outcome: Extract<Outcome, { kind: 'rejected' }>,
): Promise<number | undefined> {
  if (outcome.reason !== 'channel_broken' && outcome.reason !== 'token_broken') return undefined
  return held.options.broken(held.outlet, outcome.reason, outcome.detail)
}

/**
 * When to try a reply again that the channel will not take. It may be the replies alone that are not allowed (threads
 * have permissions of their own), so the cards of the destination go on; a card that fails too opens the circuit.
 */
async function replyProbeAtMs(
  held: Held,
  outcome: Extract<Outcome, { kind: 'rejected' }>,
  attempts: number,
): Promise<number | undefined> {
  if (outcome.reason !== 'channel_broken') return probeAtMs(held, outcome)
  warn(held, 'replies.refused', outcome)
  return held.options.clock.now() + toProbeWaitMs('channel_broken', attempts)
}

function warn(
  { options, outlet, work }: Held,
  event: string,
  { reason, detail }: Extract<Outcome, { kind: 'rejected' }>,
): void {
  options.report.warned(event, { destination: outlet.destination, incident_id: work.lane.incidentId, reason, detail })
}
