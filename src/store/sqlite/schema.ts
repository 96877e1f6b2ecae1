/**
 * The database, one script per version: script n takes a database from version
 * n to n + 1. A script that has been released is never edited. Instants are ms,
 * `*_json` columns hold JSON we wrote.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE event (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    incident_id     TEXT NOT NULL,
    type            TEXT NOT NULL,
    effective_at_ms INTEGER NOT NULL,
    received_at_ms  INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('new', 'applied', 'stale', 'unrouted', 'quarantined')),
    body            TEXT NOT NULL,
    body_hash       TEXT NOT NULL,
    changes_json    TEXT NOT NULL DEFAULT '{}'
  ) STRICT;
  CREATE INDEX event_unapplied ON event (seq) WHERE state = 'new';
  CREATE INDEX event_by_incident ON event (incident_id, effective_at_ms);

  CREATE TABLE incident (
    id                TEXT PRIMARY KEY,
    version           INTEGER NOT NULL,
    snapshot_json     TEXT NOT NULL,
    last_json         TEXT NOT NULL,
    effective_at_ms   INTEGER NOT NULL,
    first_at_ms       INTEGER NOT NULL,
    snooze_ends_at_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX incident_snoozed ON incident (snooze_ends_at_ms) WHERE snooze_ends_at_ms IS NOT NULL;

  CREATE TABLE lane (
    incident_id     TEXT NOT NULL,
    destination     TEXT NOT NULL,
    generation      INTEGER NOT NULL DEFAULT 1,
    card_json       TEXT,
    wanted_version  INTEGER NOT NULL DEFAULT 0,
    shown_version   INTEGER NOT NULL DEFAULT 0,
    shown_hash      TEXT,
    frozen          INTEGER NOT NULL DEFAULT 0,
    edit_attempts   INTEGER NOT NULL DEFAULT 0,
    edit_due_at_ms  INTEGER NOT NULL DEFAULT 0,
    urgency         INTEGER NOT NULL,
    due_at_ms       INTEGER,
    owed_since_ms   INTEGER,
    touched         INTEGER NOT NULL DEFAULT 0,
    owner           TEXT,
    epoch           INTEGER NOT NULL DEFAULT 0,
    lease_until_ms  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (incident_id, destination)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX lane_due ON lane (destination, urgency, due_at_ms) WHERE due_at_ms IS NOT NULL;
  CREATE INDEX lane_owed ON lane (destination, urgency, owed_since_ms) WHERE due_at_ms IS NOT NULL;

  CREATE TABLE delivery (
    key          TEXT PRIMARY KEY,
    incident_id  TEXT NOT NULL,
    destination  TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('card', 'reply')),
    generation   INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    event_id     TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'ambiguous', 'done', 'superseded', 'dead')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    due_at_ms    INTEGER NOT NULL,
    detail       TEXT NOT NULL DEFAULT 'full',
    sent_at_ms   INTEGER,
    unclear_at_ms INTEGER,
    ref_json     TEXT,
    reason       TEXT,
    broadcast    INTEGER NOT NULL,
    mention_json TEXT NOT NULL,
    late         INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX delivery_by_lane ON delivery (incident_id, destination, seq);
  CREATE INDEX delivery_owed ON delivery (incident_id, destination, seq) WHERE state IN ('pending', 'sending', 'ambiguous');
  CREATE INDEX delivery_open ON delivery (state) WHERE state NOT IN ('done', 'superseded');

  CREATE TABLE pause (
    scope       TEXT PRIMARY KEY,
    reason      TEXT NOT NULL,
    until_at_ms INTEGER NOT NULL,
    failures    INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE probe (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    body BLOB NOT NULL
  ) STRICT;

  CREATE TABLE quarantine (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at_ms INTEGER NOT NULL,
    code           TEXT NOT NULL,
    reason         TEXT NOT NULL,
    body           BLOB NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE incident ADD COLUMN severity TEXT NOT NULL DEFAULT '';
  UPDATE incident SET severity = snapshot_json ->> 'severity';
  ALTER TABLE lane ADD COLUMN edit_again_at_ms INTEGER;
  ALTER TABLE lane ADD COLUMN shown_at_ms INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE lane ADD COLUMN changed_since_ms INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE lane ADD COLUMN changed_at_ms INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE delivery_with_folds (
    key          TEXT PRIMARY KEY,
    incident_id  TEXT NOT NULL,
    destination  TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('card', 'reply')),
    generation   INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    event_id     TEXT NOT NULL,
    state        TEXT NOT NULL
      CHECK (state IN ('pending', 'sending', 'ambiguous', 'done', 'superseded', 'held', 'dead')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    due_at_ms    INTEGER NOT NULL,
    detail       TEXT NOT NULL DEFAULT 'full',
    sent_at_ms   INTEGER,
    unclear_at_ms INTEGER,
    ref_json     TEXT,
    reason       TEXT,
    fold_key     TEXT,
    broadcast    INTEGER NOT NULL,
    mention_json TEXT NOT NULL,
    late         INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO delivery_with_folds
    SELECT key, incident_id, destination, kind, generation, seq, event_id,
      CASE WHEN state = 'dead' AND reason LIKE 'held:%' THEN 'held' ELSE state END,
      attempts, due_at_ms, detail, sent_at_ms, unclear_at_ms, ref_json, reason, NULL, broadcast, mention_json, late
    FROM delivery;
  DROP TABLE delivery;
  ALTER TABLE delivery_with_folds RENAME TO delivery;
  CREATE INDEX delivery_by_lane ON delivery (incident_id, destination, seq);
  CREATE INDEX delivery_owed ON delivery (incident_id, destination, seq) WHERE state IN ('pending', 'sending', 'ambiguous');
  CREATE INDEX delivery_open ON delivery (state) WHERE state NOT IN ('done', 'superseded');
  `,
  // Retention asks for the oldest.
  `
  CREATE INDEX incident_by_age ON incident (effective_at_ms);
  `,
  // To find the oldest of a class, and to count the cards that wait, takes as long however many wait.
  `
  ALTER TABLE lane ADD COLUMN severity TEXT NOT NULL DEFAULT '';
  DROP INDEX lane_owed;
  CREATE INDEX lane_owed ON lane (destination, urgency, owed_since_ms, due_at_ms) WHERE due_at_ms IS NOT NULL;
  CREATE INDEX lane_cards ON lane (destination, severity, owed_since_ms, urgency, due_at_ms)
    WHERE urgency <= 1 AND due_at_ms IS NOT NULL;
  `,
]
