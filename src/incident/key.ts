import type { LaneKey } from '../store/lane.ts'

/**
 * What a delivery is for, and how its key begins.
 *
 * - `card`       the card; one for each generation.
 * - `reply`      the line of an event.
 * - `call`       a line that is owed only for whom it calls: nobody misses it where it would call nobody.
 * - `late_call`  the same, for those whom the card could not call yet when it was posted.
 */
export type Purpose = 'card' | 'reply' | 'call' | 'late_call'

/** The key of a delivery. `of` tells those of one purpose in one lane apart. */
export function deliveryKey(purpose: Purpose, { incidentId, destination }: LaneKey, of: string): string {
  return [purpose, incidentId, destination, of].map(escaped).join('/')
}

/** Whether a delivery is owed only for whom it calls. */
export function isCall(key: string): boolean {
  return key.startsWith('call/') || isLateCall(key)
}

export function isLateCall(key: string): boolean {
  return key.startsWith('late_call/')
}

/** No two lists of parts share a key. */
function escaped(part: string): string {
  return part.replaceAll('%', '%25').replaceAll('/', '%2F')
}
