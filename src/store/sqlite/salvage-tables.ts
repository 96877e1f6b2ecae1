import type { SqlValue } from '../sql/steps.ts'

export type Row = Readonly<Record<string, SqlValue>>

/** A table as it is taken over from a damaged database. */
export interface SalvagedTable {
  readonly name: string
  readonly columns: readonly string[]
  readonly key: readonly string[]
  /** Columns that hold JSON: a row in which one does not is left behind. */
  readonly json: readonly string[]
  /** Above and below every key. */
  readonly top: readonly SqlValue[]
  readonly bottom: readonly SqlValue[]
  /** The next row below a key, and the next above it; `keys` asks for no more than the key. */
  readonly before: { readonly keys: string; readonly row: string }
  readonly after: { readonly keys: string; readonly row: string }
  readonly insert: string
}

/** SQLite orders blobs above all text. */
const ABOVE_TEXT = new Uint8Array()

const PAUSE: SalvagedTable = {
  name: 'pause',
  columns: ['scope', 'reason', 'until_at_ms', 'failures'],
  key: ['scope'],
  json: [],
  top: [ABOVE_TEXT],
  bottom: [''],
  before: {
    keys: 'SELECT scope FROM pause WHERE scope < ? ORDER BY scope DESC LIMIT 1',
    row: 'SELECT scope, reason, until_at_ms, failures FROM pause WHERE scope < ? ORDER BY scope DESC LIMIT 1',
  },
  after: {
    keys: 'SELECT scope FROM pause WHERE scope > ? ORDER BY scope LIMIT 1',
    row: 'SELECT scope, reason, until_at_ms, failures FROM pause WHERE scope > ? ORDER BY scope LIMIT 1',
  },
  insert: 'INSERT INTO pause (scope, reason, until_at_ms, failures) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
}

const LANE: SalvagedTable = {
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
  ],
  key: ['incident_id', 'destination'],
  json: ['card_json'],
  top: [ABOVE_TEXT, ABOVE_TEXT],
  bottom: ['', ''],
  before: {
    keys: `
      SELECT incident_id, destination FROM lane WHERE (incident_id, destination) < (?, ?)
      ORDER BY incident_id DESC, destination DESC LIMIT 1`,
    row: `
      SELECT * FROM lane WHERE (incident_id, destination) < (?, ?)
      ORDER BY incident_id DESC, destination DESC LIMIT 1`,
  },
  after: {
    keys: `
      SELECT incident_id, destination FROM lane WHERE (incident_id, destination) > (?, ?)
      ORDER BY incident_id, destination LIMIT 1`,
    row: `
      SELECT * FROM lane WHERE (incident_id, destination) > (?, ?)
      ORDER BY incident_id, destination LIMIT 1`,
  },
  insert: `
    INSERT INTO lane (incident_id, destination, generation, card_json, wanted_version, shown_version, shown_hash, frozen,
      edit_attempts, edit_due_at_ms, edit_again_at_ms, shown_at_ms, changed_since_ms, changed_at_ms, urgency, due_at_ms,
      owed_since_ms, touched, owner, epoch, lease_until_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, 0), coalesce(?, 0), coalesce(?, 0), ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
}

const INCIDENT: SalvagedTable = {
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
  json: ['snapshot_json', 'last_json'],
  top: [ABOVE_TEXT],
  bottom: [''],
  before: {
    keys: 'SELECT id FROM incident WHERE id < ? ORDER BY id DESC LIMIT 1',
    row: 'SELECT * FROM incident WHERE id < ? ORDER BY id DESC LIMIT 1',
  },
  after: {
    keys: 'SELECT id FROM incident WHERE id > ? ORDER BY id LIMIT 1',
    row: 'SELECT * FROM incident WHERE id > ? ORDER BY id LIMIT 1',
  },
  insert: `
    INSERT INTO incident (id, version, severity, snapshot_json, last_json, effective_at_ms, first_at_ms, snooze_ends_at_ms)
    VALUES (?, ?, coalesce(?, ''), ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
}

