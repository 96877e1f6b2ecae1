/** A table as it is moved from SQLite to Postgres. */
export interface MovedTable {
  readonly name: string
  /** In the order in which they are read and written. */
  readonly columns: readonly string[]
  readonly key: readonly string[]
  /** A column that is text in SQLite and bytes in Postgres, whose texts cannot hold everything. */
  readonly toBytes?: string
  /** In SQLite: everything, and everything behind a key, in the order of keys. */
  readonly readAll: string
  readonly readBehind: string
  /** In SQLite: the highest number that was ever given to a row, where rows are numbered. */
  readonly counter?: string
  /** In both. */
  readonly count: string
  /** In Postgres: many rows at once, a list for each column. */
  readonly insert: string
  /** In Postgres: go on counting from there. */
  readonly goOnCounting?: string
  /** In Postgres: know what is in it. */
  readonly analyze: string
}

const PAUSE: MovedTable = {
  name: 'pause',
  columns: ['scope', 'reason', 'until_at_ms', 'failures'],
  key: ['scope'],
  readAll: 'SELECT scope, reason, until_at_ms, failures FROM pause ORDER BY scope',
  readBehind: 'SELECT scope, reason, until_at_ms, failures FROM pause WHERE scope > ? ORDER BY scope',
  count: 'SELECT count(*) AS n FROM pause',
  analyze: 'ANALYZE pause',
  insert: `
    INSERT INTO pause (scope, reason, until_at_ms, failures)
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::int[])`,
}

const INCIDENT: MovedTable = {
  name: 'incident',
  columns: [
    'id',
    'version',
    'severity',
    'snapshot_json',
    'last_json',
    'effective_at_ms',
    'first_at_ms',
    'snooze_ends_at_ms',
  ],
  key: ['id'],
  readAll: 'SELECT * FROM incident ORDER BY id',
  readBehind: 'SELECT * FROM incident WHERE id > ? ORDER BY id',
  count: 'SELECT count(*) AS n FROM incident',
  analyze: 'ANALYZE incident',
  insert: `
    INSERT INTO incident (id, version, severity, snapshot_json, last_json, effective_at_ms, first_at_ms, snooze_ends_at_ms)
    SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[])`,
}

const LANE: MovedTable = {
  name: 'lane',
  columns: [
    'incident_id',
    'destination',
    'generation',
    'card_json',
    'wanted_version',
    'shown_version',
    'shown_hash',
    'frozen',
    'edit_attempts',
    'edit_due_at_ms',
    'edit_again_at_ms',
    'shown_at_ms',
    'changed_since_ms',
    'changed_at_ms',
    'urgency',
    'due_at_ms',
    'owed_since_ms',
    'touched',
    'owner',
    'epoch',
    'lease_until_ms',
    'severity',
  ],
  key: ['incident_id', 'destination'],
  readAll: 'SELECT * FROM lane ORDER BY incident_id, destination',
  readBehind: 'SELECT * FROM lane WHERE (incident_id, destination) > (?, ?) ORDER BY incident_id, destination',
  count: 'SELECT count(*) AS n FROM lane',
  analyze: 'ANALYZE lane',
  insert: `
    INSERT INTO lane (incident_id, destination, generation, card_json, wanted_version, shown_version, shown_hash, frozen,
      edit_attempts, edit_due_at_ms, edit_again_at_ms, shown_at_ms, changed_since_ms, changed_at_ms, urgency, due_at_ms,
      owed_since_ms, touched, owner, epoch, lease_until_ms, severity)
    SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::int[], $6::int[], $7::text[], $8::int[],
      $9::int[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::int[], $16::bigint[],
      $17::bigint[], $18::bigint[], $19::text[], $20::bigint[], $21::bigint[], $22::text[])`,
}

const DELIVERY: MovedTable = {
  name: 'delivery',
  columns: [
    'key',
    'incident_id',
    'destination',
    'kind',
    'generation',
    'seq',
    'event_id',
    'state',
    'attempts',
    'due_at_ms',
    'detail',
    'sent_at_ms',
    'unclear_at_ms',
    'ref_json',
    'reason',
    'fold_key',
    'broadcast',
    'mention_json',
    'late',
  ],
  key: ['key'],
  readAll: 'SELECT * FROM delivery ORDER BY key',
  readBehind: 'SELECT * FROM delivery WHERE key > ? ORDER BY key',
  count: 'SELECT count(*) AS n FROM delivery',
  analyze: 'ANALYZE delivery',
  insert: `
    INSERT INTO delivery (key, incident_id, destination, kind, generation, seq, event_id, state, attempts, due_at_ms, detail,
      sent_at_ms, unclear_at_ms, ref_json, reason, fold_key, broadcast, mention_json, late)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::text[], $8::text[],
      $9::int[], $10::bigint[], $11::text[], $12::bigint[], $13::bigint[], $14::text[], $15::text[], $16::text[],
      $17::int[], $18::text[], $19::int[])`,
}

const EVENT: MovedTable = {
  name: 'event',
  columns: [
    'seq',
    'id',
    'incident_id',
    'type',
    'effective_at_ms',
    'received_at_ms',
    'state',
    'body',
    'body_hash',
    'changes_json',
  ],
  key: ['seq'],
  toBytes: 'body',
  readAll: 'SELECT * FROM event ORDER BY seq',
  readBehind: 'SELECT * FROM event WHERE seq > ? ORDER BY seq',
  counter: "SELECT seq AS n FROM sqlite_sequence WHERE name = 'event'",
  count: 'SELECT count(*) AS n FROM event',
  analyze: 'ANALYZE event',
  insert: `
    INSERT INTO event (seq, id, incident_id, type, effective_at_ms, received_at_ms, state, body, body_hash, changes_json)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::bytea[],
      $9::text[], $10::text[])`,
  goOnCounting: "SELECT setval(pg_get_serial_sequence('event', 'seq'), $1)",
}

const QUARANTINE: MovedTable = {
  name: 'quarantine',
  columns: ['id', 'received_at_ms', 'code', 'reason', 'body'],
  key: ['id'],
  readAll: 'SELECT * FROM quarantine ORDER BY id',
  readBehind: 'SELECT * FROM quarantine WHERE id > ? ORDER BY id',
  counter: "SELECT seq AS n FROM sqlite_sequence WHERE name = 'quarantine'",
  count: 'SELECT count(*) AS n FROM quarantine',
  analyze: 'ANALYZE quarantine',
  insert: `
    INSERT INTO quarantine (id, received_at_ms, code, reason, body)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bytea[])`,
  goOnCounting: "SELECT setval(pg_get_serial_sequence('quarantine', 'id'), $1)",
}

/** All that is worth moving: what else an engine keeps is its own. */
export const MOVED_TABLES: readonly MovedTable[] = [PAUSE, INCIDENT, LANE, DELIVERY, EVENT, QUARANTINE]
