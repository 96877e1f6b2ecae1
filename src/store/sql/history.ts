import { SNOOZE_ENDED } from '../../incident/attention.ts'
import { STORM_BOARD } from '../../incident/board.ts'
import type { History, Quarantined } from '../history.ts'
import type { QuarantineEntry, StoredEvent } from '../store.ts'
import { toStoredEvent, type EventRow } from './events.ts'
import type { Sql, Steps } from './steps.ts'

interface QuarantineRow {
  readonly id: number
  readonly received_at_ms: number
  readonly code: string
  readonly reason: string
  readonly bytes: number
}
const QUARANTINED = `
  SELECT id, received_at_ms, code, reason, length(body) AS bytes FROM quarantine ORDER BY id DESC LIMIT ?`

export function* quarantined(db: Sql, { limit }: { limit: number }): Steps<readonly Quarantined[]> {
  return (yield* db.all<QuarantineRow>(QUARANTINED, limit)).map(({ received_at_ms, ...row }) => ({
    id: row.id,
    receivedAtMs: received_at_ms,
    code: row.code,
    reason: row.reason,
    bytes: row.bytes,
  }))
}

const QUARANTINED_BODY = 'SELECT received_at_ms, code, reason, body FROM quarantine WHERE id = ?'

export function* quarantinedBody(db: Sql, { id }: { id: number }): Steps<QuarantineEntry | undefined> {
  const row = yield* db.get<Omit<QuarantineRow, 'id'> & { body: Uint8Array }>(QUARANTINED_BODY, id)
  return row && { receivedAtMs: row.received_at_ms, code: row.code, reason: row.reason, body: row.body }
}

const UNQUARANTINE = 'DELETE FROM quarantine WHERE id = ?'

export function* unquarantine(db: Sql, { id }: { id: number }): Steps<void> {
  yield* db.run(UNQUARANTINE, id)
}

/** Rows looked at in one go: some ms, and a few MiB at most for pushes of the usual size. */
const STRETCH = 1_000
/** What the source sent: events of our own are made anew by whoever needs them. */
const RECEIVED = `
  SELECT seq, id, incident_id, type, effective_at_ms, received_at_ms, body
  FROM event WHERE seq > ?1 AND seq <= ?2 AND received_at_ms >= ?3 AND received_at_ms < ?4
    AND type NOT IN (?5, ?6) ORDER BY seq`
const BOUNDS = 'SELECT (SELECT min(seq) FROM event WHERE seq > ?1) AS first, (SELECT max(seq) FROM event) AS last'

export function* received(
  db: Sql,
  { sinceMs, untilMs, after }: Parameters<History['received']>[0],
): Steps<{ readonly events: readonly StoredEvent[]; readonly next?: number }> {
  const { first, last } = (yield* db.get<{ first: number | null; last: number | null }>(BOUNDS, after)) ?? {}
  if (typeof first !== 'number' || typeof last !== 'number') return { events: [] }
  const until = first + STRETCH
  const rows = yield* db.all<EventRow>(RECEIVED, after, until, sinceMs, untilMs, SNOOZE_ENDED, STORM_BOARD)
  const events = rows.map(toStoredEvent)
  return { events, ...(until < last && { next: until }) }
}
