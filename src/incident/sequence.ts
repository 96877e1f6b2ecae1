/** The newest of what was applied to an incident. */
export interface Watermark {
  readonly effectiveAtMs: number
  readonly updatedAtMs?: number
}

/**
 * - `apply`   the card takes the event's snapshot.
 * - `behind`  of the same instant as the card but, by its own word, updated earlier: told, not shown.
 * - `stale`   strictly older than what the card shows.
 */
export type Verdict = 'apply' | 'behind' | 'stale'

/**
 * Decide whether an event may change the card. Equal times apply in the order
 * of arrival: two events often share a millisecond, and each carries the full
 * incident. `updatedAtMs` (seconds at the source) breaks a tie if it can.
 */
export function judge(event: Watermark, seen: Watermark | undefined): Verdict {
  if (seen === undefined || event.effectiveAtMs > seen.effectiveAtMs) return 'apply'
  if (event.effectiveAtMs < seen.effectiveAtMs) return 'stale'
  return event.updatedAtMs !== undefined && seen.updatedAtMs !== undefined && event.updatedAtMs < seen.updatedAtMs
    ? 'behind'
    : 'apply'
}
