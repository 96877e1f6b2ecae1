/**
 * The tables of the SQLite engine, one script per version. A script that has been released is never edited, and inside
 * one major version scripts only add: a relay one version back goes on working while the next one is rolled out.
 * Texts are compared by their bytes, as SQLite does. Instants are ms, `*_json` columns hold JSON we wrote: as text, since
 * Postgres refuses in its own JSON what pushes may hold (`\u0000`, half a surrogate pair).
 */
export const MAJOR = 1

export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE event (
    seq             bigserial PRIMARY KEY,
    id              text COLLATE "C" NOT NULL UNIQUE,
    incident_id     text COLLATE "C" NOT NULL,
    type            text COLLATE "C" NOT NULL,
    effective_at_ms bigint NOT NULL,
    received_at_ms  bigint NOT NULL,
    state           text NOT NULL CHECK (state IN ('new', 'applied', 'stale', 'unrouted', 'quarantined')),
    body            bytea NOT NULL,
    body_hash       text NOT NULL,
    changes_json    text NOT NULL DEFAULT '{}'
  );
  CREATE INDEX event_unapplied ON event (seq) WHERE state = 'new';
  CREATE INDEX event_by_incident ON event (incident_id, effective_at_ms);

  CREATE TABLE incident (
    id                text COLLATE "C" PRIMARY KEY,
    version           integer NOT NULL,
    severity          text COLLATE "C" NOT NULL DEFAULT '',
    snapshot_json     text NOT NULL,
    last_json         text NOT NULL,
    effective_at_ms   bigint NOT NULL,
    first_at_ms       bigint NOT NULL,
    snooze_ends_at_ms bigint
  );
  CREATE INDEX incident_snoozed ON incident (snooze_ends_at_ms) WHERE snooze_ends_at_ms IS NOT NULL;
  CREATE INDEX incident_by_age ON incident (effective_at_ms, id);

  CREATE TABLE lane (
    incident_id      text COLLATE "C" NOT NULL,
    destination      text COLLATE "C" NOT NULL,
    generation       integer NOT NULL DEFAULT 1,
    card_json        text,
    wanted_version   integer NOT NULL DEFAULT 0,
    shown_version    integer NOT NULL DEFAULT 0,
    shown_hash       text,
    frozen           integer NOT NULL DEFAULT 0,
    edit_attempts    integer NOT NULL DEFAULT 0,
    edit_due_at_ms   bigint NOT NULL DEFAULT 0,
    edit_again_at_ms bigint,
    shown_at_ms      bigint NOT NULL DEFAULT 0,
    changed_since_ms bigint NOT NULL DEFAULT 0,
    changed_at_ms    bigint NOT NULL DEFAULT 0,
    urgency          integer NOT NULL,
    due_at_ms        bigint,
    owed_since_ms    bigint,
    touched          bigint NOT NULL DEFAULT 0,
    owner            text COLLATE "C",
    epoch            bigint NOT NULL DEFAULT 0,
    lease_until_ms   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (incident_id, destination)
  );
  CREATE INDEX lane_due ON lane (destination, urgency, due_at_ms) WHERE due_at_ms IS NOT NULL;
  CREATE INDEX lane_owed ON lane (destination, urgency, owed_since_ms) WHERE due_at_ms IS NOT NULL;
  CREATE INDEX lane_held ON lane (destination, urgency, lease_until_ms) WHERE owner IS NOT NULL;

  CREATE TABLE delivery (
    key           text COLLATE "C" PRIMARY KEY,
    incident_id   text COLLATE "C" NOT NULL,
    destination   text COLLATE "C" NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('card', 'reply')),
    generation    integer NOT NULL,
    seq           integer NOT NULL,
    event_id      text COLLATE "C" NOT NULL,
    state         text NOT NULL
      CHECK (state IN ('pending', 'sending', 'ambiguous', 'done', 'superseded', 'held', 'dead')),
    attempts      integer NOT NULL DEFAULT 0,
    due_at_ms     bigint NOT NULL,
    detail        text NOT NULL DEFAULT 'full',
    sent_at_ms    bigint,
    unclear_at_ms bigint,
    ref_json      text,
    reason        text,
    fold_key      text COLLATE "C",
    broadcast     integer NOT NULL,
    mention_json  text NOT NULL,
    late          integer NOT NULL
  );
  CREATE INDEX delivery_by_lane ON delivery (incident_id, destination, seq);
  CREATE INDEX delivery_owed ON delivery (incident_id, destination, seq) WHERE state IN ('pending', 'sending', 'ambiguous');
  CREATE INDEX delivery_open ON delivery (state) WHERE state NOT IN ('done', 'superseded');

  CREATE TABLE pause (
    scope       text COLLATE "C" PRIMARY KEY,
    reason      text NOT NULL,
    until_at_ms bigint NOT NULL,
    failures    integer NOT NULL
  );

  CREATE TABLE probe (
    id    integer PRIMARY KEY CHECK (id = 1),
    at_ms bigint NOT NULL
  );

  CREATE TABLE quarantine (
    id             bigserial PRIMARY KEY,
    received_at_ms bigint NOT NULL,
    code           text NOT NULL,
    reason         text NOT NULL,
    body           bytea NOT NULL
  );
  `,
  `
  CREATE TABLE replica (
    name       text COLLATE "C" PRIMARY KEY,
    seen_at_ms bigint NOT NULL,
    accounts   text[] NOT NULL
  );

  CREATE TABLE account (
    name           text COLLATE "C" PRIMARY KEY,
    owner          text COLLATE "C",
    turn           bigint NOT NULL,
    lease_until_ms bigint NOT NULL,
    spent_json     text,
    unsure         integer NOT NULL
  );
  `,
  `
  ALTER TABLE lane ADD COLUMN severity text COLLATE "C" NOT NULL DEFAULT '';
  CREATE INDEX lane_cards ON lane (destination, severity, owed_since_ms) WHERE urgency <= 1 AND due_at_ms IS NOT NULL;
  `,
]
