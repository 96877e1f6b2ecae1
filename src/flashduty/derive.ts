import type { Board } from '../incident/board.ts'
import { parseJsonText } from './json.ts'
import { isObject } from './object.ts'

/** What the derived push says of itself. */
export interface DerivedEvent {
  readonly eventId: string
  readonly eventType: string
  readonly eventTimeMs: number
}

/**
 * A push that the source did not send: the incident as `body` carries it, with
 * an event of our own and nobody behind it. Undefined if `body` is no push.
 */
export function toDerivedPush(body: string, { eventId, eventType, eventTimeMs }: DerivedEvent): string | undefined {
  const parsed = parseJsonText(body)
  if (!parsed.ok || !isObject(parsed.value)) return undefined
  return JSON.stringify({
    event_id: eventId,
    event_type: eventType,
    event_time: eventTimeMs,
    incident: parsed.value['incident'],
  })
}

/** What a push of one of our own storm boards says. */
export interface DerivedBoard extends DerivedEvent {
  readonly incidentId: string
  readonly startedAtMs: number
  readonly isOver: boolean
  readonly board: Board
}

/**
 * A push of a storm board: an incident of our own, which speaks for all that wait and is therefore as urgent as the
 * worst of them.
 */
export function toBoardPush({ eventId, eventType, eventTimeMs, incidentId, startedAtMs, isOver, board }: DerivedBoard) {
  return JSON.stringify({
    event_id: eventId,
    event_type: eventType,
    event_time: eventTimeMs,
    incident: {
      incident_id: incidentId,
      title: 'Alert storm',
      incident_severity: 'Critical',
      incident_status: isOver ? 'Ok' : 'Critical',
      progress: isOver ? 'Closed' : 'Triggered',
      start_time: Math.floor(startedAtMs / 1000),
    },
    board,
  })
}
