import type { Mentioned } from '../../message/message.ts'
import { StoreError } from '../error.ts'
import type { LaneKey } from '../lane.ts'
import type {
  Accepted,
  AppliedPlan,
  KnownIncident,
  NewEvent,
  PlannedLane,
  QuarantineEntry,
  SnoozeEnded,
  StoredEvent,
  StoredIncident,
  UnappliedEvent,
} from '../store.ts'
import { isAsStored } from './body-hash.ts'
import { LANES_OF_INCIDENT, toLane, toMention, type LaneRow } from './lane-row.ts'
import { fromJson, present, toJson, type Statements } from './rows.ts'

const INSERT_EVENT = `
  INSERT INTO event (id, incident_id, type, effective_at_ms, received_at_ms, state, body, body_hash)
  VALUES (?, ?, ?, ?, ?, 'new', ?, ?) ON CONFLICT (id) DO NOTHING`
const EVENT_HASH = 'SELECT body_hash FROM event WHERE id = ?'
const LATEST_OF_INCIDENT = 'SELECT max(effective_at_ms) AS latest FROM event WHERE incident_id = ?'

/** Keep an event once. */
export function accept(db: Statements, event: NewEvent): Accepted {
  const before = latest(db, event.incidentId)
  const { id, incidentId, type, effectiveAtMs, receivedAtMs, body, bodyHash } = event
  const inserted = db.run(INSERT_EVENT, id, incidentId, type, effectiveAtMs, receivedAtMs, body, bodyHash)
  if (inserted === 0) {
    const first = db.get<{ body_hash: string }>(EVENT_HASH, id)
    return { result: 'duplicate', conflict: first?.body_hash !== bodyHash, latestAtMs: before ?? effectiveAtMs }
  }
  const stale = before !== undefined && effectiveAtMs < before
  return {
    result: stale ? 'stale' : 'accepted',
    conflict: false,
    latestAtMs: Math.max(before ?? effectiveAtMs, effectiveAtMs),
  }
}

function latest(db: Statements, incidentId: string): number | undefined {
  return db.get<{ latest: number | null }>(LATEST_OF_INCIDENT, incidentId)?.latest ?? undefined
}

const INSERT_QUARANTINE = 'INSERT INTO quarantine (received_at_ms, code, reason, body) VALUES (?, ?, ?, ?)'
/** Rows beyond the newest 1,000, and those beyond 64 MiB counted from the newest. */
const TRIM_QUARANTINE = `
  DELETE FROM quarantine WHERE id IN (
    SELECT id FROM (
      SELECT id, row_number() OVER newest AS place, sum(length(body)) OVER newest AS bytes
      FROM quarantine WINDOW newest AS (ORDER BY id DESC)
    ) WHERE place > 1000 OR bytes > 67108864)`

export function quarantine(db: Statements, entry: QuarantineEntry): void {
  db.run(INSERT_QUARANTINE, entry.receivedAtMs, entry.code, entry.reason, entry.body)
  db.run(TRIM_QUARANTINE)
}

/** 64 KiB: where a disk is nearly full, a few bytes may still find room when an event does not. */
const PROBE = `
  INSERT INTO probe (id, body) VALUES (1, randomblob(65536)) ON CONFLICT (id) DO UPDATE SET body = excluded.body`

export function probe(db: Statements): void {
  db.run(PROBE)
}

export interface EventRow {
  readonly seq: number
  readonly id: string
  readonly incident_id: string
  readonly type: string
  readonly effective_at_ms: number
  readonly received_at_ms: number
  readonly body: string
  readonly body_hash: string
}
const UNAPPLIED = `
  SELECT seq, id, incident_id, type, effective_at_ms, received_at_ms, body, body_hash
  FROM event WHERE state = 'new' ORDER BY seq LIMIT ?`

export function unapplied(db: Statements, { limit }: { limit: number }): readonly UnappliedEvent[] {
  const seen = new Set<string>()
  return db.all<EventRow>(UNAPPLIED, limit).map((row) => {
    if (!isAsStored(row.body, row.body_hash)) throw new StoreError('damaged', `event ${row.id} is not what was stored`)
    const known = seen.has(row.incident_id) ? undefined : incident(db, { id: row.incident_id })
    seen.add(row.incident_id)
    return { ...toStoredEvent(row), ...(known && { known }) }
  })
}

