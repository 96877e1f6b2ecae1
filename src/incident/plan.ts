import type { Mentioned } from '../message/message.ts'
import type { OwedDelivery } from '../store/delivery.ts'
import type { Lane, LaneKey, Urgency } from '../store/lane.ts'
import type { AppliedPlan, KnownIncident, PlannedLane, StoredIncident } from '../store/store.ts'
import { toAttention, type Attention, type AttentionTable } from './attention.ts'
import { isBoard } from './board.ts'
import { deliveryKey } from './key.ts'
import { toChanges, type Changes } from './changes.ts'
import type { Event, Incident } from './incident.ts'
import { toRouteHits, type Route } from './route.ts'
import { toConfigured, toMentioned } from './mention.ts'
import { judge } from './sequence.ts'
import { snoozeEndsAtMs } from './state.ts'

export interface PlanInput {
  readonly event: Event
  readonly effectiveAtMs: number
  readonly receivedAtMs: number
  readonly known: KnownIncident | undefined
  readonly routes: readonly Route[]
  readonly lateEvents: 'skip' | 'reply'
  readonly nowMs: number
}

/**
 * What an event owes: the incident after it, and for every destination a card, a
 * reply, both or neither. Destinations are those its routes name and those that
 * have a card already, which stays true even when no route matches any more.
 */
export function toPlan(input: PlanInput): AppliedPlan {
  const { event, effectiveAtMs, known, nowMs } = input
  const seen = known && { effectiveAtMs: known.incident.effectiveAtMs, ...updatedAt(known.incident.snapshot) }
  const verdict = judge({ effectiveAtMs, ...updatedAt(event.incident) }, seen, input.receivedAtMs)
  const expectedVersion = known?.incident.version ?? 0
  const base = { eventId: event.id, expectedVersion, nowMs }

  if (verdict === 'stale') {
    const lanes = input.lateEvents === 'reply' ? repliesOnly(input, {}, true) : []
    return { ...base, verdict: 'stale', changes: {}, lanes }
  }
  if (verdict === 'behind') return { ...base, verdict: 'applied', changes: {}, lanes: repliesOnly(input, {}, false) }

  const changes = toChanges(known?.incident.snapshot, event.incident)
  const lanes = destinations(input, changes).flatMap((wanted) => toLane(wanted, event, false))
  const routed = lanes.length > 0 || (known?.lanes.length ?? 0) > 0
  return {
    ...base,
    verdict: routed ? 'applied' : 'unrouted',
    changes,
    incident: next(input, expectedVersion + 1),
    lanes,
  }
}

/** What the event after meets: the incident and its lanes as a plan leaves them, new cards taken for posted or not. */
export function knownAfter(
  known: KnownIncident | undefined,
  { incident, lanes }: AppliedPlan,
  isPosted: boolean,
): KnownIncident | undefined {
  const after = incident ?? known?.incident
  if (after === undefined) return undefined
  const before = known?.lanes ?? []
  const added = lanes.filter(({ destination }) => !before.some((lane) => lane.destination === destination))
  return {
    incident: after,
    lanes: [...before, ...added.map(({ destination }) => newLane(after, destination, isPosted))],
  }
}

function newLane({ id, version }: StoredIncident, destination: string, isPosted: boolean): Lane {
  const never = { editAttempts: 0, editDueAtMs: 0, shownAtMs: 0, changedSinceMs: 0, changedAtMs: 0 }
  const shownVersion = isPosted ? version : 0
  return {
    incidentId: id,
    destination,
    generation: 1,
    wantedVersion: version,
    shownVersion,
    frozen: false,
    urgency: 2,
    ...never,
  }
}

/** How long after the first event of its incident an event happened; 0 for the first itself. */
export function toAgeMs(known: KnownIncident | undefined, effectiveAtMs: number): number {
  return known === undefined ? 0 : Math.max(0, effectiveAtMs - known.incident.firstAtMs)
}

/** How soon a lane is served that owes a new card, or an edit and replies. */
export function toUrgency(owes: { card: boolean; edit: boolean; reply: boolean }, incident: Incident): Urgency {
  if (owes.card) return incident.severity === 'Critical' ? 0 : 1
  if (owes.edit) return owes.reply ? 3 : 2
  return 4
}

interface Wanted {
  readonly destination: string
  readonly lane: Lane | undefined
  readonly attention: Attention
  /** Whom the event calls here. */
  readonly called: readonly Mentioned[]
  /** Ids the route mentions when it posts a card. */
  readonly cardMention: readonly string[]
}

