import { StoreError } from '../error.ts'
import { incident, toStoredEvent, type EventRow } from '../sql/events.ts'
import type { Accepted, NewEvent, UnappliedEvent } from '../store.ts'
import { isAsStored } from './body-hash.ts'
import { finish, toSql, type Statements } from './rows.ts'

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

const UNAPPLIED = `
  SELECT seq, id, incident_id, type, effective_at_ms, received_at_ms, body, body_hash
  FROM event WHERE state = 'new' AND incident_id NOT IN (SELECT value FROM json_each(?)) ORDER BY seq LIMIT ?`

export function unapplied(
  db: Statements,
  { limit, except = [] }: { limit: number; except?: readonly string[] },
): readonly UnappliedEvent[] {
  const seen = new Set<string>()
  return db.all<EventRow & { body_hash: string }>(UNAPPLIED, JSON.stringify(except), limit).map((row) => {
    if (!isAsStored(row.body, row.body_hash)) throw new StoreError('damaged', `event ${row.id} is not what was stored`)
    const known = seen.has(row.incident_id) ? undefined : finish(incident(toSql(db), { id: row.incident_id }))
    seen.add(row.incident_id)
    return { ...toStoredEvent(row), bodyHash: row.body_hash, ...(known && { known }) }
  })
}

/** 64 KiB: where a disk is nearly full, a few bytes may still find room when an event does not. */
const PROBE = `
  INSERT INTO probe (id, body) VALUES (1, randomblob(65536)) ON CONFLICT (id) DO UPDATE SET body = excluded.body`

export function probe(db: Statements): void {
  db.run(PROBE)
}
