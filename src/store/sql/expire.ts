import type { Incident, LastEvent } from '../../incident/incident.ts'
import type { Expired, ExpireQuery } from '../expiry.ts'
import { fromJson, toJson } from './rows.ts'
import type { Sql, SqlValue, Steps } from './steps.ts'

/** One step of {@link Store.expire}. */
export function* expire(db: Sql, query: ExpireQuery): Steps<Expired> {
  const from = query.from ?? { of: 'incident', effectiveAtMs: 0, id: '' }
  return from.of === 'incident' ? yield* expireIncidents(db, query, from) : yield* expireEvents(db, query, from.seq)
}

interface IncidentRow {
  readonly id: string
  readonly effective_at_ms: number
  readonly snapshot_json: string
}
/** By the time of the source, which the receiver's clock bounds from above: what came lately may say it is old. */
const OLD_INCIDENTS = `
  SELECT id, effective_at_ms, snapshot_json FROM incident
  WHERE (effective_at_ms, id) > (?, ?) AND effective_at_ms < ? ORDER BY effective_at_ms, id LIMIT ?`

function* expireIncidents(
  db: Sql,
  { beforeMs, openBeforeMs, limit }: ExpireQuery,
  from: { readonly effectiveAtMs: number; readonly id: string },
): Steps<Expired> {
  const rows = yield* db.all<IncidentRow>(OLD_INCIDENTS, from.effectiveAtMs, from.id, beforeMs, limit)
  let deleted = 0
  let last = from
  for (const row of rows) {
    if (yield* mayGo(db, row, beforeMs, openBeforeMs)) {
      deleted += yield* removeIncident(db, row.id, limit - deleted)
      if (deleted >= limit) return { deleted, next: { of: 'incident', ...last } }
    }
    last = { effectiveAtMs: row.effective_at_ms, id: row.id }
  }
  return { deleted, next: rows.length < limit ? { of: 'event', seq: 0 } : { of: 'incident', ...last } }
}

const CAME_SINCE = 'SELECT 1 FROM event WHERE incident_id = ? AND received_at_ms >= ? LIMIT 1'
const HELD_LANE = 'SELECT 1 FROM lane WHERE incident_id = ? AND owner IS NOT NULL LIMIT 1'
const DUE_LANE = 'SELECT 1 FROM lane WHERE incident_id = ? AND due_at_ms IS NOT NULL LIMIT 1'
const OPEN_DELIVERY = `
  SELECT 1 FROM delivery WHERE incident_id = ? AND state IN ('pending', 'sending', 'ambiguous') LIMIT 1`

function* mayGo(db: Sql, { id, snapshot_json }: IncidentRow, beforeMs: number, openBeforeMs: number): Steps<boolean> {
  if (yield* isSo(db, HELD_LANE, id)) return false
  if (!(yield* isSo(db, CAME_SINCE, id, openBeforeMs))) return true
  if (fromJson<Incident>(snapshot_json).progress !== 'Closed' || (yield* isSo(db, CAME_SINCE, id, beforeMs)))
    return false
  return !(yield* isSo(db, DUE_LANE, id)) && !(yield* isSo(db, OPEN_DELIVERY, id))
}

function* isSo(db: Sql, sql: string, ...params: readonly SqlValue[]): Steps<boolean> {
  return (yield* db.get(sql, ...params)) !== undefined
}

/** The incident is the last to go, so that a large one can go in several steps. */
const DROP_DELIVERIES = `
  DELETE FROM delivery WHERE key IN (SELECT key FROM delivery WHERE incident_id = ? LIMIT ?)`
const DROP_LANES = 'DELETE FROM lane WHERE incident_id = ?'
const DROP_INCIDENT = 'DELETE FROM incident WHERE id = ?'

function* removeIncident(db: Sql, id: string, limit: number): Steps<number> {
  const deliveries = yield* db.run(DROP_DELIVERIES, id, limit)
  if (deliveries >= limit) return deliveries
  return deliveries + (yield* db.run(DROP_LANES, id)) + (yield* db.run(DROP_INCIDENT, id))
}

interface EventRow {
  readonly seq: number
  readonly id: string
  readonly incident_id: string
  readonly old: number
  readonly may_go: number
  /** Of its incident, if that is there. */
  readonly last_json: string | null
}
const OLDEST_EVENTS = `
  SELECT e.seq, e.id, e.incident_id, i.last_json, e.received_at_ms < ?2 AS old, e.received_at_ms < ?2 AND e.state <> 'new'
    AND NOT EXISTS (
      SELECT 1 FROM delivery d
      WHERE d.incident_id = e.incident_id AND d.event_id = e.id AND d.state IN ('pending', 'sending', 'ambiguous')) AS may_go
  FROM event e LEFT JOIN incident i ON i.id = e.incident_id WHERE e.seq > ?1 ORDER BY e.seq LIMIT ?3`
const DROP_EVENT = 'DELETE FROM event WHERE seq = ?'
export const DROP_DELIVERIES_OF_EVENTS = `
  DELETE FROM delivery
  WHERE incident_id IN (SELECT value FROM json_each(?)) AND event_id IN (SELECT value FROM json_each(?))
    AND state NOT IN ('pending', 'sending', 'ambiguous')`

/** Events were numbered as they came. One whose time was told by a wrong clock does not hide those behind it. */
function* expireEvents(db: Sql, { beforeMs, limit }: ExpireQuery, seq: number): Steps<Expired> {
  const rows = yield* db.all<EventRow>(OLDEST_EVENTS, seq, beforeMs, limit)
  const going = rows.filter((row) => row.may_go === 1 && !isLast(row))
  const incidents = toJson([...new Set(going.map((row) => row.incident_id))])
  const ids = toJson(going.map((row) => row.id))
  let deleted = going.length === 0 ? 0 : yield* db.run(DROP_DELIVERIES_OF_EVENTS, incidents, ids)
  for (const row of going) deleted += yield* db.run(DROP_EVENT, row.seq)
  const last = rows.at(-1)
  const isEnd = last === undefined || rows.length < limit || rows.every((row) => row.old === 0)
  return { deleted, ...(!isEnd && { next: { of: 'event', seq: last.seq } }) }
}

function isLast({ id, last_json }: EventRow): boolean {
  return last_json !== null && fromJson<LastEvent>(last_json).id === id
}