function destinations({ event, effectiveAtMs, known, routes }: PlanInput, changes: Changes): readonly Wanted[] {
  const ageMs = toAgeMs(known, effectiveAtMs)
  const context = { eventType: event.type, incident: event.incident, changes, ageMs }
  const lanes = new Map((known?.lanes ?? []).map((lane) => [lane.destination, lane]))
  const wanted = new Map<string, Wanted>()
  if (isBoard(event.incident)) {
    const { destination } = event.incident.board
    const attention = { loudness: 'card', mention: 'none' } as const
    return [{ destination, lane: lanes.get(destination), attention, called: [], cardMention: [] }]
  }
  const add = (destination: string, table: AttentionTable, cardMention: readonly string[]): void => {
    if (wanted.has(destination)) return
    const attention = toAttention(context, table)
    const called = toMentioned(attention.mention, event.incident, known && changes)
    wanted.set(destination, { destination, lane: lanes.get(destination), attention, called, cardMention })
  }
  for (const { route } of toRouteHits(routes, { incident: event.incident, eventType: event.type })) {
    for (const destination of route.to) add(destination, route.attention, route.mention)
  }
  for (const destination of lanes.keys()) add(destination, {}, [])
  return [...wanted.values()]
}

function toLane(wanted: Wanted, event: Event, late: boolean): readonly PlannedLane[] {
  const { destination, lane, attention, called, cardMention } = wanted
  if (attention.loudness === 'off') return []
  const generation = lane?.generation ?? 1
  const key = { incidentId: event.incident.id, destination }
  const speaks = attention.loudness === 'thread' || attention.loudness === 'broadcast'
  const owed: OwedDelivery[] = []
  if (lane === undefined) {
    const mention = [...cardMention.map(toConfigured), ...(speaks ? [] : called)]
    owed.push({
      key: deliveryKey('card', key, String(generation)),
      kind: 'card',
      generation,
      broadcast: false,
      mention,
      late,
    })
  }
  if (speaks) owed.push(toReply(wanted, key, event, late))
  else if (lane !== undefined && attention.loudness === 'call' && called.length > 0)
    owed.push(toCall(wanted, key, lane.generation, event))
  const unposted = lane === undefined || lane.shownVersion === 0
  const owes = { card: unposted, edit: true, reply: owed.some(({ kind }) => kind === 'reply') }
  return [{ destination, card: true, urgency: toUrgency(owes, event.incident), owed }]
}

/** A line in the threads that exist, the cards untouched: for what must not move a card back. */
function repliesOnly(input: PlanInput, changes: Changes, late: boolean): readonly PlannedLane[] {
  const { event } = input
  return destinations(input, changes).flatMap((wanted) => {
    const { destination, lane, attention } = wanted
    if (lane === undefined || (attention.loudness !== 'thread' && attention.loudness !== 'broadcast')) return []
    const key = { incidentId: event.incident.id, destination }
    const calm: Wanted = late ? { ...wanted, attention: { loudness: 'thread', mention: 'none' }, called: [] } : wanted
    const owed = [toReply(calm, key, event, late)]
    return [
      { destination, card: false, urgency: toUrgency({ card: false, edit: false, reply: true }, event.incident), owed },
    ]
  })
}

function toReply({ lane, attention, called }: Wanted, of: LaneKey, event: Event, late: boolean): OwedDelivery {
  const broadcast = attention.loudness === 'broadcast'
  const rest = { generation: lane?.generation ?? 1, broadcast, mention: called, late }
  return { key: deliveryKey('reply', of, event.id), kind: 'reply', ...rest }
}

function toCall({ called }: Wanted, of: LaneKey, generation: number, event: Event): OwedDelivery {
  const rest = { generation, broadcast: false, mention: called, late: false, unlessCard: true } as const
  return { key: deliveryKey('call', of, event.id), kind: 'reply', ...rest }
}

function next({ event, effectiveAtMs, known, nowMs }: PlanInput, version: number): StoredIncident {
  const snoozeEnds = snoozeEndsAtMs(event.incident, nowMs)
  return {
    id: event.incident.id,
    version,
    snapshot: event.incident,
    last: { id: event.id, type: event.type, atMs: effectiveAtMs, ...(event.person && { person: event.person }) },
    effectiveAtMs,
    firstAtMs: Math.min(known?.incident.firstAtMs ?? effectiveAtMs, effectiveAtMs),
    ...(snoozeEnds !== undefined && { snoozeEndsAtMs: snoozeEnds }),
  }
}

function updatedAt({ updatedAtMs }: Incident): { updatedAtMs?: number } {
  return updatedAtMs === undefined ? {} : { updatedAtMs }
}
