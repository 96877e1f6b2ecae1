import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from './ops/log.ts'
import { StoreError } from './store/error.ts'

export interface BeginOptions {
  /** Resolves when the store can be used; absent if it can be used now. */
  readonly late: Promise<void> | undefined
  readonly log: Pick<Log, 'warn'>
}

const TRY_EVERY_MS = 1_000

/**
 * Begin what needs the store. Where that is away it is begun later, and this resolves at once: events are taken
 * meanwhile. Rejects only with what waiting does not help against, if that is known now.
 */
export async function beginWith(begin: () => Promise<void>, { late, log }: BeginOptions): Promise<void> {
  if (late === undefined && (await isBegun(begin))) return
  void (late ?? Promise.resolve()).then(goOn)

  async function goOn(): Promise<void> {
    try {
      while (!(await isBegun(begin))) await sleep(TRY_EVERY_MS, undefined, { ref: false })
    } catch (error) {
      // The relay was stopped before it began, or somebody has to put something right: the next start says it too.
      log.warn({ err: error }, 'worker.not_begun')
    }
  }
}

/** False if the store is away. */
async function isBegun(begin: () => Promise<void>): Promise<boolean> {
  try {
    await begin()
    return true
  } catch (error) {
    if (error instanceof StoreError && error.reason === 'unavailable') return false
    throw error
  }
}