export function toStoredEvent(row: EventRow): StoredEvent {
  return {
    seq: row.seq,
    id: row.id,
    incidentId: row.incident_id,
    type: row.type,
    effectiveAtMs: row.effective_at_ms,
    receivedAtMs: row.received_at_ms,
    body: row.body,
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

export function incident(db: Statements, { id }: { id: string }): KnownIncident | undefined {
  const row = db.get<IncidentRow>(INCIDENT, id)
  return row && { incident: toIncident(row), lanes: db.all<LaneRow>(LANES_OF_INCIDENT, id).map(toLane) }
}

const SNOOZES_ENDED = `
  SELECT i.id, i.version, i.snapshot_json, i.last_json, i.effective_at_ms, i.first_at_ms, i.snooze_ends_at_ms, e.body
  FROM incident i JOIN event e ON e.id = i.last_json ->> 'id'
  WHERE i.snooze_ends_at_ms <= ? ORDER BY i.snooze_ends_at_ms LIMIT ?`

export function snoozesEnded(
  db: Statements,
  { nowMs, limit }: { nowMs: number; limit: number },
): readonly SnoozeEnded[] {
  return db.all<IncidentRow & { body: string }>(SNOOZES_ENDED, nowMs, limit).map((row) => ({
    incident: toIncident(row),
    body: row.body,
  }))
}

const EVENT_STATE = 'SELECT state, incident_id FROM event WHERE id = ?'
const INCIDENT_VERSION = 'SELECT version FROM incident WHERE id = ?'
const SETTLE_EVENT = 'UPDATE event SET state = ?, changes_json = ? WHERE id = ?'

/** Carry out a plan, once, if nobody moved the incident since it was made. */
export function apply(db: Statements, plan: AppliedPlan): 'applied' | 'done' | 'conflict' {
  const event = db.get<{ state: string; incident_id: string }>(EVENT_STATE, plan.eventId)
  if (event?.state !== 'new') return 'done'
  const version = db.get<{ version: number }>(INCIDENT_VERSION, event.incident_id)?.version ?? 0
  if (version !== plan.expectedVersion) return 'conflict'
  if (plan.incident !== undefined) putIncident(db, plan.incident)
  for (const lane of plan.lanes) putLane(db, event.incident_id, plan, lane)
  db.run(SETTLE_EVENT, plan.verdict, toJson(plan.changes), plan.eventId)
  return 'applied'
}

const PUT_INCIDENT = `
  INSERT INTO incident (id, version, severity, snapshot_json, last_json, effective_at_ms, first_at_ms, snooze_ends_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, severity = excluded.severity, snapshot_json = excluded.snapshot_json,
    last_json = excluded.last_json, effective_at_ms = excluded.effective_at_ms, first_at_ms = excluded.first_at_ms,
    snooze_ends_at_ms = excluded.snooze_ends_at_ms`

function putIncident(db: Statements, next: StoredIncident): void {
  const { id, version, snapshot, last, effectiveAtMs, firstAtMs, snoozeEndsAtMs } = next
  db.run(
    PUT_INCIDENT,
    id,
    version,
    snapshot.severity,
    toJson(snapshot),
    toJson(last),
    effectiveAtMs,
    firstAtMs,
    snoozeEndsAtMs ?? null,
  )
}

/** A lane that waits for a retry becomes due at once: there is something newer to say. 3: it owes an edit and a reply. */
const PUT_LANE = `
  INSERT INTO lane
    (incident_id, destination, wanted_version, urgency, due_at_ms, owed_since_ms, changed_since_ms, changed_at_ms, touched)
  VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?5, ?5, 1)
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
    touched = touched + 1`
const INSERT_DELIVERY = `
  INSERT INTO delivery (key, incident_id, destination, kind, generation, seq, event_id, state, due_at_ms, broadcast, mention_json, late)
  VALUES (?, ?, ?, ?, ?,
    (SELECT coalesce(max(seq), 0) + 1 FROM delivery WHERE incident_id = ? AND destination = ?),
    ?, 'pending', ?, ?, ?, ?)
  ON CONFLICT (key) DO NOTHING`

function putLane(db: Statements, incidentId: string, plan: AppliedPlan, lane: PlannedLane): void {
  const wantedVersion = lane.card ? (plan.incident?.version ?? plan.expectedVersion) : 0
  db.run(PUT_LANE, incidentId, lane.destination, wantedVersion, lane.urgency, plan.nowMs)
  const key = { incidentId, destination: lane.destination }
  for (const owed of lane.owed)
    if (owed.unlessCard !== true || !callByCard(db, key, owed.mention))
      insertDelivery(db, key, owed, plan.eventId, plan.nowMs)
}

/** The card of which nothing can have been posted. */
const UNPOSTED_CARD = `
  SELECT key, mention_json FROM delivery
  WHERE incident_id = ? AND destination = ? AND kind = 'card' AND state = 'pending' AND unclear_at_ms IS NULL`
const PUT_MENTION = 'UPDATE delivery SET mention_json = ? WHERE key = ?'

/** Let the card that is still to be posted call these too. False if there is none. */
function callByCard(db: Statements, { incidentId, destination }: LaneKey, mention: readonly Mentioned[]): boolean {
  const card = db.get<{ key: string; mention_json: string }>(UNPOSTED_CARD, incidentId, destination)
  if (card === undefined) return false
  db.run(PUT_MENTION, toJson([...toMention(card.mention_json), ...mention]), card.key)
  return true
}

/** Owe one create; a key that is known already is left as it is. */
export function insertDelivery(
  db: Statements,
  { incidentId, destination }: { incidentId: string; destination: string },
  owed: PlannedLane['owed'][number],
  eventId: string,
  nowMs: number,
): void {
  db.run(
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
