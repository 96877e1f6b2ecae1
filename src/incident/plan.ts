import type { OwedDelivery } from '../store/delivery.ts'
import type { Lane, Urgency } from '../store/lane.ts'
import type { AppliedPlan, KnownIncident, PlannedLane, StoredIncident } from '../store/store.ts'
import { toAttention, type Attention } from './attention.ts'
import { isBoard } from './board.ts'
import { toChanges, type Changes } from './changes.ts'
import type { Event, Incident } from './incident.ts'
import { toRouteHits, type Route } from './route.ts'
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

/** How long after the first event of its incident an event happened; 0 for the first itself. */
export function toAgeMs(known: KnownIncident | undefined, effectiveAtMs: number): number {
  return known === undefined ? 0 : Math.max(0, effectiveAtMs - known.incident.firstAtMs)
}

/** The key of a lane's card: one for each generation. */
export function cardKey(lane: { incidentId: string; destination: string }, generation: number): string {
  return toKey('card', lane.incidentId, lane.destination, String(generation))
}

/** How soon a lane is served that owes a new card, or an edit and replies. */
export function toUrgency(owes: { card: boolean; edit: boolean; reply: boolean }, incident: Incident): Urgency {
  if (owes.card) return incident.severity === 'Critical' ? 0 : 1
  if (owes.edit) return owes.reply ? 3 : 2
  return 4
}

/** The separator is escaped in the parts, so that no two lists of parts share a key. */
function toKey(...parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll('%', '%25').replaceAll('/', '%2F')).join('/')
}

interface Wanted {
  readonly destination: string
  readonly lane: Lane | undefined
  readonly attention: Attention
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
    return [{ destination, lane: lanes.get(destination), attention, cardMention: [] }]
  }
  for (const { route } of toRouteHits(routes, { incident: event.incident, eventType: event.type })) {
    for (const destination of route.to) {
      if (wanted.has(destination)) continue
      const attention = toAttention(context, route.attention)
      wanted.set(destination, { destination, lane: lanes.get(destination), attention, cardMention: route.mention })
    }
  }
  for (const [destination, lane] of lanes) {
    if (wanted.has(destination)) continue
    wanted.set(destination, { destination, lane, attention: toAttention(context, {}), cardMention: [] })
  }
  return [...wanted.values()]
}

function toLane(
  { destination, lane, attention, cardMention }: Wanted,
  event: Event,
  late: boolean,
): readonly PlannedLane[] {
  if (attention.loudness === 'off') return []
  const generation = lane?.generation ?? 1
  const key = { incidentId: event.incident.id, destination }
  const owed: OwedDelivery[] = []
  if (lane === undefined) {
    const mention = cardMention.length > 0 ? cardMention : attention.loudness === 'card' ? attention.mention : 'none'
    owed.push({ key: cardKey(key, generation), kind: 'card', generation, broadcast: false, mention, late })
  }
  if (attention.loudness !== 'card') owed.push(toReply(key, generation, event, attention, late))
  const unposted = lane === undefined || lane.shownVersion === 0
  const owes = { card: unposted, edit: true, reply: attention.loudness !== 'card' }
  return [{ destination, card: true, urgency: toUrgency(owes, event.incident), owed }]
}

/** A line in the threads that exist, the cards untouched: for what must not move a card back. */
function repliesOnly(input: PlanInput, changes: Changes, late: boolean): readonly PlannedLane[] {
  const { event } = input
  return destinations(input, changes).flatMap(({ destination, lane, attention }) => {
    if (lane === undefined || attention.loudness === 'off' || attention.loudness === 'card') return []
    const key = { incidentId: event.incident.id, destination }
    const calm: Attention = late ? { loudness: 'thread', mention: 'none' } : attention
    const owed = [toReply(key, lane.generation, event, calm, late)]
    return [
      { destination, card: false, urgency: toUrgency({ card: false, edit: false, reply: true }, event.incident), owed },
    ]
  })
}

function toReply(
  lane: { incidentId: string; destination: string },
  generation: number,
  event: Event,
  attention: Attention,
  late: boolean,
): OwedDelivery {
  const key = toKey('reply', lane.incidentId, lane.destination, event.id)
  return {
    key,
    kind: 'reply',
    generation,
    broadcast: attention.loudness === 'broadcast',
    mention: attention.mention,
    late,
  }
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
