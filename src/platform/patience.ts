import type { Outcome } from './platform.ts'

/** Ours: a person is waiting. A workspace with a hundred channels is looked through in that time at any platform's pace. */
const LONGEST_MS = 120_000
/** Ours: where nobody said how long. */
const UNSAID_MS = 1_000

/** Makes a call, again after a wait where the platform says "not now". Throws what the last try threw. */
export type Patiently = <T>(call: () => Promise<T>) => Promise<T>

export interface PatienceOptions {
  readonly sleep: (ms: number) => Promise<void>
  readonly monotonicMs: () => number
  readonly toOutcome: (error: unknown) => Outcome
}

/** Waits as long as the platform says, and not beyond two minutes from now on for all calls together. */
export function createPatience({ sleep, monotonicMs, toOutcome }: PatienceOptions): Patiently {
  const untilMs = monotonicMs() + LONGEST_MS
  return async (call) => {
    for (;;) {
      try {
        return await call()
      } catch (error) {
        const outcome = toOutcome(error)
        if (outcome.kind !== 'retry' || outcome.reason !== 'rate_limited') throw error
        const waitMs = Math.max(outcome.afterMs ?? 0, UNSAID_MS)
        if (monotonicMs() + waitMs > untilMs) throw error
        await sleep(waitMs)
      }
    }
  }
}
