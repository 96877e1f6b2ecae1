import { loadSqlite } from '../../src/store/sqlite/driver.ts'
import { openRelayDatabase } from '../../src/store/sqlite/open.ts'

/** Events an incident has had by the time it is closed. */
const EVENTS_PER_INCIDENT = 10

/** Ids in no order, as the source's are: in order, the indexes would be smaller than any real one. */
const EVENTS = `
  WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1)
  INSERT INTO event (id, incident_id, type, effective_at_ms, received_at_ms, state, body, body_hash)
  SELECT printf('%08x%024x', i * 2654435761 & 4294967295, i), printf('%08x%016x', i / ${EVENTS_PER_INCIDENT} * 2654435761 & 4294967295, i / ${EVENTS_PER_INCIDENT}),
    'i_ack', ?2 + i, ?2 + i, 'applied', printf('{"event_id":"%032x","body":"%.*c"}', i, 440, 'x'), printf('%032x', i)
  FROM n`
const INCIDENTS = `
  INSERT INTO incident (id, version, snapshot_json, last_json, effective_at_ms, first_at_ms)
  SELECT incident_id, ${EVENTS_PER_INCIDENT}, '{"title":"history"}', '{"id":"history"}', max(effective_at_ms), min(effective_at_ms)
  FROM event GROUP BY incident_id`
const LANES = `
  INSERT INTO lane (incident_id, destination, wanted_version, shown_version, urgency)
  SELECT id, destination, version, version, 2
  FROM incident, (SELECT 'slack0' AS destination UNION ALL SELECT 'discord0')`

/** Make the database of a relay that has been through `events` events, all of them judged and shown. */
export async function createHistory(file: string, events: number): Promise<void> {
  const db = openRelayDatabase(await loadSqlite(), file)
  db.exec('PRAGMA cache_size = -500000')
  db.exec('BEGIN')
  db.prepare(EVENTS).run(events, Date.now() - 30 * 24 * 3_600_000)
  db.exec(INCIDENTS)
  db.exec(LANES)
  db.exec('COMMIT')
  db.close()
}
