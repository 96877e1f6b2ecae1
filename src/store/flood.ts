import type { Store } from './store.ts'

/** As many are kept within some 2 ms: more wait only if more come in than the store takes. */
const FLOOD_EVENTS = 16

export interface WatchedStore {
  readonly store: Store
  /** More events wait to be kept than the store takes at once. */
  readonly flooded: () => boolean
}

/** A store that knows whether it is behind with keeping events. */
export function watchFlood(store: Store): WatchedStore {
  let waiting = 0
  const accept: Store['accept'] = (event) => {
    waiting++
    return store.accept(event).finally(() => waiting--)
  }
  return { store: { ...store, accept }, flooded: () => waiting > FLOOD_EVENTS }
}
