import type { DeliveryPatch } from '../delivery.ts'
import type { LaneKey, LanePatch, LaneWork } from '../lane.ts'
import type { Pause, Store, StoreCounts } from '../store.ts'
import { INCIDENT, insertDelivery, toIncident, type IncidentRow } from './events.ts'
import { LANE, OPEN_DELIVERIES, toDelivery, toLane, type DeliveryRow, type LaneRow } from './lane-row.ts'
import { toJson } from './rows.ts'
import type { Sql, SqlValue, Steps } from './steps.ts'

type Query<Method extends keyof Store> = Parameters<Store[Method]>[0]

/** A former holder that did not let go may have been editing: that call has come to its end when its lease has. */
export const CLAIM = `
  UPDATE lane SET owner = ?, epoch = epoch + 1, lease_until_ms = ?,
    edit_again_at_ms = CASE WHEN owner IS NULL OR card_json IS NULL THEN edit_again_at_ms
      ELSE max(coalesce(edit_again_at_ms, 0), lease_until_ms) END
  WHERE incident_id = ? AND destination = ? AND due_at_ms <= ? AND (owner IS NULL OR lease_until_ms <= ?)`
/** Whoever was sending is gone, so nobody will ever hear the answer. */
const ABANDON = `
  UPDATE delivery SET state = 'ambiguous', unclear_at_ms = coalesce(unclear_at_ms, sent_at_ms),
    reason = 'the sender stopped before the answer came'
  WHERE incident_id = ? AND destination = ? AND state = 'sending'`
/** The one create that a lane was claimed for. */
const INTEND = `
  UPDATE delivery SET state = 'sending', attempts = 1, sent_at_ms = ?
  WHERE key = ? AND incident_id = ? AND destination = ? AND state = 'pending' AND attempts = 0`

export function* claim(
  db: Sql,
  { lane, owner, nowMs, leaseUntilMs, intent }: Query<'claim'>,
): Steps<LaneWork | undefined> {
  const { incidentId, destination } = lane
  if ((yield* db.run(CLAIM, owner, leaseUntilMs, incidentId, destination, nowMs, nowMs)) === 0) return undefined
  yield* db.run(ABANDON, incidentId, destination)
  if (intent !== undefined) yield* db.run(INTEND, nowMs, intent, incidentId, destination)
  return yield* work(db, lane)
}

function* work(db: Sql, { incidentId, destination }: LaneKey): Steps<LaneWork | undefined> {
  const row = yield* db.get<LaneRow>(LANE, incidentId, destination)
  const incident = yield* db.get<IncidentRow>(INCIDENT, incidentId)
  if (row === undefined || incident === undefined) return undefined
  return {
    lane: toLane(row),
    epoch: row.epoch,
    leaseUntilMs: row.lease_until_ms,
    touched: row.touched,
    incident: toIncident(incident),
    deliveries: (yield* db.all<DeliveryRow>(OPEN_DELIVERIES, incidentId, destination)).map(toDelivery),
  }
}

const UPDATE_LANE = `
  UPDATE lane SET generation = ?, card_json = ?, shown_version = ?, shown_hash = ?, frozen = ?, edit_attempts = ?, edit_due_at_ms = ?,
    shown_at_ms = ?, edit_again_at_ms = ?
  WHERE incident_id = ? AND destination = ?`
const EXTEND_LEASE = 'UPDATE lane SET lease_until_ms = ? WHERE incident_id = ? AND destination = ?'
/** A lane that owes nothing more forgets since when it did. */
export const RELEASE = `
  UPDATE lane SET owner = NULL, due_at_ms = ?1, urgency = ?2,
    owed_since_ms = CASE WHEN ?1 IS NULL THEN NULL ELSE owed_since_ms END
  WHERE incident_id = ?3 AND destination = ?4`

/** Write under the holder's epoch, or not at all. */
export function* save(db: Sql, patch: LanePatch): Steps<LaneWork | undefined> {
  const { incidentId, destination } = patch.lane
  const row = yield* db.get<LaneRow>(LANE, incidentId, destination)
  if (row === undefined || row.epoch !== patch.epoch) return undefined
  if (patch.leaseUntilMs !== undefined) yield* db.run(EXTEND_LEASE, patch.leaseUntilMs, incidentId, destination)
  if (patch.set !== undefined) {
    const { card, shownHash, editAgainAtMs, ...rest } = patch.set
    const lane = { ...toLane(row), ...rest }
    const cardJson = card === undefined ? row.card_json : card && toJson(card)
    const hash = shownHash === undefined ? row.shown_hash : shownHash
    const { generation, shownVersion, frozen, editAttempts, editDueAtMs, shownAtMs } = lane
    yield* db.run(
      UPDATE_LANE,
      generation,
      cardJson,
      shownVersion,
      hash,
      frozen ? 1 : 0,
      editAttempts,
      editDueAtMs,
      shownAtMs,
      editAgainAtMs === undefined ? row.edit_again_at_ms : editAgainAtMs,
      incidentId,
      destination,
    )
  }
  for (const delivery of patch.deliveries ?? []) yield* updateDelivery(db, delivery)
  if (patch.supersede !== undefined) yield* db.run(SUPERSEDE, patch.supersede, incidentId, destination)
  if (patch.owed?.kind === 'card') yield* db.run(REPLACE_CARDS, incidentId, destination)
  if (patch.owed !== undefined) yield* insertDelivery(db, patch.lane, patch.owed, patch.owed.eventId, patch.nowMs)
  if (patch.release !== undefined) {
    const { touched, urgency, dueAtMs } = patch.release
    const isTouched = row.touched > touched
    yield* db.run(
      RELEASE,
      isTouched ? patch.nowMs : (dueAtMs ?? null),
      isTouched ? row.urgency : urgency,
      incidentId,
      destination,
    )
  }
  return yield* work(db, patch.lane)
}

