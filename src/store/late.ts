import { setTimeout as sleep } from 'node:timers/promises'
import { toStoreError } from './drain.ts'
import { StoreError } from './error.ts'
import type { Ledger } from './ledger.ts'
import type { Store } from './store.ts'

export interface Late<Opened> {
  readonly store: Store
  /** What was opened. Undefined until then. */
  readonly opened: () => Opened | undefined
  /** Resolves as soon as the store can be used; never, if it is closed before. Absent if it can be used now. */
  readonly late?: Promise<void>
}

/** A server that is there has answered by then, and pushes are not to wait for one that is slow. */
const FIRST_WITHIN_MS = 2_000
const TRY_EVERY_MS = 1_000

/**
 * Open a store whose server may be away: then it is tried again every second, and all calls reject as `unavailable`
 * meanwhile. Rejects if the first try says that waiting is no help. Later that is waited out too: by then events may
 * have been taken, and their sender does not come back.
 */
export async function openLate<Opened extends { readonly store: Store }>(
  open: () => Promise<Opened>,
): Promise<Late<Opened>> {
  let opened: Opened | undefined
  let refusal = new StoreError('unavailable', 'Postgres has not answered yet')
  const stopping = new AbortController()
  const { signal } = stopping

  async function attempt(): Promise<void> {
    const late = await open()
    if (signal.aborted) return late.store.close()
    opened = late
  }

  async function keepTrying(): Promise<void> {
    let trying: Promise<void> | undefined = first
    while (!signal.aborted) {
      try {
        await (trying ?? attempt())
        if (opened !== undefined) return
      } catch (error) {
        const { message } = toStoreError(error)
        refusal = new StoreError('unavailable', message, { cause: error })
      }
      trying = undefined
      await sleep(TRY_EVERY_MS, undefined, { signal }).catch(() => {})
    }
    return new Promise(() => {})
  }

  function there(): Store {
    if (signal.aborted) throw new StoreError('closed', 'the store is closed')
    if (opened === undefined) throw refusal
    return opened.store
  }

  const first = attempt()
  try {
    await Promise.race([first, sleep(FIRST_WITHIN_MS, undefined, { ref: false })])
  } catch (error) {
    if (toStoreError(error).reason !== 'unavailable') throw error
  }
  const isThere = opened !== undefined
  const late = keepTrying()
  const store: Store = {
    accept: async (event) => there().accept(event),
    quarantine: async (entry) => there().quarantine(entry),
    unapplied: async (query) => there().unapplied(query),
    incident: async (query) => there().incident(query),
    apply: async (plans) => there().apply(plans),
    snoozesEnded: async (query) => there().snoozesEnded(query),
    due: async (query) => there().due(query),
    schedule: async (query) => there().schedule(query),
    claim: async (request) => there().claim(request),
    save: async (patch) => there().save(patch),
    backlog: async (query) => there().backlog(query),
    hasten: async (query) => there().hasten(query),
    shift: async (move) => there().shift(move),
    pauses: async () => there().pauses(),
    pause: async (pause) => there().pause(pause),
    probe: async () => there().probe(),
    counts: async () => there().counts(),
    work: async (query) => there().work(query),
    workKeys: async () => there().workKeys(),
    retry: async (order) => there().retry(order),
    drop: async (order) => there().drop(order),
    quarantined: async (query) => there().quarantined(query),
    quarantinedBody: async (query) => there().quarantinedBody(query),
    unquarantine: async (query) => there().unquarantine(query),
    received: async (query) => there().received(query),
    expire: async (query) => there().expire(query),
    async close() {
      if (signal.aborted) return
      stopping.abort()
      await opened?.store.close()
    },
  }
  return { store, opened: () => opened, ...(!isThere && { late }) }
}

/** The ledger of a store that may be opened late: until then it cannot be asked. */
export function createLateLedger(opened: () => Ledger | undefined): Ledger {
  let listener = (): void => {}
  function there(): Ledger {
    const ledger = opened()
    if (ledger === undefined) throw new StoreError('unavailable', 'Postgres has not answered yet')
    ledger.watch(() => listener())
    return ledger
  }
  return {
    own: async (request) => there().own(request),
    leave: async (request) => there().leave(request),
    watch: (next) => (listener = next),
  }
}
