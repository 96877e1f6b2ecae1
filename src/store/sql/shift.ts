import type { Store } from '../store.ts'
import type { Sql, Steps } from './steps.ts'

/** `?1` is added to every instant that is waited for, and none of them is later than `?2`. */
export const SHIFT_LANES = `
  UPDATE lane SET due_at_ms = min(due_at_ms + ?1, ?2), edit_due_at_ms = min(edit_due_at_ms + ?1, ?2),
    edit_again_at_ms = min(edit_again_at_ms + ?1, ?2), lease_until_ms = min(lease_until_ms + ?1, ?2), owed_since_ms = min(owed_since_ms + ?1, ?2),
    shown_at_ms = min(shown_at_ms + ?1, ?2), changed_since_ms = min(changed_since_ms + ?1, ?2),
    changed_at_ms = min(changed_at_ms + ?1, ?2)
  WHERE due_at_ms IS NOT NULL AND (?1 <> 0 OR max(due_at_ms, edit_due_at_ms, changed_at_ms, lease_until_ms) > ?2)`
export const SHIFT_DELIVERIES = `
  UPDATE delivery SET due_at_ms = min(due_at_ms + ?1, ?2), sent_at_ms = min(sent_at_ms + ?1, ?2),
    unclear_at_ms = min(unclear_at_ms + ?1, ?2)
  WHERE state NOT IN ('done', 'superseded') AND state IN ('pending', 'sending', 'ambiguous')
    AND (?1 <> 0 OR max(due_at_ms, coalesce(sent_at_ms, 0)) > ?2)`
export const SHIFT_PAUSES = `
  UPDATE pause SET until_at_ms = min(until_at_ms + ?1, ?2) WHERE ?1 <> 0 OR until_at_ms > ?2`

export function* shift(db: Sql, { byMs, latestMs }: Parameters<Store['shift']>[0]): Steps<void> {
  for (const sql of [SHIFT_LANES, SHIFT_DELIVERIES, SHIFT_PAUSES]) yield* db.run(sql, byMs, latestMs)
}

export const HASTEN_LANES = `
  UPDATE lane SET due_at_ms = min(due_at_ms, ?1), edit_due_at_ms = min(edit_due_at_ms, ?1), touched = touched + 1
  WHERE destination = ?2 AND due_at_ms IS NOT NULL`
const HASTEN_DELIVERIES = `
  UPDATE delivery SET due_at_ms = ?1
  WHERE destination = ?2 AND state NOT IN ('done', 'superseded') AND state IN ('pending', 'ambiguous') AND due_at_ms > ?1`

export function* hasten(db: Sql, { destinations, nowMs }: Parameters<Store['hasten']>[0]): Steps<void> {
  // In the order in which plans lock lanes.
  for (const destination of [...destinations].toSorted((a, b) => (a < b ? -1 : Number(a > b)))) {
    for (const sql of [HASTEN_LANES, HASTEN_DELIVERIES]) yield* db.run(sql, nowMs, destination)
  }
}
