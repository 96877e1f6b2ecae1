import type { Attributes, SpanKind, Tracer } from '@opentelemetry/api'
import type { Attempt, Report } from '../delivery/report.ts'
import type { Intake } from '../flashduty/intake.ts'
import type { StoredEvent } from '../store/store.ts'

/** Spans for whoever collects them. They hold ids and words of closed sets: never a text of an incident, never an e-mail address. */
export interface Trace {
  /** Tells of every push that is taken in: `event.accept`. */
  intake(intake: Intake): Intake
  /** Tells of every call to chat: `delivery.attempt`. */
  report(report: Report): Report
  /** An event was judged: `event.judge`, from its arrival on. */
  judged(event: Pick<StoredEvent, 'id' | 'incidentId' | 'receivedAtMs'>, verdict: string): void
}

const NO_TRACE: Trace = { intake: (intake) => intake, report: (report) => report, judged: () => {} }

/** Where the API keeps what an SDK registered: its major version is in the name. @see https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts (read 2026-11-24) */
const REGISTERED = Symbol.for('opentelemetry.js.api.1')

/** Spans if an SDK was loaded into this process before us (`node --import …`); else nothing, not even the API, is loaded. */
export async function loadTrace(nowMs: () => number): Promise<Trace> {
  const registered: unknown = Reflect.get(globalThis, REGISTERED)
  if (typeof registered !== 'object' || registered === null || !('trace' in registered)) return NO_TRACE
  const { trace, SpanKind: kinds } = await import('@opentelemetry/api')
  return createTrace(trace.getTracer('incident-relay'), kinds, nowMs)
}

function createTrace(tracer: Tracer, kinds: typeof SpanKind, nowMs: () => number): Trace {
  function tell(name: string, kind: SpanKind, startTime: number, attributes: Attributes): void {
    tracer.startSpan(name, { kind, startTime, attributes }).end(nowMs())
  }
  return {
    intake: (intake) => ({
      async take(bytes, receivedAtMs) {
        const startedAtMs = nowMs()
        const taken = await intake.take(bytes, receivedAtMs)
        const what =
          taken.kind === 'stored' ? { result: taken.result, event_id: taken.id } : { code: taken.refusal.code }
        tell('event.accept', kinds.SERVER, startedAtMs, { outcome: taken.kind, ...what })
        return taken
      },
    }),
    report: (report) => ({
      ...report,
      attempted(attempt) {
        report.attempted(attempt)
        tell('delivery.attempt', kinds.CLIENT, nowMs() - attempt.durationMs, toAttributes(attempt))
      },
    }),
    judged({ id, incidentId, receivedAtMs }, verdict) {
      tell('event.judge', kinds.INTERNAL, receivedAtMs, { event_id: id, incident_id: incidentId, verdict })
    },
  }
}

function toAttributes(attempt: Attempt): Attributes {
  const { destination, platform, operation, incidentId, attempt: number, outcome, reason } = attempt
  const ids = { destination, platform, operation, incident_id: incidentId, attempt: number, outcome }
  return reason === undefined ? ids : { ...ids, reason }
}
