import { setImmediate as turn } from 'node:timers/promises'
import { StoreError } from '../error.ts'
import type { Accepted, NewEvent } from '../store.ts'

/** Bounds how long the first of a batch waits for the last. */
const MAX_BATCH = 512
/** Bodies are 1 MiB at most by default, and a message to the server holds them twice. */
const MAX_BATCH_CHARS = 8_388_608

interface Waiting {
  readonly event: NewEvent
  readonly resolve: (accepted: Accepted) => void
  readonly reject: (error: unknown) => void
}

export interface Intake {
  accept(event: NewEvent): Promise<Accepted>
  /** Resolves when everything that was accepted so far is kept, or could not be. */
  settled(): Promise<void>
}

/** Events that came while one commit was under way share the next: no timer, and an idle store commits at once. */
export function createIntake(keep: (events: readonly NewEvent[]) => Promise<readonly Accepted[]>): Intake {
  let waiting: Waiting[] = []
  /** So many of those that wait go alone: one of them cannot be kept. */
  let alone = 0
  let isRunning = false
  /** Batches are committed in order, so once the newest event is through all before it are. */
  let newest: Promise<unknown> = Promise.resolve()

  async function run(): Promise<void> {
    // What one turn of the event loop brings goes together.
    await turn()
    while (waiting.length > 0) await commit(takeBatch())
    isRunning = false
  }

  function takeBatch(): readonly Waiting[] {
    if (alone > 0) {
      alone--
      return waiting.splice(0, 1)
    }
    let chars = 0
    const past = waiting.findIndex(({ event }, index) => {
      chars += event.body.length
      return index > 0 && (index >= MAX_BATCH || chars > MAX_BATCH_CHARS)
    })
    const batch = past === -1 ? waiting : waiting.slice(0, past)
    waiting = past === -1 ? [] : waiting.slice(past)
    return batch
  }

  async function commit(batch: readonly Waiting[]): Promise<void> {
    try {
      const accepted = await keep(batch.map(({ event }) => event))
      for (const [index, { resolve, reject }] of batch.entries()) {
        const one = accepted[index]
        if (one === undefined) reject(new StoreError('bug', 'an event of a batch was not answered'))
        else resolve(one)
      }
    } catch (error) {
      const isOfEvent = error instanceof StoreError && error.reason === 'bug'
      if (isOfEvent && batch.length > 1) {
        // One that cannot be kept must not take the others along.
        waiting.unshift(...batch)
        alone = batch.length
        return
      }
      // Where the server is away, those behind must not overtake: whoever keeps them elsewhere keeps them in order.
      for (const { reject } of [...batch, ...(isOfEvent ? [] : takeAll())]) reject(error)
    }
  }

  function takeAll(): readonly Waiting[] {
    const all = waiting
    waiting = []
    alone = 0
    return all
  }

  return {
    accept(event) {
      const accepted = new Promise<Accepted>((resolve, reject) => waiting.push({ event, resolve, reject }))
      newest = accepted.catch(() => {})
      if (!isRunning) {
        isRunning = true
        void run()
      }
      return accepted
    },
    settled: async () => void (await newest),
  }
}
