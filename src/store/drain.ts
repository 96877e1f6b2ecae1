import { StoreError } from './error.ts'
import type { NewEvent, Store, UnappliedEvent } from './store.ts'

/** Where events belong, and where they were kept while that could not be used. */
export interface DrainOptions {
  readonly server: Pick<Store, 'accept' | 'quarantine'>
  readonly spool: Store
  /** The server will never take this one: it is among the bodies that were no event now. */
  readonly onRefused: (id: string, error: StoreError) => void
  /** The server knew the event by another body. */
  readonly onConflict: (event: Pick<NewEvent, 'id' | 'incidentId'>) => void
}

export interface Drained {
  /** How many are at the server now, and no longer in the spool. 0 without a failure: nothing was there. */
  readonly moved: number
  /** Why the server did not take the rest. */
  readonly failure?: StoreError
}

/** Some 10 ms of work for both sides. As many of the largest pushes are 100 MiB in memory. */
export const BATCH = 100
/** Bodies that were no event are seldom, and go one by one. */
const BODIES = 20
/** As many as a store keeps. */
const ALL_BODIES = 1_000
/** Of a spooled event the server refused, in the list of what could not be kept as an event. */
const REFUSED = 'store_refused'

/**
 * Move the oldest events of the spool to the server, in order. One that was there already, as when the answer to its
 * commit was lost, is there once. Rejects if the spool itself fails; then some may be in both, which does no harm.
 */
export async function drainEvents({ server, spool, onRefused, onConflict }: DrainOptions): Promise<Drained> {
  const events = await spool.unapplied({ limit: BATCH })
  if (events.length === 0) return { moved: 0 }
  const results = await Promise.allSettled(events.map((event) => server.accept(toNewEvent(event))))
  const moved: UnappliedEvent[] = []
  let failure: StoreError | undefined
  for (const [index, event] of events.entries()) {
    const result = results[index]
    if (result?.status === 'fulfilled') {
      moved.push(event)
      if (result.value.conflict) onConflict(event)
      continue
    }
    const error = toStoreError(result?.reason)
    const problem = error.reason === 'bug' && failure === undefined ? await giveUp(event, error) : error
    if (problem === undefined) moved.push(event)
    else failure ??= problem
  }
  await forget(spool, moved)
  return { moved: moved.length, ...(failure && { failure }) }

  /** Its sender was told that it is kept. Gives why the server would not have it as a body either. */
  async function giveUp(
    { id, receivedAtMs, body }: UnappliedEvent,
    error: StoreError,
  ): Promise<StoreError | undefined> {
    try {
      const reason = `A spooled event that the database refuses: ${error.message}`
      await server.quarantine({ receivedAtMs, code: REFUSED, reason, body: Buffer.from(body) })
    } catch (problem) {
      return toStoreError(problem)
    }
    onRefused(id, error)
    return undefined
  }
}

/** Move the oldest bodies that were no event. One whose commit is unclear may be there twice. */
export async function drainBodies({ server, spool, onRefused }: DrainOptions): Promise<Drained> {
  const oldest = (await spool.quarantined({ limit: ALL_BODIES })).toReversed().slice(0, BODIES)
  let moved = 0
  for (const { id } of oldest) {
    const entry = await spool.quarantinedBody({ id })
    try {
      if (entry !== undefined) await server.quarantine(entry)
    } catch (problem) {
      const failure = toStoreError(problem)
      if (failure.reason !== 'bug') return { moved, failure }
      onRefused(`quarantine ${id}`, failure)
    }
    await spool.unquarantine({ id })
    moved++
  }
  return { moved }
}

/** Their bodies go from the disk in the same commit that says they are through. */
async function forget(spool: Store, events: readonly UnappliedEvent[]): Promise<void> {
  const settled = { verdict: 'unrouted', changes: {}, expectedVersion: 0, lanes: [], nowMs: 0 } as const
  await Promise.all([
    ...events.map(({ id }) => spool.apply([{ ...settled, eventId: id }])),
    spool.expire({
      beforeMs: Number.MAX_SAFE_INTEGER,
      openBeforeMs: 0,
      limit: BATCH,
      from: { of: 'event', seq: 0 },
    }),
  ])
}

function toNewEvent({ id, incidentId, type, effectiveAtMs, receivedAtMs, body, bodyHash }: UnappliedEvent): NewEvent {
  return { id, incidentId, type, effectiveAtMs, receivedAtMs, body, bodyHash }
}

export function toStoreError(error: unknown): StoreError {
  return error instanceof StoreError ? error : new StoreError('bug', String(error), { cause: error })
}
