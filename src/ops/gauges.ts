import { setTimeout as sleep } from 'node:timers/promises'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { StoreCounts } from '../store/store.ts'

/** Whoever collects metrics waits 10 s by default, and needs the others most when the store hangs. */
const COUNT_WITHIN_MS = 2_000

/** The counts are one query, so they are read once for all gauges. */
export function createStoreGauges(registry: Registry) {
  const registers = [registry]
  const unapplied = new Gauge({ name: 'relay_events_unapplied', help: 'Events stored but not judged yet.', registers })
  const deliveries = new Gauge({
    name: 'relay_deliveries',
    help: 'Deliveries, by state.',
    labelNames: ['state'],
    registers,
  })
  const due = new Gauge({ name: 'relay_lanes_due', help: 'Cards and threads that owe something now.', registers })
  const quarantined = new Gauge({ name: 'relay_quarantined', help: 'Bodies kept that were no event.', registers })
  const oldest = new Gauge({
    name: 'relay_oldest_waiting_seconds',
    help: 'How long the oldest thing has waited that is not judged or not shown yet; 0 if nothing waits.',
    registers,
  })
  const failures = new Counter({
    name: 'relay_store_count_failures_total',
    help: 'Times the store could not be counted.',
    registers,
  })
  let read: (() => Promise<StoreCounts>) | undefined
  let nowMs = (): number => 0

  async function refresh(): Promise<void> {
    if (read === undefined) return
    try {
      const counts = await Promise.race([read(), sleep(COUNT_WITHIN_MS, undefined, { ref: false })])
      if (counts === undefined) throw new Error('the store does not answer')
      unapplied.set(counts.eventsUnapplied)
      due.set(counts.lanesDue)
      quarantined.set(counts.quarantined)
      const { oldestWaitingSinceMs: sinceMs } = counts
      oldest.set(sinceMs === undefined ? 0 : Math.max(0, nowMs() - sinceMs) / 1000)
      for (const [state, count] of Object.entries(counts.deliveries)) deliveries.set({ state }, count)
    } catch {
      // The other metrics are what one needs when the store is in trouble.
      failures.inc()
    }
  }

  return {
    refresh,
    watch(next: () => Promise<StoreCounts>, clock: () => number): void {
      read = next
      nowMs = clock
    },
  }
}

/** Few enough to follow a clock that is put right, enough for one odd event not to count. */
const SKEW_EVENTS = 51

/** The median of the newest events, as one that was held up or replayed says nothing of a clock. */
export function createSkewGauge(registry: Registry) {
  const newest: number[] = []
  const gauge: Gauge = new Gauge({
    name: 'relay_event_clock_skew_seconds',
    help: 'When events arrive, after the time the source gives them: the median of the newest. Negative: its clock is ahead.',
    registers: [registry],
    collect: () => gauge.set(newest.toSorted((a, b) => a - b)[newest.length >> 1] ?? 0),
  })
  return {
    add(seconds: number): void {
      newest.push(seconds)
      if (newest.length > SKEW_EVENTS) newest.shift()
    },
  }
}
