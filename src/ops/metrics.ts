import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { StoreCounts } from '../store/store.ts'
import { createSkewGauge, createStoreGauges } from './gauges.ts'
import { createLabels } from './labels.ts'

/** One attempt, as counted: the labels are the closed words of platform and outcome. */
export interface AttemptMetric {
  readonly platform: string
  readonly operation: string
  readonly outcome: string
  /** Empty if the outcome has none. */
  readonly reason: string
  readonly seconds: number
  /** How long what the message tells had waited when it was shown, where it was and where it is known. */
  readonly waitedSeconds?: number
}

/** What the relay counts. No metric ever carries an id or a text of an incident. */
export interface Metrics {
  /** An event was stored, or known already. */
  event(result: 'accepted' | 'duplicate' | 'stale', type: string): void
  /** A known event id came with another body. */
  conflict(): void
  /** A request was refused, or a body could not be kept. `code` is one of a fixed set. */
  rejected(code: string): void
  /** An event was received so long after it happened, by the source's clock: negative if that is ahead of ours. */
  skewed(seconds: number): void
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
  watchStore(read: () => Promise<StoreCounts>, nowMs: () => number): void
  /** Show one more value, read anew for every look; with `label` one for each word of a closed set. */
  gauge(name: `relay_${string}`, help: string, read: () => number | Promise<number>): void
  gauge(name: `relay_${string}`, help: string, read: () => Readonly<Record<string, number>>, label: string): void
  /** Everything, as Prometheus reads it. */
  text(): Promise<{ readonly contentType: string; readonly body: string }>
}

/** Answers within the sender's 2 s, in steps that show where they go. */
const INTAKE_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2]
const ATTEMPT_BUCKETS_S = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8]
/** From "at once" over the pause of a burst (1.5 to 10 s) to an outage of an hour. */
const SHOWN_BUCKETS_S = [0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600]

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
    name: 'relay_webhook_duration_seconds',
    help: 'From the headers of a push to our answer.',
    buckets: INTAKE_BUCKETS_S,
    registers,
  })
  const attempts = counter('relay_attempts_total', 'Calls to chat, by outcome.', [
    'platform',
    'operation',
    'outcome',
    'reason',
  ])
  const attempt = new Histogram({
    name: 'relay_attempt_duration_seconds',
    help: 'How long the platform took to answer.',
    labelNames: ['platform', 'operation', 'outcome'],
    buckets: ATTEMPT_BUCKETS_S,
    registers,
  })
  const shown = new Histogram({
    name: 'relay_shown_delay_seconds',
    help: 'From the arrival of an event to the message that shows it.',
    labelNames: ['platform', 'operation'],
    buckets: SHOWN_BUCKETS_S,
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
  const skew = createSkewGauge(registry)

  return {
    event(result, type) {
      received[result].inc()
      if (result !== 'duplicate') ofType(typeLabels(type)).inc()
    },
    conflict: () => conflicts.inc(),
    rejected: (code) => rejected.inc({ code }),
    skewed: (seconds) => skew.add(seconds),
    answered: (seconds) => intake.observe(seconds),
    judged: (verdict) => judged.inc({ verdict }),
    fieldsDropped: (count) => dropped.inc(count),
    templateFailed: (template) => templates.inc({ template: templateLabels(template) }),
    attempted({ platform, operation, outcome, reason, seconds, waitedSeconds }) {
      attempts.inc({ platform, operation, outcome, reason })
      attempt.observe({ platform, operation, outcome }, seconds)
      if (waitedSeconds !== undefined) shown.observe({ platform, operation }, waitedSeconds)
    },
    reloadFailed: () => reloads.inc(),
    warned: (event) => warnings.inc({ event }),
    ambiguous: (policy) => unclear.inc({ policy }),
    corrupted: () => corruptions.inc(),
    expired: (rows) => expired.inc(rows),
    watchStore: (read, nowMs) => store.watch(read, nowMs),
    gauge(
      name: string,
      help: string,
      read: () => number | Promise<number> | Readonly<Record<string, number>>,
      label?: string,
    ) {
      const labelNames = label === undefined ? [] : [label]
      const gauge: Gauge = new Gauge({
        name,
        help,
        labelNames,
        registers,
        async collect() {
          const now = await read()
          if (typeof now === 'number') return gauge.set(now)
          for (const [word, value] of Object.entries(now)) gauge.set({ [label ?? '']: word }, value)
        },
      })
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
