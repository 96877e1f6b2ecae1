import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../delivery/clock.ts'

/** setTimeout fires at once for more. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/** The clock on the wall, for the relay that runs for real. */
export const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  waitUntil: async (atMs, signal) => {
    const waitMs = Math.min(Math.max(0, atMs - Date.now()), LONGEST_TIMEOUT_MS)
    await sleep(waitMs, undefined, { signal }).catch(() => undefined)
  },
}
