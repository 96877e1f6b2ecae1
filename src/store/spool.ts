import { setTimeout as sleep } from 'node:timers/promises'
import { BATCH, drainBodies, drainEvents, toStoreError, type Drained, type DrainOptions } from './drain.ts'
import { StoreError } from './error.ts'
import type { StoreNotice } from './notice.ts'
import type { Accepted, NewEvent, QuarantineEntry, Store } from './store.ts'

export interface SpoolOptions {
  /** Where events belong. Others may write there too. */
  readonly server: Store
  /** On a disk of this machine, for this process alone. */
  readonly spool: Store
  /** What to call it. */
  readonly file: string
  readonly onNotice: (notice: StoreNotice) => void
  /** Events came to the server that were kept here. */
  readonly onDrained: () => void
}

/** Whoever sent a push waits 2 s: half of that for a server that restarts or hands over, the rest for our own disk. */
const HOLD_MS = 1_000
/** What is left in the spool goes before a push in this time, or the push goes behind it. */
const PARK_MS = 400
/** So long after the server answers again it is noticed, beside what a try takes. */
const TRY_EVERY_MS = 500
/** At the end, for what is left: a supervisor kills who takes long to stop. */
const LAST_TRY_MS = 2_000

/**
 * A store whose events are safe while its server is away: an event the server does not take within a second is kept in
 * the spool, which counts as accepted, and comes to the server by itself, once, in the order of acceptance. While
 * something waits there, what comes goes behind it. All else is the server's, and rejects while that is away.
 *
 *     straight ── the server refuses, or is late ──▶ away ── it answers ──▶ draining ── nothing waits ──▶ straight
 *     (to the server)                        (to the spool)            (to the spool, or after its last)
 *
 * What the spool says of an event it says of what it holds: `accepted` may be a duplicate, which the server finds out.
 */
