import type { Mentioned } from '../../message/message.ts'
import type { LaneKey, Urgency } from '../lane.ts'
import type {
  AppliedPlan,
  KnownIncident,
  PlannedLane,
  QuarantineEntry,
  SnoozeEnded,
  StoredEvent,
  StoredIncident,
} from '../store.ts'
import { LANES_OF_INCIDENT, toLane, toMention, type LaneRow } from './lane-row.ts'
import { fromJson, present, toJson, toText } from './rows.ts'
import type { Sql, Steps } from './steps.ts'

const INSERT_QUARANTINE = 'INSERT INTO quarantine (received_at_ms, code, reason, body) VALUES (?, ?, ?, ?)'
/** Rows beyond the newest 1,000, and those beyond 64 MiB counted from the newest. */
const TRIM_QUARANTINE = `
  DELETE FROM quarantine WHERE id IN (
    SELECT id FROM (
      SELECT id, row_number() OVER newest AS place, sum(length(body)) OVER newest AS bytes
      FROM quarantine WINDOW newest AS (ORDER BY id DESC)
    ) AS counted WHERE place > 1000 OR bytes > 67108864)`

export function* quarantine(db: Sql, entry: QuarantineEntry): Steps<void> {
  yield* db.run(INSERT_QUARANTINE, entry.receivedAtMs, entry.code, entry.reason, entry.body)
  yield* db.run(TRIM_QUARANTINE)
}

export interface EventRow {
  readonly seq: number
  readonly id: string
  readonly incident_id: string
  readonly type: string
  readonly effective_at_ms: number
  readonly received_at_ms: number
  /** As UTF-8 in Postgres, whose texts cannot hold everything. */
  readonly body: string | Uint8Array
}
export function toStoredEvent(row: EventRow): StoredEvent {
  return {
    seq: row.seq,
    id: row.id,
    incidentId: row.incident_id,
    type: row.type,
    effectiveAtMs: row.effective_at_ms,
    receivedAtMs: row.received_at_ms,
    body: toText(row.body),
  }
}

export interface IncidentRow {
  readonly id: string
  readonly version: number
  readonly snapshot_json: string
  readonly last_json: string
  readonly effective_at_ms: number
  readonly first_at_ms: number
  readonly snooze_ends_at_ms: number | null
}
export const INCIDENT = `
  SELECT id, version, snapshot_json, last_json, effective_at_ms, first_at_ms, snooze_ends_at_ms FROM incident WHERE id = ?`

export function toIncident(row: IncidentRow): StoredIncident {
  return {
    id: row.id,
    version: row.version,
    snapshot: fromJson(row.snapshot_json),
    last: fromJson(row.last_json),
    effectiveAtMs: row.effective_at_ms,
    firstAtMs: row.first_at_ms,
    ...present('snoozeEndsAtMs', row.snooze_ends_at_ms),
  }
}

export function* incident(db: Sql, { id }: { id: string }): Steps<KnownIncident | undefined> {
  const row = yield* db.get<IncidentRow>(INCIDENT, id)
  if (row === undefined) return undefined
  return { incident: toIncident(row), lanes: (yield* db.all<LaneRow>(LANES_OF_INCIDENT, id)).map(toLane) }
}

const SNOOZES_ENDED = `
  SELECT id, version, snapshot_json, last_json, effective_at_ms, first_at_ms, snooze_ends_at_ms FROM incident
  WHERE snooze_ends_at_ms <= ? ORDER BY snooze_ends_at_ms LIMIT ?`
const EVENT_BODY = 'SELECT body FROM event WHERE id = ?'

export function* snoozesEnded(
  db: Sql,
  { nowMs, limit }: { nowMs: number; limit: number },
): Steps<readonly SnoozeEnded[]> {
  const ended: SnoozeEnded[] = []
  for (const woken of (yield* db.all<IncidentRow>(SNOOZES_ENDED, nowMs, limit)).map(toIncident)) {
    const row = yield* db.get<Pick<EventRow, 'body'>>(EVENT_BODY, woken.last.id)
    if (row !== undefined) ended.push({ incident: woken, body: toText(row.body) })
  }
  return ended
}

export const EVENT_STATE = 'SELECT state, incident_id FROM event WHERE id = ?'
export const INCIDENT_VERSION = 'SELECT version FROM incident WHERE id = ?'
const SETTLE_EVENT = 'UPDATE event SET state = ?, changes_json = ? WHERE id = ?'

