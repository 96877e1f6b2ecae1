import { readFileSync } from 'node:fs'
import { WEBHOOK_PATH } from '../../src/flashduty/webhook.ts'

export const SECRET = 'a-secret-for-the-benchmarks'

/** A push with a few labels and a short description has this many bytes. */
const BODY_BYTES = 3_000
/** As many events as an incident usually has. */
const EVENTS_PER_INCIDENT = 10

export interface PushOptions {
  /** Makes the ids of one run differ from those of all others. */
  readonly seed: number
  readonly eventsPerIncident?: number
  readonly atMs: number
}

/**
 * Whole HTTP requests with a push of 3 kB each, all of one length, so that writing
 * the next one is three short copies into the buffer of the last.
 */
export function createPushes({ seed, eventsPerIncident = EVENTS_PER_INCIDENT, atMs }: PushOptions) {
  const text = toRequest(atMs)
  const template = Buffer.from(text, 'latin1')
  const at = { event: text.indexOf(EVENT_ID), incident: text.indexOf(INCIDENT_ID), type: text.indexOf(TYPE) }
  const prefix = seed.toString(16).padStart(8, '0')
  return {
    create: (): Buffer => Buffer.from(template),
    /** Turn a request into the push number `index` of this run. */
    write(request: Buffer, index: number): void {
      const incident = Math.floor(index / eventsPerIncident)
      request.write(prefix + index.toString(16).padStart(24, 'x'), at.event, 32, 'latin1')
      request.write(prefix + incident.toString(16).padStart(16, 'x'), at.incident, 24, 'latin1')
      request.write(index % eventsPerIncident === 0 ? 'i_new' : 'i_ack', at.type, 5, 'latin1')
    },
  }
}

/** The body of one push, for who sends few and wants them whole. */
export function toBody(eventId: string, incidentId: string, atMs: number): string {
  return bodyOf(atMs).replace(EVENT_ID, eventId).replace(INCIDENT_ID, incidentId).replace(TYPE, 'i_new')
}

const EVENT_ID = 'e'.repeat(32)
const INCIDENT_ID = 'd'.repeat(24)
const TYPE = 't_ype'

function toRequest(atMs: number): string {
  const body = bodyOf(atMs)
  return [
    `POST ${WEBHOOK_PATH} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    `X-Relay-Secret: ${SECRET}`,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

function bodyOf(atMs: number): string {
  const push = JSON.parse(readFileSync('test/events/i_new.json', 'utf8')) as { incident: object }
  const toText = (description: string): string =>
    JSON.stringify({
      ...push,
      event_id: EVENT_ID,
      event_type: TYPE,
      event_time: atMs,
      incident: { ...push.incident, incident_id: INCIDENT_ID, description },
    })
  return toText('latency is above the threshold '.repeat(99).slice(0, BODY_BYTES - toText('').length))
}
