import { UNKNOWN, type Incident } from './incident.ts'

/**
 * The state an on-call reads.
 *
 * - `triggered`     nobody is on it.
 * - `processing`    somebody acknowledged it.
 * - `snoozed`       quiet until the snooze ends; no event says so, our own timer does.
 * - `recovered`     closed, and monitoring says Ok.
 * - `closed_firing` closed by a person while monitoring still sees the problem.
 * - `closed`        closed, and there is no monitoring behind it that could disagree.
 */
export type State = 'triggered' | 'processing' | 'snoozed' | 'recovered' | 'closed_firing' | 'closed'

/** Read the state off a snapshot at `nowMs`. */
export function toState(incident: Incident, nowMs: number): State {
  if (incident.progress === 'Closed') {
    if (incident.status === 'Ok') return 'recovered'
    return isManual(incident) || incident.status === UNKNOWN ? 'closed' : 'closed_firing'
  }
  if (incident.snoozedUntilMs !== undefined && incident.snoozedUntilMs > nowMs) return 'snoozed'
  return incident.progress === 'Processing' ? 'processing' : 'triggered'
}

export function isClosed(incident: Incident): boolean {
  return incident.progress === 'Closed'
}

/** When the state changes with no event to say so, ms; undefined if it does not. */
export function snoozeEndsAtMs(incident: Incident, nowMs: number): number | undefined {
  return toState(incident, nowMs) === 'snoozed' ? incident.snoozedUntilMs : undefined
}

/** Created by a person and holding no alerts: its status was typed in, not measured. */
function isManual(incident: Incident): boolean {
  return incident.creator !== undefined && (incident.alertCount ?? 0) === 0
}
