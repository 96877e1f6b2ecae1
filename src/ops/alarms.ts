import type { StoreNotice } from '../store/notice.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { createSeldom } from './seldom.ts'

export interface AlarmOptions {
  readonly log: Log
  readonly metrics: Pick<Metrics, 'gauge' | 'corrupted' | 'conflict'>
  readonly onFatal: (error: Error) => void
}

/** Puts what the store tells by itself into the log and the metrics, as loud as it is. */
export interface Alarms {
  onNotice(notice: StoreNotice): void
  /** Nothing can be stored any more. */
  onFailure(error: Error): void
}

export function createAlarms({ log, metrics, onFatal }: AlarmOptions): Alarms {
  let isHeld = false
  let spool = { events: 0, isAway: false }
  const seldom = createSeldom(() => performance.now())
  metrics.gauge('relay_store_reserve', '1 while the reserve for a full disk is there.', () => (isHeld ? 1 : 0))
  metrics.gauge('relay_store_away', '1 while the database cannot be used and events are kept in the spool.', () =>
    spool.isAway ? 1 : 0,
  )
  metrics.gauge('relay_spooled_events', 'Events on this machine that are not in the database yet.', () => spool.events)
  return {
    onNotice(notice) {
      switch (notice.what) {
        case 'reserve':
          isHeld = notice.held
          if (isHeld) return log.info({}, 'store.reserve_held')
          return log.error({ do: 'make room: the disk is full, or nearly' }, 'store.running_on_the_reserve')
        case 'moved_aside':
          metrics.corrupted()
          return log.error({ aside: notice.aside, reason: notice.reason }, 'store.corrupt')
        case 'salvaged': {
          const { aside, rows, lost, whole } = notice
          return log.error({ aside, rows, lost, whole }, 'store.salvaged')
        }
        case 'away': {
          const { file, reason } = notice
          return seldom('away', (more) => log.error({ reason, spool: file, events: spool.events, more }, 'store.away'))
        }
        case 'back':
          return log.warn({ after_ms: notice.afterMs }, 'store.back')
        case 'spooled':
          spool = notice
          return
        case 'drained':
          return log.info({ events: notice.events, bodies: notice.bodies }, 'spool.drained')
        case 'refused':
          return log.error({ id: notice.id, reason: notice.reason }, 'spool.refused')
        case 'conflict':
          metrics.conflict()
          return log.warn({ event_id: notice.id, incident_id: notice.incidentId }, 'webhook.event_id_conflict')
        case 'spool_failed':
          return seldom('spool', (more) =>
            log.error({ spool: notice.file, reason: notice.reason, more }, 'spool.failed'),
          )
        case 'left': {
          const { file, events, bodies } = notice
          return log.warn({ spool: file, events, bodies, do: 'start a relay with this spool again' }, 'spool.left')
        }
      }
    },
    onFailure(error) {
      log.error({ err: error }, 'store.failed')
      onFatal(error)
    },
  }
}
