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
 * A source's clock may be this far ahead of ours; an event that says more happened when it could have at the latest.
 * Clocks kept by NTP differ by far less.
 */
export const MAX_AHEAD_MS = 5 * 60_000

/**
 * Decide whether an event may change the card. Equal times apply in the order
 * of arrival: two events often share a millisecond, and each carries the full
 * incident. `updatedAtMs` (seconds at the source) breaks a tie if it can.
 *
 * What was seen counts as no later than any event received now can be: after our clock was set back, everything would
 * be stale until it is as late again as it was.
 */
export function judge(event: Watermark, seen: Watermark | undefined, receivedAtMs: number): Verdict {
  const seenAtMs = seen && Math.min(seen.effectiveAtMs, receivedAtMs + MAX_AHEAD_MS)
  if (seen === undefined || seenAtMs === undefined || event.effectiveAtMs > seenAtMs) return 'apply'
  if (event.effectiveAtMs < seenAtMs) return 'stale'
  return event.updatedAtMs !== undefined && seen.updatedAtMs !== undefined && event.updatedAtMs < seen.updatedAtMs
    ? 'behind'
    : 'apply'
}
