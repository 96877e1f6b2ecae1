import type { StoreNotice } from '../store/notice.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

export interface AlarmOptions {
  readonly log: Log
  readonly metrics: Pick<Metrics, 'gauge' | 'corrupted'>
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
  metrics.gauge('relay_store_reserve', '1 while the reserve for a full disk is there.', () => (isHeld ? 1 : 0))
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
      }
    },
    onFailure(error) {
      log.error({ err: error }, 'store.failed')
      onFatal(error)
    },
  }
}
