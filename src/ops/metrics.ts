import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { StoreCounts } from '../store/store.ts'
import { createLabels } from './labels.ts'

/** One attempt, as counted: the labels are the closed words of platform and outcome. */
export interface AttemptMetric {
  readonly platform: string
  readonly operation: string
  readonly outcome: string
  /** Empty if the outcome has none. */
  readonly reason: string
  readonly seconds: number
}

/** What the relay counts. No metric ever carries an id or a text of an incident. */
export interface Metrics {
  /** An event was stored, or known already. */
  event(result: 'accepted' | 'duplicate' | 'stale', type: string): void
  /** A known event id came with another body. */
  conflict(): void
  /** A request was refused, or a body could not be kept. `code` is one of a fixed set. */
  rejected(code: string): void
  /** The webhook answered after so many seconds from the headers on. */
  answered(seconds: number): void
  /** An event was judged. `verdict` is one of a fixed set. */
  judged(verdict: string): void
  /** So many fields of an event were present but unusable. */
  fieldsDropped(count: number): void
  /** A template failed and the built-in one spoke. */
  templateFailed(template: string): void
  attempted(attempt: AttemptMetric): void
  /** A configuration was refused while running, and the one before kept. */
  reloadFailed(): void
  /** Something a person should know. `event` is one of a fixed set. */
  warned(event: string): void
  /** A create whose outcome cannot be found out was resent or held. */
  ambiguous(policy: string): void
  /** A damaged database was moved aside. */
  corrupted(): void
  /** So many rows of the store were past their time. */
  expired(rows: number): void
  /** From now on show the store's counts. If reading them fails, the last ones stay and the failure is counted. */
  watchStore(read: () => Promise<StoreCounts>): void
  /** Show one more value, read anew for every look. */
  gauge(name: `relay_${string}`, help: string, read: () => number): void
  /** Everything, as Prometheus reads it. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>
}

/** Answers within the sender's 2 s, in steps that show where they go. */
const INTAKE_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2]
const DELIVERY_BUCKETS_S = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8]

/** Metrics with a registry of their own, the process's usual ones included. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const counter = <const TLabel extends string>(name: string, help: string, labelNames: readonly TLabel[]) =>
    new Counter({ name, help, labelNames: [...labelNames], registers })

  const events = counter('relay_events_total', 'Events received, by what became of them.', ['result'])
  const types = counter('relay_event_types_total', 'Events stored, by type.', ['type'])
  const conflicts = counter('relay_event_conflicts_total', 'Known event ids that came with another body.', [])
  const rejected = counter('relay_rejected_total', 'Requests refused, by reason.', ['code'])
  const judged = counter('relay_events_judged_total', 'Events judged, by verdict.', ['verdict'])
  const dropped = counter('relay_event_fields_dropped_total', 'Fields of events that could not be used.', [])
  const templates = counter('relay_template_failures_total', 'Templates that failed at run time.', ['template'])
  const reloads = counter('relay_config_reload_failures_total', 'Configurations refused while running.', [])
  const corruptions = counter('relay_store_corruptions_total', 'Damaged databases that were moved aside.', [])
  const expired = counter('relay_store_expired_total', 'Rows that went when their time was over.', [])
  const intake = new Histogram({
    name: 'relay_webhook_seconds',
    help: 'From the headers of a push to our answer.',
    buckets: INTAKE_BUCKETS_S,
    registers,
  })
  const deliveries = counter('relay_deliveries_total', 'Attempts, by outcome.', [
    'platform',
    'operation',
    'outcome',
    'reason',
  ])
  const delivery = new Histogram({
    name: 'relay_delivery_seconds',
    help: 'How long the platform took to answer.',
    labelNames: ['platform', 'operation'],
    buckets: DELIVERY_BUCKETS_S,
    registers,
  })
  const warnings = counter('relay_warnings_total', 'Things a person should know, by what was logged.', ['event'])
  const unclear = counter(
    'relay_ambiguous_total',
    'Creates that may or may not have been posted and could not be looked up, by what was done.',
    ['policy'],
  )
  const typeLabels = createLabels(50)
  // Looked up once: finding a counter by its labels costs more than counting.
  const received = {
    accepted: events.labels('accepted'),
    duplicate: events.labels('duplicate'),
    stale: events.labels('stale'),
  }
  const ofType = memoize((type: string) => types.labels(type))
  const templateLabels = createLabels(50)
  const store = createStoreGauges(registry)

  return {
    event(result, type) {
      received[result].inc()
      if (result !== 'duplicate') ofType(typeLabels(type)).inc()
    },
    conflict: () => conflicts.inc(),
    rejected: (code) => rejected.inc({ code }),
    answered: (seconds) => intake.observe(seconds),
    judged: (verdict) => judged.inc({ verdict }),
    fieldsDropped: (count) => dropped.inc(count),
    templateFailed: (template) => templates.inc({ template: templateLabels(template) }),
    attempted({ platform, operation, outcome, reason, seconds }) {
      deliveries.inc({ platform, operation, outcome, reason })
      delivery.observe({ platform, operation }, seconds)
    },
    reloadFailed: () => reloads.inc(),
    warned: (event) => warnings.inc({ event }),
    ambiguous: (policy) => unclear.inc({ policy }),
    corrupted: () => corruptions.inc(),
    expired: (rows) => expired.inc(rows),
    watchStore: store.watch,
    gauge(name, help, read) {
      const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(read()) })
    },
    async text() {
      await store.refresh()
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
  }
}

function memoize<T>(make: (word: string) => T): (word: string) => T {
  const made = new Map<string, T>()
  return (word) => {
    const known = made.get(word) ?? make(word)
    made.set(word, known)
    return known
  }
}

/** The counts are one query, so they are read once for all gauges. */
function createStoreGauges(registry: Registry) {
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
  const failures = new Counter({
    name: 'relay_store_count_failures_total',
    help: 'Times the store could not be counted.',
    registers,
  })
  let read: (() => Promise<StoreCounts>) | undefined

  async function refresh(): Promise<void> {
    if (read === undefined) return
    try {
      const counts = await read()
      unapplied.set(counts.eventsUnapplied)
      due.set(counts.lanesDue)
      quarantined.set(counts.quarantined)
      for (const [state, count] of Object.entries(counts.deliveries)) deliveries.set({ state }, count)
    } catch {
      // The other metrics are what one needs when the store is in trouble.
      failures.inc()
    }
  }

  return { refresh, watch: (next: () => Promise<StoreCounts>) => void (read = next) }
}
