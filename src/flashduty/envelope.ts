import { MAX_ID_CHARS, toId } from './id.ts'
import { isObject, member } from './object.ts'
import { toTimeMs } from './time.ts'

/** Why a body that is JSON is no event. */
export type EnvelopeProblem = 'not_an_object' | 'missing_field' | 'invalid_field' | 'unresolved_template'

/** The core of a push: what must be usable for it to be an event at all. */
export type Envelope =
  | {
      readonly ok: true
      readonly eventId: string
      readonly eventType: string
      readonly incidentId: string
      /** The source's clock, ms. */
      readonly timeMs?: number
    }
  | { readonly ok: false; readonly code: EnvelopeProblem; readonly path: string; readonly reason: string }

/**
 * Read the core of a push: `event_id`, `event_type` and `incident.incident_id`.
 * Ids may be strings or integers. Nothing else can make a push unusable.
 */
export function toEnvelope(value: unknown): Envelope {
  if (!isObject(value)) return problem('not_an_object', '', 'The body must be a JSON object.')
  const eventId = toId(member(value, 'event_id'))
  if (eventId === undefined) return unusable('event_id', member(value, 'event_id'))
  const eventType = toId(member(value, 'event_type'))
  if (eventType === undefined) return unusable('event_type', member(value, 'event_type'))
  const incident = member(value, 'incident')
  if (!isObject(incident)) return unusable('incident', incident, 'an object')
  const incidentId = toId(member(incident, 'incident_id'))
  if (incidentId === undefined) return unusable('incident.incident_id', member(incident, 'incident_id'))
  const timeMs = toTimeMs(member(value, 'event_time'))
  return { ok: true, eventId, eventType, incidentId, ...(timeMs === undefined ? {} : { timeMs }) }
}

function unusable(path: string, value: unknown, wanted = 'a string or an integer'): Envelope {
  if (value === undefined || value === null) return problem('missing_field', path, `${path} is missing.`)
  if (typeof value !== 'string') return problem('invalid_field', path, `${path} must be ${wanted}.`)
  const variable = /\{\{[^{}]{0,64}\}?\}?/.exec(value)?.[0]
  if (variable !== undefined) {
    const reason = `${path} still holds the variable ${variable}: the custom request body names a path that does not exist.`
    return problem('unresolved_template', path, reason)
  }
  if (value.trim() === '') return problem('missing_field', path, `${path} is empty.`)
  if (value.length > MAX_ID_CHARS && wanted !== 'an object') {
    return problem('invalid_field', path, `${path} has more than ${MAX_ID_CHARS} characters.`)
  }
  return problem(
    'invalid_field',
    path,
    `${path} must be ${wanted}${wanted === 'an object' ? '' : ' without control characters'}.`,
  )
}

function problem(code: EnvelopeProblem, path: string, reason: string): Envelope {
  return { ok: false, code, path, reason }
}
