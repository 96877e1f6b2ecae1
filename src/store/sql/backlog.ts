import { BOARDS, boardPrefix, type WaitingGroup } from '../../incident/board.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Backlog, Store } from '../store.ts'
import { toIncident, type IncidentRow } from './events.ts'
import { fromJson } from './rows.ts'
import type { Sql, Steps } from './steps.ts'

type Query<Method extends keyof Store> = Parameters<Store[Method]>[0]

/** Lanes that owe a card (urgency 0 and 1), boards left out: `?2` is where the ids of boards begin, `?3` where they end. */
const WAITING = `
  SELECT i.severity, count(*) AS n FROM lane l JOIN incident i ON i.id = l.incident_id
  WHERE l.destination = ?1 AND l.urgency IN (0, 1) AND l.due_at_ms IS NOT NULL AND NOT (l.incident_id >= ?2 AND l.incident_id < ?3)
  GROUP BY i.severity ORDER BY i.severity`
const FIRST_WAITING = `
  SELECT i.snapshot_json
  FROM lane l JOIN incident i ON i.id = l.incident_id
  WHERE l.destination = ?1 AND l.urgency IN (0, 1) AND l.due_at_ms IS NOT NULL AND NOT (l.incident_id >= ?2 AND l.incident_id < ?3)
    AND i.severity = ?4
  ORDER BY l.owed_since_ms LIMIT ?5`
const NEWEST_BOARD = `
  SELECT id, version, snapshot_json, last_json, effective_at_ms, first_at_ms, snooze_ends_at_ms FROM incident
  WHERE id >= ? AND id < ? ORDER BY first_at_ms DESC LIMIT 1`

const UNJUDGED_BOARD = `
  SELECT 1 FROM event WHERE state = 'new' AND incident_id >= ? AND incident_id < ? LIMIT 1`

export function* backlog(db: Sql, { destination, named }: Query<'backlog'>): Steps<Backlog> {
  const all = [destination, BOARDS, endOf(BOARDS)] as const
  const groups: WaitingGroup[] = []
  for (const { severity, n } of yield* db.all<{ severity: string; n: number }>(WAITING, ...all)) {
    const first = yield* db.all<Pick<IncidentRow, 'snapshot_json'>>(FIRST_WAITING, ...all, severity, named)
    groups.push({ severity, count: n, first: first.map(toNamed) })
  }
  const prefix = boardPrefix(destination)
  const board = yield* db.get<IncidentRow>(NEWEST_BOARD, prefix, endOf(prefix))
  const isTold = (yield* db.get(UNJUDGED_BOARD, prefix, endOf(prefix))) !== undefined
  return { groups, isTold, ...(board && { board: toIncident(board) }) }
}

function toNamed({ snapshot_json }: Pick<IncidentRow, 'snapshot_json'>): WaitingGroup['first'][number] {
  const { title, detailUrl: url } = fromJson<Incident>(snapshot_json)
  return url === undefined ? { title } : { title, url }
}

/** The first text after all that begin with `prefix`, whose last character is a slash. */
function endOf(prefix: string): string {
  return `${prefix.slice(0, -1)}0`
}