export async function createSpooled(options: SpoolOptions): Promise<Store> {
  const { server, spool, file, onNotice, onDrained } = options
  const left = await spool.counts()
  let events = left.eventsUnapplied
  let bodies = left.quarantined
  /** Events being written to the spool. */
  let writing = 0
  /** There may be more than was counted: a damaged spool is still being read. */
  let isUnsure = true
  let awaySinceMs: number | undefined
  let drained = { events: 0, bodies: 0 }
  let draining: Promise<void> | undefined
  let looking: Promise<void> | undefined
  const parked = new Set<() => void>()
  const stopping = new AbortController()
  const { signal } = stopping
  const ways: DrainOptions = {
    server,
    spool,
    onRefused: (id, { message }) => onNotice({ what: 'refused', id, reason: message }),
    onConflict: ({ id, incidentId }) => onNotice({ what: 'conflict', id, incidentId }),
  }

  const isStraight = (): boolean => awaySinceMs === undefined && events + writing <= 0

  async function accept(event: NewEvent): Promise<Accepted> {
    let refusal: StoreError | undefined
    const cameAtMs = performance.now()
    if (isStraight() || (await mayGo())) {
      try {
        return await within(server.accept(event), HOLD_MS - (performance.now() - cameAtMs))
      } catch (error) {
        refusal = heed(error)
      }
    }
    writing++
    try {
      const accepted = await spool.accept(event)
      if (accepted.result !== 'duplicate') events++
      return accepted
    } catch (error) {
      return await lastResort(() => server.accept(event), toStoreError(error), refusal)
    } finally {
      writing--
      changed()
    }
  }

  async function quarantine(entry: QuarantineEntry): Promise<void> {
    let refusal: StoreError | undefined
    if (awaySinceMs === undefined) {
      try {
        // Nobody who is told 400 comes back for it, so it is waited for: what is late and comes after all would be there twice.
        return await server.quarantine(entry)
      } catch (error) {
        refusal = heed(error)
      }
    }
    try {
      await spool.quarantine(entry)
      bodies++
    } catch (error) {
      await lastResort(() => server.quarantine(entry), toStoreError(error), refusal)
    }
    changed()
  }

  /** What is in the spool goes first. False: a push must not go to the server now. */
  async function mayGo(): Promise<boolean> {
    if (awaySinceMs !== undefined || events > BATCH) return false
    await new Promise<void>((resolve) => {
      const release = (): void => {
        clearTimeout(timer)
        parked.delete(release)
        resolve()
      }
      const timer = setTimeout(release, PARK_MS)
      parked.add(release)
    })
    return isStraight()
  }

  /** Out of order at the server is better than nowhere, if that was not tried yet. */
  async function lastResort<T>(ask: () => Promise<T>, failure: StoreError, refusal?: StoreError): Promise<T> {
    let told = refusal
    if (told === undefined) {
      try {
        return await within(ask(), HOLD_MS)
      } catch (error) {
        told = toStoreError(error)
      }
    }
    throw new StoreError(failure.reason, `${told.message}; and the spool ${file}: ${failure.message}`, { cause: told })
  }

  /** A server that refuses one event is there; else it is away. Throws what is no reason to use the spool. */
  function heed(error: unknown): StoreError {
    const refusal = toStoreError(error)
    if (refusal.reason === 'closed') throw refusal
    if (refusal.reason !== 'bug') away(refusal)
    return refusal
  }

  function away({ message }: StoreError): void {
    awaySinceMs ??= performance.now()
    onNotice({ what: 'away', file, reason: message })
    changed()
  }

  function back(): void {
    if (awaySinceMs === undefined) return
    onNotice({ what: 'back', afterMs: Math.round(performance.now() - awaySinceMs) })
    awaySinceMs = undefined
  }

  function changed(): void {
    onNotice({ what: 'spooled', events: Math.max(0, events), isAway: awaySinceMs !== undefined })
    if (isStraight() || awaySinceMs !== undefined) for (const release of parked) release()
    kick()
  }

  const isOwing = (): boolean => awaySinceMs !== undefined || isUnsure || events > 0 || bodies > 0

  function kick(): void {
    if (draining !== undefined || signal.aborted || !isOwing()) return
    draining = drain().finally(() => {
      draining = undefined
      kick()
    })
  }

  async function drain(): Promise<void> {
    while (!signal.aborted && isOwing()) {
      if (await step()) continue
      await sleep(TRY_EVERY_MS, undefined, { signal }).catch(() => {})
    }
  }

  /** Move the oldest there is, or ask whether the server is back. False if it is not, or the spool fails. */
  async function step(): Promise<boolean> {
    try {
      const counted = { events, bodies }
      if (events > 0 || isUnsure) settle('events', await drainEvents(ways), counted)
      else if (bodies > 0) settle('bodies', await drainBodies(ways), counted)
      else await server.probe().then(back, (error: unknown) => away(toStoreError(error)))
    } catch (error) {
      if (!signal.aborted) onNotice({ what: 'spool_failed', file, reason: toStoreError(error).message })
      return false
    }
    changed()
    return awaySinceMs === undefined
  }

  function settle(what: 'events' | 'bodies', { moved, failure }: Drained, counted: typeof drained): void {
    drained[what] += moved
    // Where nothing is found, nothing is left of what was counted before the look.
    const gone = moved === 0 && failure === undefined ? counted[what] : moved
    if (what === 'events') events -= gone
    else bodies -= gone
    if (what === 'events' && moved > 0) onDrained()
    if (failure !== undefined) return away(failure)
    if (moved > 0) back()
    else if (what === 'events') isUnsure = false
    if (events + writing > 0 || bodies > 0 || drained.events + drained.bodies === 0) return
    onNotice({ what: 'drained', ...drained })
    drained = { events: 0, bodies: 0 }
  }

  /** Nobody waits for it: that the server went away is known when the next push comes. */
  function look(): void {
    if (awaySinceMs !== undefined || looking !== undefined || signal.aborted) return
    looking = server
      .probe()
      .catch((error: unknown) => {
        if (!signal.aborted) away(toStoreError(error))
      })
      .finally(() => (looking = undefined))
  }

  async function probe(): Promise<void> {
    look()
    try {
      await spool.probe()
    } catch (error) {
      await lastResort(() => server.probe(), toStoreError(error))
    }
  }

  async function close(): Promise<void> {
    if (signal.aborted) return
    stopping.abort()
    const untilMs = performance.now() + LAST_TRY_MS
    const trying = lastTry(untilMs)
    await Promise.race([trying, sleep(LAST_TRY_MS, undefined, { ref: false })])
    await server.close()
    await Promise.all([trying, looking])
    if (events > 0 || bodies > 0) onNotice({ what: 'left', file, events, bodies })
    await spool.close()
  }

  async function lastTry(untilMs: number): Promise<void> {
    await draining
    while ((events > 0 || bodies > 0) && performance.now() < untilMs) if (!(await step())) return
  }

  look()
  changed()
  return { ...server, accept, quarantine, probe, close }
}

async function within<T>(asked: Promise<T>, withinMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const failure = new StoreError('unavailable', `Postgres did not answer within ${Math.round(withinMs)} ms`)
    timer = setTimeout(reject, withinMs, failure)
  })
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}