/** Nobody misses a card that was given up on once there is another. */
const REPLACE_CARDS = `
  UPDATE delivery SET state = 'superseded', reason = 'a newer card took its place'
  WHERE incident_id = ? AND destination = ? AND kind = 'card' AND state = 'dead'`
const SUPERSEDE = `
  UPDATE delivery SET state = 'superseded', reason = ? WHERE incident_id = ? AND destination = ? AND state = 'pending'`

/** Null leaves a column as it is. Only `fold_key` is ever cleared, by an empty text. */
const UPDATE_DELIVERY = `
  UPDATE delivery SET state = coalesce(?, state), attempts = coalesce(?, attempts), due_at_ms = coalesce(?, due_at_ms),
    detail = coalesce(?, detail), sent_at_ms = coalesce(?, sent_at_ms),
    unclear_at_ms = coalesce(?, unclear_at_ms, CASE WHEN ?1 = 'ambiguous' THEN sent_at_ms END), ref_json = coalesce(?, ref_json), reason = coalesce(?, reason),
    fold_key = nullif(coalesce(?, fold_key), '')
  WHERE key = ?`

function* updateDelivery(
  db: Sql,
  { key, state, attempts, dueAtMs, detail, sentAtMs, unclearAtMs, ref, reason, fold }: DeliveryPatch,
): Steps<void> {
  const refJson = ref === undefined ? null : toJson(ref)
  yield* db.run(
    UPDATE_DELIVERY,
    state ?? null,
    attempts ?? null,
    dueAtMs ?? null,
    detail ?? null,
    sentAtMs ?? null,
    unclearAtMs ?? null,
    refJson,
    reason ?? null,
    fold === null ? '' : (fold ?? null),
    key,
  )
}

/** As when a lease is over: what was being edited may be carried out until then. */
const LET_GO = `
  UPDATE lane SET owner = NULL,
    edit_again_at_ms = CASE
      WHEN card_json IS NULL THEN NULL
      WHEN edit_again_at_ms > lease_until_ms THEN edit_again_at_ms
      ELSE lease_until_ms
    END
  WHERE owner = ?`

/** Free the lanes of a holder that is no more. */
export function* letGo(db: Sql, owner: string): Steps<void> {
  yield* db.run(LET_GO, owner)
}

interface PauseRow {
  readonly scope: string
  readonly reason: string
  readonly until_at_ms: number
  readonly failures: number
}
const PAUSES = 'SELECT scope, reason, until_at_ms, failures FROM pause ORDER BY scope'
const PUT_PAUSE = `
  INSERT INTO pause (scope, reason, until_at_ms, failures) VALUES (?, ?, ?, ?)
  ON CONFLICT (scope) DO UPDATE SET reason = excluded.reason, until_at_ms = excluded.until_at_ms, failures = excluded.failures`
const LIFT_PAUSE = 'DELETE FROM pause WHERE scope = ?'

export function* pauses(db: Sql): Steps<readonly Pause[]> {
  return (yield* db.all<PauseRow>(PAUSES)).map((row) => ({
    scope: row.scope,
    reason: row.reason,
    untilMs: row.until_at_ms,
    failures: row.failures,
  }))
}

export function* pause(db: Sql, { scope, reason, untilMs, failures }: Pause): Steps<void> {
  if (failures === 0) yield* db.run(LIFT_PAUSE, scope)
  else yield* db.run(PUT_PAUSE, scope, reason, untilMs, failures)
}

const COUNT_UNAPPLIED = "SELECT count(*) AS n FROM event WHERE state = 'new'"
const COUNT_OPEN = "SELECT state, count(*) AS n FROM delivery WHERE state NOT IN ('done', 'superseded') GROUP BY state"
const COUNT_DUE = 'SELECT count(*) AS n, min(owed_since_ms) AS since FROM lane WHERE due_at_ms IS NOT NULL'
const FIRST_UNAPPLIED = "SELECT received_at_ms AS since FROM event WHERE state = 'new' ORDER BY seq LIMIT 1"
const COUNT_QUARANTINED = 'SELECT count(*) AS n FROM quarantine'

export function* counts(db: Sql): Steps<StoreCounts> {
  const deliveries = { pending: 0, sending: 0, ambiguous: 0, held: 0, dead: 0 }
  for (const { state, n } of yield* db.all<{ state: keyof typeof deliveries; n: number }>(COUNT_OPEN))
    deliveries[state] = n
  const owed = yield* db.get<{ n: number; since: number | null }>(COUNT_DUE)
  const first = yield* db.get<{ since: number }>(FIRST_UNAPPLIED)
  const since = [owed?.since, first?.since].filter((atMs) => typeof atMs === 'number')
  return {
    eventsUnapplied: yield* count(db, COUNT_UNAPPLIED),
    deliveries,
    lanesDue: owed?.n ?? 0,
    quarantined: yield* count(db, COUNT_QUARANTINED),
    ...(since.length > 0 && { oldestWaitingSinceMs: Math.min(...since) }),
  }
}

/** What a statement counts, as `n`. */
export function* count(db: Sql, sql: string, ...params: readonly SqlValue[]): Steps<number> {
  return (yield* db.get<{ n: number }>(sql, ...params))?.n ?? 0
}
