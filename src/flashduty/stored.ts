import type { Event } from '../incident/incident.ts'
import type { Log } from '../ops/log.ts'
import type { Metrics } from '../ops/metrics.ts'
import { readEvent, type ReadEvent } from './event.ts'

/** Reads events that were stored. Both throw for a body that is no event, which intake has ruled out. */
export interface StoredEvents {
  /** When it is judged: says what of it could not be used. */
  readonly readEvent: (body: string) => Event
  /** Again, when it is told. */
  readonly rereadEvent: (body: string) => Event
}

export function createStoredEvents(metrics: Pick<Metrics, 'fieldsDropped'>, log: Log): StoredEvents {
  return {
    readEvent: (body) => {
      const { event, dropped } = mustRead(body)
      if (dropped.length > 0) {
        metrics.fieldsDropped(dropped.length)
        log.warn({ event_id: event.id, fields: dropped }, 'event.fields_dropped')
      }
      return event
    },
    rereadEvent: (body) => mustRead(body).event,
  }
}

function mustRead(body: string): ReadEvent {
  const read = readEvent(body)
  if (read === undefined) throw new Error('the stored body is no event')
  return read
}
