import type { Platform } from '../platform/platform.ts'
import type { Delivery } from '../store/delivery.ts'
import type { LaneWork } from '../store/lane.ts'
import type { AppliedPlan, PlannedLane, StoredEvent } from '../store/store.ts'
import { save, type Held, type Outlet, type ServeOptions } from './held.ts'
import { isSameList, toLateCall } from './late-call.ts'
import { deliver, prepare, type Prepared } from './send.ts'

/** An event and what is to come of it. */
export interface Planned {
  readonly event: StoredEvent
  readonly plan: AppliedPlan
}

/** The lanes that plans of one incident, carried out together, leave with something owed. */
export function toOwing(planned: readonly Planned[]): readonly PlannedLane[] {
  const lanes = new Map<string, PlannedLane>()
  for (const lane of planned.flatMap(({ plan }) => plan.lanes)) {
    const { urgency, owed } = lanes.get(lane.destination) ?? { urgency: lane.urgency, owed: [] }
    const sooner = urgency < lane.urgency ? urgency : lane.urgency
    lanes.set(lane.destination, { ...lane, urgency: sooner, owed: [...owed, ...lane.owed] })
  }
  return [...lanes.values()]
}

/**
 * A new incident's lane as its claim will give it back: all that is known before the store was asked. Its card's intent
 * can then be part of the claim, and its card be drawn while that is written. Undefined unless it is one plan alone that brings the
 * lane's first card, and all it calls are known.
 */
export function foresee(
  platform: Pick<Platform, 'reach'>,
  planned: readonly Planned[],
  lane: PlannedLane,
): LaneWork | undefined {
  const [only] = planned
  if (only === undefined || planned.length > 1) return undefined
  const { event, plan } = only
  const { incident, changes, nowMs } = plan
  const [card] = lane.owed
  if (plan.expectedVersion !== 0 || incident === undefined || card?.kind !== 'card') return undefined
  if (card.mention.some((who) => platform.reach(who) === 'soon')) return undefined
  const { id, body, receivedAtMs, effectiveAtMs } = event
  const delivery: Delivery = {
    ...card,
    seq: 1,
    state: 'sending',
    attempts: 1,
    dueAtMs: nowMs,
    detail: 'full',
    sentAtMs: nowMs,
    event: { id, body, receivedAtMs, effectiveAtMs, changes, late: card.late },
  }
  return {
    lane: {
      incidentId: event.incidentId,
      destination: lane.destination,
      generation: card.generation,
      wantedVersion: incident.version,
      shownVersion: 0,
      frozen: false,
      editAttempts: 0,
      editDueAtMs: 0,
      shownAtMs: 0,
      changedSinceMs: nowMs,
      changedAtMs: nowMs,
      urgency: lane.urgency,
    },
    epoch: 1,
    leaseUntilMs: 0,
    touched: 1,
    incident,
    deliveries: [delivery],
  }
}

/**
 * Take a lane that was claimed with its card's intent, and send the card if the lane came as foreseen; else nothing was
 * sent, and it is owed as before. Gives the lane as it then is; undefined if it was not to be had.
 */
export async function takeForeseen(
  options: ServeOptions,
  outlet: Outlet,
  claimed: Promise<LaneWork | undefined>,
  foreseen: LaneWork,
): Promise<LaneWork | undefined> {
  // What was asked is on its way first: the card is drawn while the disk writes.
  await options.nextTurn()
  const call = prepareForeseen(options, outlet, foreseen)
  const work = await claimed
  return work && sendForeseen({ options, outlet, work }, foreseen, call)
}

/** Undefined if it cannot be drawn, or not as it is to be: whoever serves the lane finds out why. */
function prepareForeseen(options: ServeOptions, outlet: Outlet, foreseen: LaneWork): Prepared | undefined {
  const [card] = foreseen.deliveries
  if (card === undefined || toLateCall(outlet.platform, foreseen, card) !== undefined) return undefined
  try {
    return prepare({ options, outlet, work: foreseen }, foreseen.deliveries, options.clock.now())
  } catch {
    return undefined
  }
}

async function sendForeseen(held: Held, foreseen: LaneWork, call: Prepared | undefined): Promise<LaneWork | undefined> {
  const { options, outlet, work } = held
  const [wanted] = foreseen.deliveries
  const card = work.deliveries.find(({ key, state }) => key === wanted?.key && state === 'sending')
  if (card === undefined || wanted === undefined) return work
  const isForeseen = work.incident.version === foreseen.incident.version && isSameList(card.mention, wanted.mention)
  const mayCall = isForeseen && !options.stopping() && !options.blocked(outlet)
  if (call !== undefined && mayCall) return deliver(held, [card], call)
  return save(held, { deliveries: [{ key: card.key, state: 'pending', attempts: 0 }] })
}
