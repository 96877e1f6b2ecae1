import type { Expired, ExpireQuery } from '../expiry.ts'
import { toJson, type Statements } from './rows.ts'

/** One step of {@link Store.expire}. */
export function expire(db: Statements, query: ExpireQuery): Expired {
  const from = query.from ?? { of: 'incident', effectiveAtMs: 0, id: '' }
  return from.of === 'incident' ? expireIncidents(db, query, from) : expireEvents(db, query, from.seq)
}

interface IncidentRow {
  readonly id: string
  readonly effective_at_ms: number
  readonly closed: number | null
}
/** By the time of the source, which the receiver's clock bounds from above: what came lately may say it is old. */
const OLD_INCIDENTS = `
  SELECT id, effective_at_ms, snapshot_json ->> 'progress' = 'Closed' AS closed FROM incident
  WHERE (effective_at_ms, id) > (?, ?) AND effective_at_ms < ? ORDER BY effective_at_ms, id LIMIT ?`

function expireIncidents(
  db: Statements,
  { beforeMs, openBeforeMs, limit }: ExpireQuery,
  from: { readonly effectiveAtMs: number; readonly id: string },
): Expired {
  const rows = db.all<IncidentRow>(OLD_INCIDENTS, from.effectiveAtMs, from.id, beforeMs, limit)
  let deleted = 0
  let last = from
  for (const row of rows) {
    if (mayGo(db, row, beforeMs, openBeforeMs)) {
      deleted += removeIncident(db, row.id, limit - deleted)
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

function mayGo(db: Statements, { id, closed }: IncidentRow, beforeMs: number, openBeforeMs: number): boolean {
  const isSo = (sql: string, ...more: number[]): boolean => db.get(sql, id, ...more) !== undefined
  if (isSo(HELD_LANE)) return false
  if (!isSo(CAME_SINCE, openBeforeMs)) return true
  return closed === 1 && !isSo(CAME_SINCE, beforeMs) && !isSo(DUE_LANE) && !isSo(OPEN_DELIVERY)
}

/** The incident is the last to go, so that a large one can go in several steps. */
const DROP_DELIVERIES = `
  DELETE FROM delivery WHERE key IN (SELECT key FROM delivery WHERE incident_id = ? LIMIT ?)`
const DROP_LANES = 'DELETE FROM lane WHERE incident_id = ?'
const DROP_INCIDENT = 'DELETE FROM incident WHERE id = ?'

function removeIncident(db: Statements, id: string, limit: number): number {
  const deliveries = db.run(DROP_DELIVERIES, id, limit)
  if (deliveries >= limit) return deliveries
  return deliveries + db.run(DROP_LANES, id) + db.run(DROP_INCIDENT, id)
}

interface EventRow {
  readonly seq: number
  readonly id: string
  readonly incident_id: string
  readonly old: number
  readonly may_go: number
}
const OLDEST_EVENTS = `
  SELECT seq, id, incident_id, received_at_ms < ?2 AS old, received_at_ms < ?2 AND state <> 'new'
    AND NOT EXISTS (
      SELECT 1 FROM delivery d
      WHERE d.incident_id = e.incident_id AND d.event_id = e.id AND d.state IN ('pending', 'sending', 'ambiguous'))
    AND NOT EXISTS (SELECT 1 FROM incident i WHERE i.id = e.incident_id AND i.last_json ->> 'id' = e.id) AS may_go
  FROM event e WHERE seq > ?1 ORDER BY seq LIMIT ?3`
const DROP_EVENT = 'DELETE FROM event WHERE seq = ?'
const DROP_DELIVERIES_OF_EVENTS = `
  DELETE FROM delivery
  WHERE incident_id IN (SELECT value FROM json_each(?)) AND event_id IN (SELECT value FROM json_each(?))
    AND state NOT IN ('pending', 'sending', 'ambiguous')`

/** Events were numbered as they came. One whose time was told by a wrong clock does not hide those behind it. */
function expireEvents(db: Statements, { beforeMs, limit }: ExpireQuery, seq: number): Expired {
  const rows = db.all<EventRow>(OLDEST_EVENTS, seq, beforeMs, limit)
  const going = rows.filter((row) => row.may_go === 1)
  const incidents = toJson([...new Set(going.map((row) => row.incident_id))])
  const ids = toJson(going.map((row) => row.id))
  let deleted = going.length === 0 ? 0 : db.run(DROP_DELIVERIES_OF_EVENTS, incidents, ids)
  for (const row of going) deleted += db.run(DROP_EVENT, row.seq)
  const last = rows.at(-1)
  const isEnd = last === undefined || rows.length < limit || rows.every((row) => row.old === 0)
  return { deleted, ...(!isEnd && { next: { of: 'event', seq: last.seq } }) }
}