/**
 * Carry out plans of one incident, once, up to the first that was made for something else than there is now: because
 * another writer moved the incident, or judged one of the events, which need not leave what our plan would have left.
 */
export function* apply(db: Sql, plans: readonly AppliedPlan[]): Steps<readonly ('applied' | 'done' | 'conflict')[]> {
  const events: ({ state: string; incident_id: string } | undefined)[] = []
  for (const { eventId } of plans) events.push(yield* db.get(EVENT_STATE, eventId))
  const incidentId = events.find((event) => event?.state === 'new')?.incident_id
  if (incidentId === undefined) return plans.map(() => 'done')
  let version = (yield* db.get<{ version: number }>(INCIDENT_VERSION, incidentId))?.version ?? 0
  const results: ('applied' | 'done' | 'conflict')[] = []
  for (const [index, plan] of plans.entries()) {
    const before = results.at(-1) ?? 'applied'
    if (before !== 'conflict' && events[index]?.state !== 'new') results.push('done')
    else if (before !== 'applied' || plan.expectedVersion !== version) results.push('conflict')
    else results.push('applied')
    version = plan.incident?.version ?? version
  }
  const mine = plans.filter((_, index) => results[index] === 'applied')
  if (yield* carryOut(db, incidentId, mine)) return results
  return results.map((result) => (result === 'applied' ? 'conflict' : result))
}

/**
 * Carry out plans that follow each other: what the last one leaves is written once, what each owes in turn. False, and
 * nothing was done, if another made the incident meanwhile: only where two write at once.
 */
function* carryOut(db: Sql, incidentId: string, plans: readonly AppliedPlan[]): Steps<boolean> {
  const after = plans.findLast((plan) => plan.incident !== undefined)?.incident
  const beforeVersion = plans[0]?.expectedVersion ?? 0
  if (after !== undefined && (yield* putIncident(db, after, beforeVersion)) === 0) return false
  for (const lane of toTouched(plans))
    yield* db.run(PUT_LANE, incidentId, lane.destination, lane.wantedVersion, lane.urgency, lane.nowMs)
  for (const plan of plans) {
    for (const lane of plan.lanes) yield* owe(db, incidentId, plan, lane)
    yield* db.run(SETTLE_EVENT, plan.verdict, toJson(plan.changes), plan.eventId)
  }
  return true
}

const PUT_INCIDENT = `
  INSERT INTO incident (id, version, severity, snapshot_json, last_json, effective_at_ms, first_at_ms, snooze_ends_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, severity = excluded.severity, snapshot_json = excluded.snapshot_json,
    last_json = excluded.last_json, effective_at_ms = excluded.effective_at_ms, first_at_ms = excluded.first_at_ms,
    snooze_ends_at_ms = excluded.snooze_ends_at_ms
  WHERE incident.version = ?`

function* putIncident(db: Sql, next: StoredIncident, beforeVersion: number): Steps<number> {
  const { id, version, snapshot, last, effectiveAtMs, firstAtMs, snoozeEndsAtMs } = next
  return yield* db.run(
    PUT_INCIDENT,
    id,
    version,
    snapshot.severity,
    toJson(snapshot),
    toJson(last),
    effectiveAtMs,
    firstAtMs,
    snoozeEndsAtMs ?? null,
    beforeVersion,
  )
}

interface TouchedLane extends Pick<PlannedLane, 'destination' | 'urgency'> {
  /** 0: its card is left as it is. */
  readonly wantedVersion: number
  readonly nowMs: number
}

/** The lanes that plans touch, each once, as if they had been touched one after the other. */
function toTouched(plans: readonly AppliedPlan[]): readonly TouchedLane[] {
  const touched = new Map<string, TouchedLane>()
  for (const { incident: after, expectedVersion, lanes, nowMs } of plans)
    for (const { destination, card, urgency } of lanes) {
      const before = touched.get(destination)
      const wantedVersion = card ? (after?.version ?? expectedVersion) : (before?.wantedVersion ?? 0)
      touched.set(destination, {
        destination,
        wantedVersion,
        nowMs,
        urgency: toUrgencyOfBoth(before?.urgency, urgency),
      })
    }
  return [...touched.values()].toSorted(byDestination)
}