const DELIVERY: SalvagedTable = {
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
  json: ['ref_json', 'mention_json'],
  top: [ABOVE_TEXT],
  bottom: [''],
  before: {
    keys: 'SELECT key FROM delivery WHERE key < ? ORDER BY key DESC LIMIT 1',
    row: 'SELECT * FROM delivery WHERE key < ? ORDER BY key DESC LIMIT 1',
  },
  after: {
    keys: 'SELECT key FROM delivery WHERE key > ? ORDER BY key LIMIT 1',
    row: 'SELECT * FROM delivery WHERE key > ? ORDER BY key LIMIT 1',
  },
  insert: `
    INSERT INTO delivery (key, incident_id, destination, kind, generation, seq, event_id, state, attempts, due_at_ms, detail,
      sent_at_ms, unclear_at_ms, ref_json, reason, fold_key, broadcast, mention_json, late)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
}

export const EVENT: SalvagedTable = {
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
  json: ['changes_json'],
  top: [Number.MAX_SAFE_INTEGER],
  bottom: [-1],
  before: {
    keys: 'SELECT seq FROM event NOT INDEXED WHERE seq < ? ORDER BY seq DESC LIMIT 1',
    row: 'SELECT * FROM event NOT INDEXED WHERE seq < ? ORDER BY seq DESC LIMIT 1',
  },
  after: {
    keys: 'SELECT seq FROM event NOT INDEXED WHERE seq > ? ORDER BY seq LIMIT 1',
    row: 'SELECT * FROM event NOT INDEXED WHERE seq > ? ORDER BY seq LIMIT 1',
  },
  // What came again meanwhile and was judged long ago is not to be told twice.
  insert: `
    INSERT INTO event (seq, id, incident_id, type, effective_at_ms, received_at_ms, state, body, body_hash, changes_json)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, changes_json = excluded.changes_json
    WHERE event.state = 'new' AND excluded.state <> 'new'`,
}

/** In the order in which they are worth having: a card that is known is not posted again. */
export const TABLES: readonly SalvagedTable[] = [PAUSE, LANE, INCIDENT, DELIVERY, EVENT]

/** How often a lane is claimed at most: whoever held one that was lost must not pass for its next holder. */
const EPOCH_GAP = 1_000_000
/** A lane that was lost is found again by the card that was posted in it, which is no older than the lane. */
const LANES_OF_CARDS = `
  INSERT INTO lane (incident_id, destination, generation, card_json, urgency, due_at_ms, owed_since_ms, epoch)
  SELECT incident_id, destination, max(generation), ref_json, 2, due_at_ms, due_at_ms, due_at_ms + ${EPOCH_GAP}
  FROM delivery WHERE kind = 'card' AND state = 'done' AND ref_json IS NOT NULL
  GROUP BY incident_id, destination ON CONFLICT DO NOTHING`
/** Without its incident a card shows an unknown version: the next event is version 1, and must be newer than that. */
const LANES_WITHOUT_INCIDENT = `
  UPDATE lane SET wanted_version = 0, shown_version = 0, shown_hash = NULL, due_at_ms = NULL, owed_since_ms = NULL
  WHERE incident_id NOT IN (SELECT id FROM incident)`
/** A lane found by its card owes the newest state that is known. */
const LANES_OWE_STATE = `
  UPDATE lane SET wanted_version = (SELECT version FROM incident WHERE id = incident_id)
  WHERE touched = 0 AND wanted_version = 0 AND incident_id IN (SELECT id FROM incident)`
const DELIVERIES_WITHOUT_EVENT = `
  UPDATE delivery SET state = 'dead', reason = 'its event was lost in a damaged database'
  WHERE state IN ('pending', 'sending', 'ambiguous') AND event_id NOT IN (SELECT id FROM event)`

export const MEND: readonly string[] = [
  LANES_OF_CARDS,
  LANES_WITHOUT_INCIDENT,
  LANES_OWE_STATE,
  DELIVERIES_WITHOUT_EVENT,
]
