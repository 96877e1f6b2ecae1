import { toUrgency } from '../../incident/plan.ts'
import { laneOfEdit, type ByHand, type DropResult, type RetryResult, type WorkState } from '../history.ts'
import type { LaneKey, Urgency } from '../lane.ts'
import { INCIDENT, toIncident, type IncidentRow } from './events.ts'
import { LANE, toLane, type LaneRow } from './lane-row.ts'
import type { Sql, Steps } from './steps.ts'

type Results<Result> = readonly { readonly key: string; readonly result: Result }[]

interface DeliveryRow {
  readonly key: string
  readonly kind: 'card' | 'reply'
  readonly state: WorkState | 'done' | 'superseded'
  readonly generation: number
  readonly incident_id: string
  readonly destination: string
}
const DELIVERY = 'SELECT key, kind, state, generation, incident_id, destination FROM delivery WHERE key = ?'

/** A delivery that is open, and its lane. */
interface Open {
  readonly delivery: DeliveryRow
  readonly lane: LaneRow
}

export function* retry(db: Sql, { keys, nowMs }: ByHand): Steps<Results<RetryResult>> {
  const cards = new Set<string>()
  for (const key of keys) if ((yield* db.get<DeliveryRow>(DELIVERY, key))?.kind === 'card') cards.add(key)
  const results = new Map<string, RetryResult>()
  // A reply needs to know whether its card is on its way.
  for (const key of [...keys].toSorted((a, b) => Number(cards.has(b)) - Number(cards.has(a)))) {
    const lane = laneOfEdit(key)
    results.set(key, lane === undefined ? yield* retryDelivery(db, key, nowMs) : yield* retryEdit(db, lane, nowMs))
  }
  return keys.map((key) => ({ key, result: results.get(key) ?? 'unknown' }))
}

/** As if it had never been tried: whoever asks knows what earlier attempts came to. */
const REVIVE = `
  UPDATE delivery SET state = 'pending', attempts = 0, detail = 'full', due_at_ms = ?, sent_at_ms = NULL,
    unclear_at_ms = NULL, reason = NULL, fold_key = NULL
  WHERE key = ?`
const DUE_NOW = 'UPDATE delivery SET due_at_ms = ? WHERE key = ?'
const THAW = `
  UPDATE lane SET frozen = 0, shown_version = 0, shown_hash = NULL WHERE incident_id = ? AND destination = ?`

function* retryDelivery(db: Sql, key: string, nowMs: number): Steps<RetryResult> {
  const open = yield* find(db, key)
  if (open === undefined) return 'unknown'
  const { delivery, lane } = open
  if (delivery.state === 'sending') return 'under_way'
  if (delivery.kind === 'card' && isReplaced(open)) {
    yield* db.run(END, 'a newer card took its place', lane.incident_id, lane.destination, key)
    return 'replaced'
  }
  if (delivery.kind === 'reply' && !(yield* hasCard(db, lane))) return 'no_card'
  if (delivery.state === 'pending' || delivery.state === 'ambiguous') {
    yield* db.run(DUE_NOW, nowMs, key)
  } else {
    // Whoever serves the lane may be about to owe a new card in its place.
    if (delivery.kind === 'card' && (yield* isServed(db, lane, nowMs))) return 'under_way'
    yield* db.run(REVIVE, nowMs, key)
    if (delivery.kind === 'card') yield* db.run(THAW, lane.incident_id, lane.destination)
  }
  yield* makeDue(db, lane, { card: delivery.kind === 'card', edit: false, reply: true }, nowMs)
  return 'retried'
}

const EDIT_NOW = `
  UPDATE lane SET edit_due_at_ms = ?, edit_attempts = 0
  WHERE incident_id = ? AND destination = ? AND due_at_ms IS NOT NULL AND wanted_version > shown_version`

function* retryEdit(db: Sql, { incidentId, destination }: LaneKey, nowMs: number): Steps<RetryResult> {
  if ((yield* db.run(EDIT_NOW, nowMs, incidentId, destination)) === 0) return 'unknown'
  const lane = yield* db.get<LaneRow>(LANE, incidentId, destination)
  if (lane !== undefined) yield* makeDue(db, lane, { card: false, edit: true, reply: false }, nowMs)
  return 'retried'
}

export function* drop(db: Sql, { keys, nowMs }: ByHand): Steps<Results<DropResult>> {
  const results: { key: string; result: DropResult }[] = []
  for (const key of keys) {
    const lane = laneOfEdit(key)
    const result = lane === undefined ? yield* dropDelivery(db, key, nowMs) : yield* dropEdit(db, lane, nowMs)
    results.push({ key, result })
  }
  return results
}

/** Replies that may have been posted as one message stay one, so all of it ends. */
const END = `
  UPDATE delivery SET state = 'superseded', reason = ?1
  WHERE incident_id = ?2 AND destination = ?3
    AND (key = ?4 OR (state = 'ambiguous' AND fold_key = (SELECT fold_key FROM delivery WHERE key = ?4)))`
