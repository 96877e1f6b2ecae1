import { toIncident, toStoredEvent, type EventRow, type IncidentRow } from '../sql/events.ts'
import { toLane, type LaneRow } from '../sql/lane-row.ts'
import type { Done, Steps } from '../sql/steps.ts'
import type { Accepted, KnownIncident, NewEvent, UnappliedEvent } from '../store.ts'
import type { Share } from './own.ts'

/**
 * Keep many events by one statement, which is a transaction. They are numbered as they came and written in the order of
 * their ids, so that two replicas with the same events never wait for each other in a ring. What was known is read as it
 * was before.
 */
const KEEP = `
  WITH came AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bytea[], $7::text[])
      WITH ORDINALITY AS t (id, incident_id, type, effective_at_ms, received_at_ms, body, body_hash, place)
  ), numbered AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('event', 'seq')) AS seq, * FROM (SELECT * FROM came ORDER BY place) AS ordered
  ), kept AS (
    INSERT INTO event (seq, id, incident_id, type, effective_at_ms, received_at_ms, state, body, body_hash)
    SELECT seq, id, incident_id, type, effective_at_ms, received_at_ms, 'new', body, body_hash FROM numbered ORDER BY id, place
    ON CONFLICT (id) DO NOTHING
    RETURNING id
  )
  SELECT kept.id IS NOT NULL AS is_kept, known.body_hash AS known_hash, latest.at_ms AS latest_at_ms
  FROM came
  LEFT JOIN kept ON kept.id = came.id COLLATE "C"
  LEFT JOIN event known ON known.id = came.id
  CROSS JOIN LATERAL (
    SELECT max(effective_at_ms) AS at_ms FROM event WHERE incident_id = came.incident_id
  ) latest
  ORDER BY came.place`
interface KeptRow {
  readonly is_kept: number
  readonly known_hash: string | null
  readonly latest_at_ms: number | null
}
const HASHES = 'SELECT id, body_hash FROM event WHERE id = ANY($1::text[])'

/** Keep events once each, and say of each what it is, as if they had come one after the other. */
export function* keep(events: readonly NewEvent[]): Steps<readonly Accepted[]> {
  const { rows }: Done = yield {
    sql: KEEP,
    params: [
      events.map(({ id }) => id),
      events.map(({ incidentId }) => incidentId),
      events.map(({ type }) => type),
      events.map(({ effectiveAtMs }) => effectiveAtMs),
      events.map(({ receivedAtMs }) => receivedAtMs),
      events.map(({ body }) => Buffer.from(body)),
      events.map(({ bodyHash }) => bodyHash),
    ],
  }
  const kept = rows as readonly KeptRow[]
  // Another replica kept these at the same moment: they were not there yet when we looked.
  const raced = events.filter((_, index) => kept[index]?.is_kept === 0 && kept[index].known_hash === null)
  const hashes = new Map<string, string>()
  if (raced.length > 0) {
    const found: Done = yield { sql: HASHES, params: [raced.map(({ id }) => id)] }
    for (const row of found.rows as readonly { id: string; body_hash: string }[]) hashes.set(row.id, row.body_hash)
  }
  const latest = new Map<string, number>()
  return events.map(({ id, incidentId, effectiveAtMs, bodyHash }, index) => {
    const row = kept[index]
    const before = latest.get(incidentId) ?? row?.latest_at_ms ?? undefined
    const firstHash = row?.known_hash ?? hashes.get(id)
    if (row?.is_kept !== 1 || firstHash !== undefined) {
      return { result: 'duplicate', conflict: firstHash !== bodyHash, latestAtMs: before ?? effectiveAtMs }
    }
    hashes.set(id, bodyHash)
    const latestAtMs = Math.max(before ?? effectiveAtMs, effectiveAtMs)
    latest.set(incidentId, latestAtMs)
    const isStale = before !== undefined && effectiveAtMs < before
    return { result: isStale ? 'stale' : 'accepted', conflict: false, latestAtMs }
  })
}

