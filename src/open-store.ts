import type { Config } from './config/schema.ts'
import type { Clock } from './delivery/clock.ts'
import { clock, createClock } from './ops/wall-clock.ts'
import type { Ledger } from './store/ledger.ts'
import type { StoreNotice } from './store/notice.ts'
import { dismissThread, openSqlite, RESERVE_BYTES, type StoreThread } from './store/sqlite.ts'
import type { Store } from './store/store.ts'

export interface OpenOptions {
  /** The thread of the SQLite engine, if it was booted before. */
  readonly thread?: StoreThread
  readonly onFailure: (error: Error) => void
  readonly onNotice: (notice: StoreNotice) => void
  /** Another process may have written something. */
  readonly onHint: () => void
}

export interface OpenedStore {
  readonly store: Store
  /** The clock that the store's instants are of. */
  readonly clock: Clock
  /** Where several processes may share the store. */
  readonly ledger: Ledger | undefined
}

/** Open the store a configuration names. Rejects with a StoreError. */
export async function openStore(config: Config['store'], options: OpenOptions): Promise<OpenedStore> {
  if ('sqlite' in config) {
    const store = await openSqlite({ file: config.sqlite, reserveBytes: RESERVE_BYTES, ...options })
    return { store, clock, ledger: undefined }
  }
  const { thread, onHint } = options
  if (thread !== undefined) dismissThread(thread)
  const { openPostgres } = await import('./store/postgres.ts')
  const { store, clock: server, ledger } = await openPostgres({ url: config.postgres, onHint })
  // When the server's clock is set, all replicas follow: none of them may move what all of them wait for.
  return { store, clock: createClock(server.now, server.now), ledger }
}