/** A card that is wanted no more, and shown as far as it ever will be: nothing makes another. */
const SEAL = `
  UPDATE lane SET frozen = 1, shown_version = wanted_version WHERE incident_id = ? AND destination = ?`
const END_REPLIES = `
  UPDATE delivery SET state = 'superseded', reason = 'its card was dropped by hand'
  WHERE incident_id = ? AND destination = ? AND kind = 'reply' AND state = 'pending'`

function* dropDelivery(db: Sql, key: string, nowMs: number): Steps<DropResult> {
  const open = yield* find(db, key)
  if (open === undefined) return 'unknown'
  const { delivery, lane } = open
  const isGivenUp = delivery.state === 'dead' || delivery.state === 'held'
  if (delivery.state === 'sending') return 'under_way'
  // Whoever serves the lane may be about to send it, or to owe a new card.
  if ((delivery.kind === 'card' || !isGivenUp) && (yield* isServed(db, lane, nowMs))) return 'under_way'
  yield* db.run(END, 'dropped by hand', lane.incident_id, lane.destination, key)
  if (delivery.kind === 'card' && !isReplaced(open)) {
    yield* db.run(SEAL, lane.incident_id, lane.destination)
    yield* db.run(END_REPLIES, lane.incident_id, lane.destination)
  }
  yield* db.run(LOOK_AGAIN, nowMs, lane.incident_id, lane.destination)
  return 'dropped'
}

const SKIP_EDIT = `
  UPDATE lane SET shown_version = wanted_version, edit_attempts = 0
  WHERE incident_id = ? AND destination = ? AND due_at_ms IS NOT NULL AND card_json IS NOT NULL AND wanted_version > shown_version`
/** What is behind what was dropped need not wait any longer. */
export const LOOK_AGAIN = `
  UPDATE lane SET due_at_ms = min(due_at_ms, ?), touched = touched + 1
  WHERE incident_id = ? AND destination = ? AND due_at_ms IS NOT NULL`

function* dropEdit(db: Sql, { incidentId, destination }: LaneKey, nowMs: number): Steps<DropResult> {
  const lane = yield* db.get<LaneRow>(LANE, incidentId, destination)
  if (lane === undefined) return 'unknown'
  if (yield* isServed(db, lane, nowMs)) return 'under_way'
  if ((yield* db.run(SKIP_EDIT, incidentId, destination)) === 0) return 'unknown'
  yield* db.run(LOOK_AGAIN, nowMs, incidentId, destination)
  return 'dropped'
}

/** What is open is read under its lane, which a holder may be writing to at this moment. */
function* find(db: Sql, key: string): Steps<Open | undefined> {
  const found = yield* db.get<DeliveryRow>(DELIVERY, key)
  if (found === undefined) return undefined
  const lane = yield* db.get<LaneRow>(LANE, found.incident_id, found.destination)
  const delivery = yield* db.get<DeliveryRow>(DELIVERY, key)
  if (delivery === undefined || delivery.state === 'done' || delivery.state === 'superseded') return undefined
  return lane && { delivery, lane }
}

function isReplaced({ delivery, lane }: Open): boolean {
  return lane.card_json !== null || delivery.generation < lane.generation
}

const CARDS_ON_THEIR_WAY = `
  SELECT count(*) AS n FROM delivery
  WHERE incident_id = ? AND destination = ? AND kind = 'card' AND state IN ('pending', 'sending', 'ambiguous')`

function* hasCard(db: Sql, { card_json, incident_id, destination }: LaneRow): Steps<boolean> {
  return (
    card_json !== null || ((yield* db.get<{ n: number }>(CARDS_ON_THEIR_WAY, incident_id, destination))?.n ?? 0) > 0
  )
}

const SERVED = `
  SELECT count(*) AS n FROM lane WHERE incident_id = ? AND destination = ? AND owner IS NOT NULL AND lease_until_ms > ?`

function* isServed(db: Sql, { incident_id, destination }: LaneRow, nowMs: number): Steps<boolean> {
  return ((yield* db.get<{ n: number }>(SERVED, incident_id, destination, nowMs))?.n ?? 0) > 0
}

/** As a plan does it. 3: it owes an edit and a reply. */
export const MAKE_DUE = `
  UPDATE lane SET
    urgency = CASE
      WHEN due_at_ms IS NULL OR urgency = ?3 THEN ?3
      WHEN min(urgency, ?3) <= 1 THEN min(urgency, ?3)
      ELSE 3
    END,
    due_at_ms = min(coalesce(due_at_ms, ?4), ?4), owed_since_ms = coalesce(owed_since_ms, ?4), touched = touched + 1
  WHERE incident_id = ?1 AND destination = ?2`

function* makeDue(db: Sql, row: LaneRow, owes: Parameters<typeof toUrgency>[0], nowMs: number): Steps<void> {
  const incident = yield* db.get<IncidentRow>(INCIDENT, row.incident_id)
  if (incident === undefined) return
  const { card } = toLane(row)
  const urgency: Urgency = toUrgency({ ...owes, card: owes.card || card === undefined }, toIncident(incident).snapshot)
  yield* db.run(MAKE_DUE, row.incident_id, row.destination, urgency, nowMs)
}