/** As PUT_LANE does. 3: it owes an edit and a reply. */
function toUrgencyOfBoth(one: Urgency | undefined, other: Urgency): Urgency {
  if (one === undefined || one === other) return other
  const sooner = one < other ? one : other
  return sooner <= 1 ? sooner : 3
}

/** Where several write at once they lock lanes in this order, and never wait for each other in a ring. */
export function byDestination(a: { readonly destination: string }, b: { readonly destination: string }): number {
  return a.destination < b.destination ? -1 : Number(a.destination > b.destination)
}

/**
 * A lane that waits for a retry becomes due at once: there is something newer to say. 3: it owes an edit and a reply. Epochs
 * begin with the time, so that nobody who held a lane that was lost passes for the holder of the one in its place.
 */
export const PUT_LANE = `
  INSERT INTO lane
    (incident_id, destination, wanted_version, urgency, due_at_ms, owed_since_ms, changed_since_ms, changed_at_ms, epoch, touched,
      severity)
  VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?5, ?5, ?5, 1, coalesce((SELECT substr(severity, 1, 64) FROM incident WHERE id = ?1), ''))
  ON CONFLICT (incident_id, destination) DO UPDATE SET
    changed_since_ms = CASE WHEN wanted_version > shown_version THEN changed_since_ms ELSE excluded.changed_since_ms END,
    changed_at_ms = CASE WHEN excluded.wanted_version > wanted_version THEN excluded.changed_at_ms ELSE changed_at_ms END,
    wanted_version = max(wanted_version, excluded.wanted_version),
    urgency = CASE
      WHEN due_at_ms IS NULL OR urgency = excluded.urgency THEN excluded.urgency
      WHEN min(urgency, excluded.urgency) <= 1 THEN min(urgency, excluded.urgency)
      ELSE 3
    END,
    due_at_ms = min(coalesce(due_at_ms, excluded.due_at_ms), excluded.due_at_ms),
    owed_since_ms = coalesce(owed_since_ms, excluded.owed_since_ms),
    touched = touched + 1,
    severity = excluded.severity`
const INSERT_DELIVERY = `
  INSERT INTO delivery (key, incident_id, destination, kind, generation, seq, event_id, state, due_at_ms, broadcast, mention_json, late)
  VALUES (?, ?, ?, ?, ?,
    (SELECT coalesce(max(seq), 0) + 1 FROM delivery WHERE incident_id = ? AND destination = ?),
    ?, 'pending', ?, ?, ?, ?)
  ON CONFLICT (key) DO NOTHING`

function* owe(db: Sql, incidentId: string, { eventId, nowMs }: AppliedPlan, lane: PlannedLane): Steps<void> {
  const key = { incidentId, destination: lane.destination }
  for (const owed of lane.owed)
    if (owed.unlessCard !== true || !(yield* callByCard(db, key, owed.mention)))
      yield* insertDelivery(db, key, owed, eventId, nowMs)
}

/** The card of which nothing can have been posted. */
const UNPOSTED_CARD = `
  SELECT key, mention_json FROM delivery
  WHERE incident_id = ? AND destination = ? AND kind = 'card' AND state = 'pending' AND unclear_at_ms IS NULL`
const PUT_MENTION = 'UPDATE delivery SET mention_json = ? WHERE key = ?'

/** Let the card that is still to be posted call these too. False if there is none. */
function* callByCard(db: Sql, { incidentId, destination }: LaneKey, mention: readonly Mentioned[]): Steps<boolean> {
  const card = yield* db.get<{ key: string; mention_json: string }>(UNPOSTED_CARD, incidentId, destination)
  if (card === undefined) return false
  yield* db.run(PUT_MENTION, toJson([...toMention(card.mention_json), ...mention]), card.key)
  return true
}

/** Owe one create; a key that is known already is left as it is. */
export function* insertDelivery(
  db: Sql,
  { incidentId, destination }: { incidentId: string; destination: string },
  owed: PlannedLane['owed'][number],
  eventId: string,
  nowMs: number,
): Steps<void> {
  yield* db.run(
    INSERT_DELIVERY,
    owed.key,
    incidentId,
    destination,
    owed.kind,
    owed.generation,
    incidentId,
    destination,
    eventId,
    nowMs,
    owed.broadcast ? 1 : 0,
    toJson(owed.mention),
    owed.late ? 1 : 0,
  )
}
