import pg from 'pg'
import type { PostgresStore } from '../../src/store/postgres.ts'

/** How many lanes wait. */
export const LANES = [10, 1_000, 100_000] as const
const DESTINATION = 'payments'
const URGENCY = 2

const INCIDENTS = `
  INSERT INTO incident (id, version, snapshot_json, last_json, effective_at_ms, first_at_ms)
  SELECT md5(i::text), 2, '{"title":"waiting"}', '{"id":"waiting"}', $2, $2 FROM generate_series(1, $1::int) i`
const WAITING = `
  INSERT INTO lane (incident_id, destination, wanted_version, shown_version, urgency, due_at_ms, owed_since_ms)
  SELECT md5(i::text), '${DESTINATION}', 2, 1, ${URGENCY}, $2::bigint, $2::bigint + i FROM generate_series(1, $1::int) i`

/** Lanes that owe an edit since before `nowMs`. */
export async function fillLanes(url: string, lanes: number, nowMs: number): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(INCIDENTS, [lanes, nowMs - 1_000_000])
  await client.query(WAITING, [lanes, nowMs - 1_000_000])
  await client.query('VACUUM ANALYZE')
  await client.end()
}

/** Look for what is due, take the first, let it go again: ms each, of `times`. */
export async function claimAll({ store, clock }: PostgresStore, times: number): Promise<number> {
  const startedAtMs = performance.now()
  for (let time = 0; time < times; time++) {
    const nowMs = clock.now()
    const classes = [{ destination: DESTINATION, urgency: URGENCY }] as const
    const [lane] = await store.due({ nowMs, classes, limit: 16 })
    if (lane === undefined) throw new Error('no lane is due')
    const { incidentId, destination } = lane
    const key = { incidentId, destination }
    const work = await store.claim({ lane: key, owner: 'bench', nowMs, leaseUntilMs: nowMs + 60_000 })
    if (work === undefined) throw new Error('a lane that nobody holds was not to be had')
    const release = { touched: work.touched, urgency: URGENCY, dueAtMs: nowMs } as const
    await store.save({ lane: key, epoch: work.epoch, nowMs, release })
  }
  return (performance.now() - startedAtMs) / times
}