const UNAPPLIED = `
  SELECT seq, id, incident_id, type, effective_at_ms, received_at_ms, body, body_hash
  FROM event WHERE state = 'new' AND incident_id <> ALL($2::text[]) ORDER BY seq LIMIT $1`
/**
 * How far is looked for a replica's own share, so that one with nothing to do does not read again and again all that waits
 * for others. Where none of so many is its own, the others are far behind, and it helps them.
 */
const LOOK_AT = 500
/**
 * Replicas share the judging by incident, so that the events of one are judged in their order. What none of them judged in
 * time was the part of one that is gone, and is anybody's who has nothing left to do. Step by step along the index: a
 * server that has no statistics yet takes the share for so few that it would read and sort all there is.
 */
const UNAPPLIED_SHARE = `
  WITH RECURSIVE waiting AS (
    (SELECT seq, incident_id, received_at_ms, 1 AS nth FROM event
      WHERE state = 'new' AND incident_id <> ALL($5::text[]) ORDER BY seq LIMIT 1)
    UNION ALL
    SELECT next.seq, next.incident_id, next.received_at_ms, waiting.nth + 1 FROM waiting CROSS JOIN LATERAL (
      SELECT seq, incident_id, received_at_ms FROM event
      WHERE state = 'new' AND seq > waiting.seq AND incident_id <> ALL($5::text[]) ORDER BY seq LIMIT 1
    ) AS next WHERE waiting.nth < ${LOOK_AT}
  ), share AS (
    (SELECT seq FROM waiting WHERE mod(abs(hashtext(incident_id)::bigint), $2::bigint) = $3::bigint LIMIT $1)
    UNION ALL
    (SELECT seq FROM waiting
      WHERE mod(abs(hashtext(incident_id)::bigint), $2::bigint) <> $3::bigint AND received_at_ms <= $4::bigint LIMIT $1)
    LIMIT $1
  )
  SELECT seq, id, incident_id, type, effective_at_ms, received_at_ms, body, body_hash
  FROM share JOIN event USING (seq) ORDER BY seq`
/** A replica that is there judges within a second; longer only if all of them have more than they can judge. */
const LATE_AFTER_MS = 5_000
const INCIDENTS = `
  SELECT id, version, snapshot_json, last_json, effective_at_ms, first_at_ms, snooze_ends_at_ms
  FROM incident WHERE id = ANY($1::text[])`
const LANES = 'SELECT * FROM lane WHERE incident_id = ANY($1::text[]) ORDER BY destination'

/** As the store's interface says, for one replica's share, in three statements however many there are. */
export function* unapplied(
  { limit, except = [] }: { readonly limit: number; readonly except?: readonly string[] },
  { of, place }: Share,
  nowMs: number,
): Steps<readonly UnappliedEvent[]> {
  const { rows }: Done =
    of === 1
      ? yield { sql: UNAPPLIED, params: [limit, except] }
      : yield { sql: UNAPPLIED_SHARE, params: [limit, of, place, nowMs - LATE_AFTER_MS, except] }
  const events = (rows as readonly (EventRow & { body_hash: string })[]).map((row) => ({
    ...toStoredEvent(row),
    bodyHash: row.body_hash,
  }))
  if (events.length === 0) return []
  const ids = [...new Set(events.map(({ incidentId }) => incidentId))]
  const incidents = ((yield { sql: INCIDENTS, params: [ids] }).rows as readonly IncidentRow[]).map(toIncident)
  const lanes =
    incidents.length === 0 ? [] : ((yield { sql: LANES, params: [ids] }).rows as readonly LaneRow[]).map(toLane)
  const known = new Map<string, KnownIncident>(
    incidents.map((incident) => [
      incident.id,
      { incident, lanes: lanes.filter(({ incidentId }) => incidentId === incident.id) },
    ]),
  )
  return events.map((event) => {
    const first = known.get(event.incidentId)
    known.delete(event.incidentId)
    return first === undefined ? event : { ...event, known: first }
  })
}
