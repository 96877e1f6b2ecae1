import type { Attempt, Report } from '../delivery/report.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

/** What the worker tells, as log lines and metrics: one `delivery.attempted` line per attempt, always the same keys. */
export function createReport(log: Log, metrics: Metrics): Report {
  return {
    attempted: (attempt) => {
      const { platform, operation, outcome, reason = '', durationMs } = attempt
      metrics.attempted({ platform, operation, outcome, reason, seconds: durationMs / 1000 })
      log[outcome === 'sent' || outcome === 'found' ? 'info' : 'warn'](toAttemptFields(attempt), 'delivery.attempted')
    },
    warned: (event, fields) => {
      metrics.warned(event)
      if (event === 'delivery.ambiguous') metrics.ambiguous(String(fields['policy']))
      log.warn(fields, event)
    },
    failed: (event, error) => log.error({ err: error }, event),
  }
}

function toAttemptFields(attempt: Attempt): object {
  const { incidentId, durationMs, ...rest } = attempt
  return { ...rest, incident_id: incidentId, duration_ms: durationMs }
}
