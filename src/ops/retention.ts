import type { Clock } from '../delivery/clock.ts'
import type { ExpiryPlace } from '../store/expiry.ts'
import type { Store } from '../store/store.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

export interface RetentionOptions {
  readonly store: Pick<Store, 'expire'>
  readonly clock: Clock
  readonly days: number
  readonly log: Log
  readonly metrics: Pick<Metrics, 'expired'>
}

export interface Retention {
  /** Finish the step under way. */
  stop(): Promise<void>
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** An incident that is still open is not forgotten with its events: for a month of history, a year. */
const OPEN_FACTOR = 12
/** A few hundred rows are a few ms of the store's time, which a push does not notice. */
const STEP_ROWS = 300
/** Between steps the store is free: a large clean-up takes a tenth of its time. */
const PAUSE_MS = 50

/** Delete what is past its time: now, and every hour, in small steps with pauses. */
export function startRetention({ store, clock, days, log, metrics }: RetentionOptions): Retention {
  const stopping = new AbortController()
  const { signal } = stopping
  const ended = run()

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const nowMs = clock.now()
      try {
        await round(nowMs)
      } catch (error) {
        // The store is in trouble, which others tell louder; the next hour comes.
        log.warn({ err: error }, 'retention.failed')
      }
      await clock.waitUntil(nowMs + HOUR_MS, signal)
    }
  }

  async function round(nowMs: number): Promise<void> {
    const beforeMs = nowMs - days * DAY_MS
    const openBeforeMs = nowMs - OPEN_FACTOR * days * DAY_MS
    let rows = 0
    let from: ExpiryPlace | undefined
    do {
      const { deleted, next } = await store.expire({ beforeMs, openBeforeMs, limit: STEP_ROWS, ...(from && { from }) })
      metrics.expired(deleted)
      rows += deleted
      from = next
      if (from !== undefined) await clock.waitUntil(clock.now() + PAUSE_MS, signal)
    } while (from !== undefined && !signal.aborted)
    if (rows > 0) log.info({ rows, days }, 'retention.deleted')
  }

  return {
    stop() {
      stopping.abort()
      return ended
    },
  }
}
