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
