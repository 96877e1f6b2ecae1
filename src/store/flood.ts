import type { Store } from './store.ts'

/** As many are kept within some 2 ms: more wait only if more come in than the store takes. */
const FLOOD_EVENTS = 16
/** So many within so long begin a flood. */
const ONSET_EVENTS = 32
const ONSET_MS = 50
/**
 * Its onset lasts no longer, and no longer than pushes go on coming like that: all who send are there at once, and may meet
 * code that no push has run yet.
 */
const ONSET_LASTS_MS = 500
const ONSET_ENDS_MS = 3 * ONSET_MS
/** The next flood begins when there was none for so long. */
const CALM_MS = 1_000

export interface WatchedStore {
  readonly store: Store
  /** More events wait to be kept than the store takes at once, or a flood has just begun and goes on. */
  readonly flooded: () => boolean
}

/** A store that knows whether it is behind with keeping events, or about to be. */
export function watchFlood(store: Store, monotonicMs: () => number = () => performance.now()): WatchedStore {
  let waiting = 0
  let count = 0
  let countedSinceMs = -Infinity
  let beganAtMs = -Infinity
  let seenAtMs = -Infinity

  const came = (nowMs: number): void => {
    if (nowMs - countedSinceMs > ONSET_MS) {
      count = 0
      countedSinceMs = nowMs
    }
    count++
    if (count < ONSET_EVENTS) return
    if (nowMs - seenAtMs > CALM_MS) beganAtMs = nowMs
    seenAtMs = nowMs
  }
  const accept: Store['accept'] = (event) => {
    waiting++
    came(monotonicMs())
    return store.accept(event).finally(() => waiting--)
  }
  const isOnset = (nowMs: number): boolean => nowMs - beganAtMs < ONSET_LASTS_MS && nowMs - seenAtMs < ONSET_ENDS_MS
  return { store: { ...store, accept }, flooded: () => waiting > FLOOD_EVENTS || isOnset(monotonicMs()) }
}
