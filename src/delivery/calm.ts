import type { Lane } from '../store/lane.ts'

/** A change this long after the card was last touched stands alone: it is shown at once. */
const ALONE_MS = 3_000
/** After a change that does not, more are likely: the card waits until they have stopped for so long. */
const QUIET_MS = 1_500
/** A card whose incident never rests is edited this often. */
const RESTLESS_MS = 10_000

/**
 * The instant from which a card's edit is due. One change is shown at once; a burst of them owes one edit, made when it
 * is over: every edit counts against the few that a whole workspace has.
 */
export function editAtMs({ shownAtMs, changedSinceMs, changedAtMs }: Lane): number {
  if (changedSinceMs - shownAtMs >= ALONE_MS) return changedSinceMs
  return Math.min(changedAtMs + QUIET_MS, Math.max(shownAtMs, changedSinceMs) + RESTLESS_MS)
}
