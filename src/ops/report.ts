import type { Attempt, Report } from '../delivery/report.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

/** What the worker tells, as log lines and metrics: one `delivery.attempted` line per attempt, always the same keys. */
export function createReport(log: Log, metrics: Metrics): Report {
  return {
    attempted: (attempt) => {
      const { platform, operation, outcome, reason = '', durationMs, waitedMs } = attempt
      metrics.attempted({
        platform,
        operation,
        outcome,
        reason,
        seconds: durationMs / 1000,
        ...(waitedMs !== undefined && { waitedSeconds: waitedMs / 1000 }),
      })
      log[outcome === 'sent' || outcome === 'found' ? 'info' : 'warn'](toAttemptFields(attempt), 'delivery.attempted')
    },
    told: (event, fields) => log.info(fields, event),
    warned: (event, fields) => {
      metrics.warned(event)
      if (event === 'delivery.ambiguous') metrics.ambiguous(String(fields['policy']))
      log.warn(fields, event)
    },
    failed: (event, error) => log.error({ err: error }, event),
  }
}

/** Every key in every line, so that a log store knows them all after the first. */
function toAttemptFields(attempt: Attempt): Readonly<Record<string, string | number | null>> {
  const { destination, platform, operation, outcome } = attempt
  return {
    destination,
    platform,
    operation,
    incident_id: attempt.incidentId,
    key: attempt.key ?? null,
    attempt: attempt.attempt,
    outcome,
    reason: attempt.reason ?? null,
    detail: attempt.detail ?? null,
    duration_ms: attempt.durationMs,
    waited_ms: attempt.waitedMs ?? null,
  }
}
