import { DROP_DELIVERIES_OF_EVENTS } from '../sql/expire.ts'
import { EVENT_STATE, INCIDENT_VERSION, PUT_LANE } from '../sql/events.ts'
import { LANE } from '../sql/lane-row.ts'
import { CLAIM, RELEASE } from '../sql/lanes.ts'
import { LOOK_AGAIN, MAKE_DUE } from '../sql/by-hand.ts'
import { HASTEN_LANES, SHIFT_DELIVERIES, SHIFT_LANES, SHIFT_PAUSES } from '../sql/shift.ts'

/**
 * What Postgres words otherwise. Here several write at once, so a row that is read to be changed is locked: first the
 * event, then the incident, then the lane, whose lock stands for all of its deliveries.
 */
const REWORDED: ReadonlyMap<string, string> = new Map([
  [EVENT_STATE, `${EVENT_STATE} FOR UPDATE`],
  [INCIDENT_VERSION, `${INCIDENT_VERSION} FOR UPDATE`],
  [LANE, `${LANE} FOR UPDATE`],
  [
    PUT_LANE,
    `
  INSERT INTO lane AS l
    (incident_id, destination, wanted_version, urgency, due_at_ms, owed_since_ms, changed_since_ms, changed_at_ms, epoch, touched,
      severity)
  VALUES ($1, $2, $3, $4, $5, $5, $5, $5, $5, 1, coalesce((SELECT substr(severity, 1, 64) FROM incident WHERE id = $1), ''))
  ON CONFLICT (incident_id, destination) DO UPDATE SET
    changed_since_ms = CASE WHEN l.wanted_version > l.shown_version THEN l.changed_since_ms ELSE excluded.changed_since_ms END,
    changed_at_ms = CASE WHEN excluded.wanted_version > l.wanted_version THEN excluded.changed_at_ms ELSE l.changed_at_ms END,
    wanted_version = greatest(l.wanted_version, excluded.wanted_version),
    urgency = CASE
      WHEN l.due_at_ms IS NULL OR l.urgency = excluded.urgency THEN excluded.urgency
      WHEN least(l.urgency, excluded.urgency) <= 1 THEN least(l.urgency, excluded.urgency)
      ELSE 3
    END,
    due_at_ms = least(l.due_at_ms, excluded.due_at_ms),
    owed_since_ms = coalesce(l.owed_since_ms, excluded.owed_since_ms),
    touched = l.touched + 1,
    severity = excluded.severity`,
  ],
  [
    // Whoever is at this lane now has it: nobody waits for a lane, there are others.
    CLAIM,
    `
  UPDATE lane SET owner = $1, epoch = epoch + 1, lease_until_ms = $2,
    edit_again_at_ms = CASE WHEN owner IS NULL OR card_json IS NULL THEN edit_again_at_ms
      ELSE greatest(edit_again_at_ms, lease_until_ms) END
  WHERE (incident_id, destination) = (
    SELECT incident_id, destination FROM lane
    WHERE incident_id = $3 AND destination = $4 AND due_at_ms <= $5 AND (owner IS NULL OR lease_until_ms <= $6)
    FOR UPDATE SKIP LOCKED)`,
  ],
  [
    RELEASE,
    `
  UPDATE lane SET owner = NULL, due_at_ms = $1::bigint, urgency = $2,
    owed_since_ms = CASE WHEN $1::bigint IS NULL THEN NULL ELSE owed_since_ms END
  WHERE incident_id = $3 AND destination = $4`,
  ],
  [
    MAKE_DUE,
    `
  UPDATE lane SET
    urgency = CASE
      WHEN due_at_ms IS NULL OR urgency = $3::int THEN $3::int
      WHEN least(urgency, $3::int) <= 1 THEN least(urgency, $3::int)
      ELSE 3
    END,
    due_at_ms = least(due_at_ms, $4::bigint), owed_since_ms = coalesce(owed_since_ms, $4::bigint), touched = touched + 1
  WHERE incident_id = $1 AND destination = $2`,
  ],
  [
    LOOK_AGAIN,
    `
  UPDATE lane SET due_at_ms = least(due_at_ms, $1), touched = touched + 1
  WHERE incident_id = $2 AND destination = $3 AND due_at_ms IS NOT NULL`,
  ],
  [
    // Row after row in one order, as two of these may meet.
    HASTEN_LANES,
    `
  WITH mine AS MATERIALIZED (
    SELECT incident_id FROM lane WHERE destination = $2 AND due_at_ms IS NOT NULL ORDER BY incident_id FOR UPDATE
  )
  UPDATE lane SET due_at_ms = least(due_at_ms, $1), edit_due_at_ms = least(edit_due_at_ms, $1), touched = touched + 1
  FROM mine WHERE lane.incident_id = mine.incident_id AND destination = $2 AND due_at_ms IS NOT NULL`,
  ],
  [
    SHIFT_LANES,
    `
  UPDATE lane SET due_at_ms = least(due_at_ms + $1::bigint, $2::bigint), edit_due_at_ms = least(edit_due_at_ms + $1, $2),
    edit_again_at_ms = CASE WHEN edit_again_at_ms IS NOT NULL THEN least(edit_again_at_ms + $1, $2) END,
    lease_until_ms = least(lease_until_ms + $1, $2),
    owed_since_ms = CASE WHEN owed_since_ms IS NOT NULL THEN least(owed_since_ms + $1, $2) END,
    shown_at_ms = least(shown_at_ms + $1, $2), changed_since_ms = least(changed_since_ms + $1, $2),
    changed_at_ms = least(changed_at_ms + $1, $2)
  WHERE due_at_ms IS NOT NULL AND ($1 <> 0 OR greatest(due_at_ms, edit_due_at_ms, changed_at_ms, lease_until_ms) > $2)`,
  ],
  [
    SHIFT_DELIVERIES,
    `
  UPDATE delivery SET due_at_ms = least(due_at_ms + $1::bigint, $2::bigint),
    sent_at_ms = CASE WHEN sent_at_ms IS NOT NULL THEN least(sent_at_ms + $1, $2) END,
    unclear_at_ms = CASE WHEN unclear_at_ms IS NOT NULL THEN least(unclear_at_ms + $1, $2) END
  WHERE state NOT IN ('done', 'superseded') AND state IN ('pending', 'sending', 'ambiguous')
    AND ($1 <> 0 OR greatest(due_at_ms, coalesce(sent_at_ms, 0)) > $2)`,
  ],
  [
    SHIFT_PAUSES,
    `
  UPDATE pause SET until_at_ms = least(until_at_ms + $1::bigint, $2::bigint) WHERE $1 <> 0 OR until_at_ms > $2`,
  ],
  [
    DROP_DELIVERIES_OF_EVENTS,
    `
  DELETE FROM delivery
  WHERE incident_id IN (SELECT json_array_elements_text($1)) AND event_id IN (SELECT json_array_elements_text($2))
    AND state NOT IN ('pending', 'sending', 'ambiguous')`,
  ],
])

const known = new Map<string, string>()

/**
 * A shared statement in the words of Postgres, which finds its indexes by itself. SQLite numbers a bare `?` one above the
 * highest number so far.
 */
export function toPostgres(sql: string): string {
  const before = known.get(sql)
  if (before !== undefined) return before
  let highest = 0
  const reworded = REWORDED.get(sql) ?? sql.replaceAll(/ INDEXED BY \w+/g, '')
  const text = reworded.replaceAll(/\?(\d+)?/g, (_, number: string | undefined) => {
    const place = number === undefined ? highest + 1 : Number(number)
    highest = Math.max(highest, place)
    return `$${place}`
  })
  known.set(sql, text)
  return text
}
