import { editKey, type Work, type WorkKey, type WorkState } from '../history.ts'
import type { Incident } from '../../incident/incident.ts'
import { count } from './lanes.ts'
import { fromJson, present } from './rows.ts'
import type { Sql, Steps } from './steps.ts'

interface WorkRow {
  readonly key: string
  readonly kind: 'card' | 'reply'
  readonly state: WorkState
  readonly incident_id: string
  readonly destination: string
  readonly seq: number
  readonly attempts: number
  readonly due_at_ms: number
  readonly lane_due_at_ms: number | null
  readonly reason: string | null
  readonly since_at_ms: number
  readonly snapshot_json: string | null
}
/** Titles are looked up for what is shown only. An event that is forgotten hides nothing. */
const WORK = `
  SELECT w.key, w.kind, w.state, w.incident_id, w.destination, w.seq, w.attempts, w.due_at_ms, w.reason, w.since_at_ms,
    l.due_at_ms AS lane_due_at_ms, i.snapshot_json
  FROM (
    SELECT d.*, coalesce(e.received_at_ms, d.due_at_ms) AS since_at_ms
    FROM delivery d LEFT JOIN event e ON e.id = d.event_id
    WHERE d.state NOT IN ('done', 'superseded')
    ORDER BY d.state NOT IN ('dead', 'held'), since_at_ms, d.seq LIMIT ?
  ) w
  LEFT JOIN lane l ON l.incident_id = w.incident_id AND l.destination = w.destination
  LEFT JOIN incident i ON i.id = w.incident_id`
const COUNT_WORK = "SELECT count(*) AS n FROM delivery WHERE state NOT IN ('done', 'superseded')"

interface EditRow {
  readonly incident_id: string
  readonly destination: string
  readonly edit_attempts: number
  readonly edit_due_at_ms: number
  readonly due_at_ms: number
  readonly owed_since_ms: number | null
  readonly snapshot_json: string | null
}
const EDITS = `
  SELECT l.incident_id, l.destination, l.edit_attempts, l.edit_due_at_ms, l.due_at_ms, l.owed_since_ms,
    i.snapshot_json
  FROM (
    SELECT * FROM lane
    WHERE due_at_ms IS NOT NULL AND frozen = 0 AND card_json IS NOT NULL AND wanted_version > shown_version
    ORDER BY owed_since_ms LIMIT ?
  ) l LEFT JOIN incident i ON i.id = l.incident_id`
const COUNT_EDITS = `
  SELECT count(*) AS n FROM lane
  WHERE due_at_ms IS NOT NULL AND frozen = 0 AND card_json IS NOT NULL AND wanted_version > shown_version`

export function* work(db: Sql, { limit }: { limit: number }): Steps<{ items: readonly Work[]; total: number }> {
  const items = [
    ...(yield* db.all<WorkRow>(WORK, limit)).map(toWork),
    ...(yield* db.all<EditRow>(EDITS, limit)).map(toEdit),
  ]
  const inOrder = items.toSorted((a, b) => forPeople(a) - forPeople(b) || a.sinceMs - b.sinceMs || a.seq - b.seq)
  return { items: inOrder.slice(0, limit), total: (yield* count(db, COUNT_WORK)) + (yield* count(db, COUNT_EDITS)) }
}

function forPeople({ state }: Work): number {
  return state === 'dead' || state === 'held' ? 0 : 1
}

function toWork(row: WorkRow): Work {
  const { state } = row
  // What was given up on is not tried again; a lane at rest has nothing it could try.
  const rests = state === 'dead' || state === 'held' || row.lane_due_at_ms === null
  return {
    key: row.key,
    kind: row.kind,
    state,
    incidentId: row.incident_id,
    destination: row.destination,
    seq: row.seq,
    attempts: row.attempts,
    ...present('reason', row.reason),
    title: toTitle(row.snapshot_json),
    sinceMs: row.since_at_ms,
    ...(!rests && { dueAtMs: Math.max(row.due_at_ms, row.lane_due_at_ms) }),
  }
}

function toEdit(row: EditRow): Work {
  const lane = { incidentId: row.incident_id, destination: row.destination }
  return {
    ...lane,
    key: editKey(lane),
    kind: 'edit',
    state: 'pending',
    seq: 0,
    attempts: row.edit_attempts,
    title: toTitle(row.snapshot_json),
    sinceMs: row.owed_since_ms ?? row.due_at_ms,
    dueAtMs: Math.max(row.edit_due_at_ms, row.due_at_ms),
  }
}

function toTitle(snapshotJson: string | null): string {
  return snapshotJson === null ? '' : fromJson<Incident>(snapshotJson).title
}

const WORK_KEYS = `
  SELECT key, state, destination FROM delivery WHERE state NOT IN ('done', 'superseded') LIMIT 100000`
const EDIT_KEYS = `
  SELECT incident_id, destination FROM lane
  WHERE due_at_ms IS NOT NULL AND frozen = 0 AND card_json IS NOT NULL AND wanted_version > shown_version LIMIT 100000`

export function* workKeys(db: Sql): Steps<readonly WorkKey[]> {
  const deliveries = yield* db.all<Pick<WorkRow, 'key' | 'state' | 'destination'>>(WORK_KEYS)
  const edits = yield* db.all<Pick<EditRow, 'incident_id' | 'destination'>>(EDIT_KEYS)
  return [
    ...deliveries.map((row) => ({ key: row.key, state: row.state, destination: row.destination })),
    ...edits.map(({ incident_id: incidentId, destination }): WorkKey => {
      return { key: editKey({ incidentId, destination }), state: 'pending', destination }
    }),
  ]
}
