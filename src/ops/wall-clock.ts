import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../delivery/clock.ts'

/** setTimeout fires at once for more. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/** The clock on the wall, for the relay that runs for real. */
export const clock: Clock = createClock(
  () => Date.now(),
  () => performance.now(),
)

/** A clock that waits, of one that is read. */
export function createClock(now: () => number, monotonic: () => number): Clock {
  return {
    now,
    monotonic,
    waitUntil: async (atMs, signal) => {
      const waitMs = Math.min(Math.max(0, atMs - now()), LONGEST_TIMEOUT_MS)
      await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    },
  }
}
