import { toBoardPush, toDerivedPush } from '../../flashduty/derive.ts'
import { readEvent } from '../../flashduty/event.ts'
import { toSamplePushes, UNKNOWN_TYPE } from '../../flashduty/sample.ts'
import { DOCUMENTED_TYPES, SNOOZE_ENDED } from '../../incident/attention.ts'
import { STORM_BOARD } from '../../incident/board.ts'
import type { Event, Incident } from '../../incident/incident.ts'

/** An event to show, and what was known before it. */
export interface Subject {
  readonly event: Event
  /** The incident before the event; absent if this is the first that is known of it. */
  readonly previous?: Incident
  readonly atMs: number
  /** When the first event of the incident happened. */
  readonly firstAtMs: number
}

/** The relay's own events, which no source sends. */
export const OWN_TYPES: readonly string[] = [SNOOZE_ENDED, STORM_BOARD]

/** Everything a gallery shows: each documented type, one that is not, and the relay's own. */
export const ALL_TYPES: readonly string[] = [...DOCUMENTED_TYPES, UNKNOWN_TYPE, ...OWN_TYPES]

/** When the sample incident begins: the same for ever, so that two previews differ only by their templates. */
const STARTED_AT_MS = Date.UTC(2026, 2, 14, 3, 2)
const INCIDENT_ID = 'sample-64b1352e'

/** The sample of a type; of a type nobody documented it is made up. */
export function toSubject(type: string): Subject {
  if (type === STORM_BOARD) return last([toBoard()])
  const ofType = type === SNOOZE_ENDED ? 'i_snooze' : type
  const pushes = toSamplePushes(ofType, { incidentId: INCIDENT_ID, startedAtMs: STARTED_AT_MS }).map((push) =>
    JSON.stringify(push),
  )
  return last(type === SNOOZE_ENDED ? [...pushes, toSnoozeEnded(pushes.at(-1) ?? '')] : pushes)
}

/** The last of several pushes of one incident, those before it being what was known. Undefined if one is no event. */
export function toSubjectOf(pushes: readonly string[]): Subject | undefined {
  const events = pushes.map((push) => readEvent(push)?.event)
  const known = events.filter((event) => event !== undefined)
  const event = known.at(-1)
  if (event === undefined || known.length < events.length) return undefined
  const same = known.filter(({ incident }) => incident.id === event.incident.id)
  const previous = same.at(-2)?.incident
  const atMs = event.timeMs ?? STARTED_AT_MS
  return {
    event,
    ...(previous !== undefined && { previous }),
    // A snooze that has ended is told of at its end.
    atMs: event.type === SNOOZE_ENDED ? (event.incident.snoozedUntilMs ?? atMs) : atMs,
    firstAtMs: same[0]?.timeMs ?? atMs,
  }
}

function last(pushes: readonly string[]): Subject {
  const subject = toSubjectOf(pushes)
  if (subject === undefined) throw new Error('a sample is no event')
  return subject
}

function toSnoozeEnded(body: string): string {
  const atMs = readEvent(body)?.event.timeMs ?? STARTED_AT_MS
  return toDerivedPush(body, { eventId: `${INCIDENT_ID}-over`, eventType: SNOOZE_ENDED, eventTimeMs: atMs }) ?? ''
}

function toBoard(): string {
  const url = 'https://console.flashcat.cloud/incident/detail/sample'
  const first = (titles: readonly string[]) => titles.map((title, index) => ({ title, url: `${url}-${index}` }))
  return toBoardPush({
    eventId: `${INCIDENT_ID}-board`,
    eventType: STORM_BOARD,
    eventTimeMs: STARTED_AT_MS + 60_000,
    incidentId: 'relay-board/sample/1',
    startedAtMs: STARTED_AT_MS,
    isOver: false,
    board: {
      destination: 'sample',
      groups: [
        { severity: 'Critical', count: 2, first: first(['Checkout fails', 'Payment gateway is down']) },
        {
          severity: 'Warning',
          count: 41,
          first: first(['Disk 85 % full on db-1', 'Replica 40 s behind', 'CPU idle < 10 %']),
        },
      ],
    },
  })
}
