import { createHash } from 'node:crypto'
import pg from 'pg'
import type { NewEvent, Store } from '../../src/store/store.ts'
import { toBody } from './push.ts'

/** As many as the store writes at once at most. */
const BATCH = 512

/** What anybody would write first: one statement a batch, one batch after the other, in a table with the same columns and indexes. */
const BARE_TABLE = `
  CREATE TABLE IF NOT EXISTS bare (
    seq bigserial PRIMARY KEY, id text NOT NULL UNIQUE, incident_id text NOT NULL, type text NOT NULL,
    effective_at_ms bigint NOT NULL, received_at_ms bigint NOT NULL, state text NOT NULL, body bytea NOT NULL, body_hash text NOT NULL);
  CREATE INDEX IF NOT EXISTS bare_unapplied ON bare (seq) WHERE state = 'new';
  CREATE INDEX IF NOT EXISTS bare_by_incident ON bare (incident_id, effective_at_ms)`
const BARE = `
  INSERT INTO bare (id, incident_id, type, effective_at_ms, received_at_ms, state, body, body_hash)
  SELECT id, incident_id, type, effective_at_ms, received_at_ms, 'new', body, body_hash
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bytea[], $7::text[])
    AS t (id, incident_id, type, effective_at_ms, received_at_ms, body, body_hash)
  ON CONFLICT (id) DO NOTHING`

/** Events a second that a bare script writes. */
export async function keepBare(url: string, round: number, count: number): Promise<number> {
  const batches = toBatches(`bare${round}`, count)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(BARE_TABLE)
  const startedAtMs = performance.now()
  for (const events of batches) {
    await client.query(BARE, [
      events.map(({ id }) => id),
      events.map(({ incidentId }) => incidentId),
      events.map(({ type }) => type),
      events.map(({ effectiveAtMs }) => effectiveAtMs),
      events.map(({ receivedAtMs }) => receivedAtMs),
      events.map(({ body }) => Buffer.from(body)),
      events.map(({ bodyHash }) => bodyHash),
    ])
  }
  const perSecond = count / ((performance.now() - startedAtMs) / 1_000)
  await client.end()
  return perSecond
}

/** Events a second that the store accepts when so many are waiting. */
export async function keepInStore(store: Store, round: number, count: number): Promise<number> {
  const batches = toBatches(`store${round}`, count)
  const startedAtMs = performance.now()
  // While one batch is written the next one waits, as under a flood.
  let before: Promise<unknown> = Promise.resolve()
  for (const events of batches) {
    const now = Promise.all(events.map((event) => store.accept(event)))
    await before
    before = now
  }
  await before
  return count / ((performance.now() - startedAtMs) / 1_000)
}

function toBatches(prefix: string, count: number): readonly (readonly NewEvent[])[] {
  const nowMs = Date.now()
  const events = Array.from({ length: count }, (_, index) => toEvent(prefix, index, nowMs))
  return Array.from({ length: Math.ceil(count / BATCH) }, (_, index) =>
    events.slice(index * BATCH, (index + 1) * BATCH),
  )
}

function toEvent(prefix: string, index: number, nowMs: number): NewEvent {
  const id = `${prefix}-${index}`
  const incidentId = `${prefix}-${Math.floor(index / 10)}`
  const body = toBody(id, incidentId, nowMs)
  const bodyHash = createHash('sha256').update(body).digest('hex')
  return { id, incidentId, type: 'i_new', effectiveAtMs: nowMs + index, receivedAtMs: nowMs, body, bodyHash }
}
