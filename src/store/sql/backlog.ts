import { BOARDS, boardPrefix, type WaitingGroup } from '../../incident/board.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Backlog, Store } from '../store.ts'
import { toIncident, type IncidentRow } from './events.ts'
import { fromJson } from './rows.ts'
import type { Sql, Steps } from './steps.ts'

type Query<Method extends keyof Store> = Parameters<Store[Method]>[0]

/**
 * A lane gets the severity its incident has whenever plans touch it; as much as an index of Postgres takes. One
 * that was salvaged, or that an older release wrote, has none: it gets it here, not all in one step.
 */
const NAME_SEVERITY = `
  UPDATE lane SET severity = coalesce((SELECT substr(severity, 1, 64) FROM incident WHERE id = incident_id), '')
  WHERE destination = ?1 AND incident_id IN (
    SELECT incident_id FROM lane INDEXED BY lane_cards
    WHERE destination = ?1 AND severity = '' AND urgency <= 1 AND due_at_ms IS NOT NULL LIMIT 1000)`
/**
 * Lanes that owe a card, boards left out: `?2` is where the ids of boards begin, `?3` where they end. The index alone
 * answers this, in the time that it takes to read it: an incident is as large as what was pushed of it.
 */
const WAITING = `
  SELECT severity, count(*) AS n FROM lane INDEXED BY lane_cards
  WHERE destination = ?1 AND urgency <= 1 AND due_at_ms IS NOT NULL AND NOT (incident_id >= ?2 AND incident_id < ?3)
  GROUP BY severity ORDER BY severity`
const FIRST_WAITING = `
  SELECT i.snapshot_json
  FROM lane l INDEXED BY lane_cards JOIN incident i ON i.id = l.incident_id
  WHERE l.destination = ?1 AND l.urgency <= 1 AND l.due_at_ms IS NOT NULL AND NOT (l.incident_id >= ?2 AND l.incident_id < ?3)
    AND l.severity = ?4
  ORDER BY l.owed_since_ms LIMIT ?5`
const NEWEST_BOARD = `
  SELECT id, version, snapshot_json, last_json, effective_at_ms, first_at_ms, snooze_ends_at_ms FROM incident
  WHERE id >= ? AND id < ? ORDER BY first_at_ms DESC LIMIT 1`

const UNJUDGED_BOARD = `
  SELECT 1 FROM event WHERE state = 'new' AND incident_id >= ? AND incident_id < ? LIMIT 1`

export function* backlog(db: Sql, { destination, named }: Query<'backlog'>): Steps<Backlog> {
  const prefix = boardPrefix(destination)
  const board = yield* db.get<IncidentRow>(NEWEST_BOARD, prefix, endOf(prefix))
  const isTold = (yield* db.get(UNJUDGED_BOARD, prefix, endOf(prefix))) !== undefined
  const groups = isTold ? [] : yield* count(db, destination, named)
  return { groups, isTold, ...(board && { board: toIncident(board) }) }
}

function* count(db: Sql, destination: string, named: number): Steps<readonly WaitingGroup[]> {
  yield* db.run(NAME_SEVERITY, destination)
  const all = [destination, BOARDS, endOf(BOARDS)] as const
  const groups: WaitingGroup[] = []
  for (const { severity, n } of yield* db.all<{ severity: string; n: number }>(WAITING, ...all)) {
    const first = yield* db.all<Pick<IncidentRow, 'snapshot_json'>>(FIRST_WAITING, ...all, severity, named)
    groups.push({ severity, count: n, first: first.map(toNamed) })
  }
  return groups
}

function toNamed({ snapshot_json }: Pick<IncidentRow, 'snapshot_json'>): WaitingGroup['first'][number] {
  const { title, detailUrl: url } = fromJson<Incident>(snapshot_json)
  return url === undefined ? { title } : { title, url }
}

/** The first text after all that begin with `prefix`, whose last character is a slash. */
function endOf(prefix: string): string {
  return `${prefix.slice(0, -1)}0`
}
