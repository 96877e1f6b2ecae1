import type { Config } from './config/schema.ts'
import type { Clock } from './delivery/clock.ts'
import { clock, createClock } from './ops/wall-clock.ts'
import type { Ledger } from './store/ledger.ts'
import { StoreError } from './store/error.ts'
import { createLateLedger, openLate } from './store/late.ts'
import type { StoreNotice } from './store/notice.ts'
import { createSpooled } from './store/spool.ts'
import { openSqlite, RESERVE_BYTES, type StoreThread } from './store/sqlite.ts'
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
  /** False as long as that is this machine's clock, since the server's was never seen. */
  readonly isClockSure: () => boolean
  /** Where several processes may share the store. */
  readonly ledger: Ledger | undefined
  /** The server is away: events are taken, all else can be asked as soon as this resolves. Absent if it can be now. */
  readonly late?: Promise<void>
}

/** Open the store a configuration names. Rejects with a StoreError. */
export async function openStore(config: Config['store'], options: OpenOptions): Promise<OpenedStore> {
  if ('sqlite' in config) {
    const store = await openSqlite({ file: config.sqlite, reserveBytes: RESERVE_BYTES, ...options })
    return { store, clock, isClockSure: () => true, ledger: undefined }
  }
  const { openPostgres } = await import('./store/postgres.ts')
  const { onHint, onNotice } = options
  const { postgres: url, spool: file } = config
  const [server, spool] = await openBoth(
    openLate(() => openPostgres({ url, onHint })),
    openSpool(file, options),
  )
  const store = await createSpooled({ server: server.store, spool, file, onNotice, onDrained: onHint })
  // When the server's clock is set, all replicas follow: none of them may move what all of them wait for. Before it was
  // ever seen events have to be taken all the same.
  const now = (): number => (server.opened()?.clock ?? clock).now()
  const ledger = createLateLedger(() => server.opened()?.ledger)
  const isClockSure = (): boolean => server.opened() !== undefined
  return { store, clock: createClock(now, now), isClockSure, ledger, ...(server.late && { late: server.late }) }
}

/** What one opened is closed again if the other could not be. */
async function openBoth<Server extends { readonly store: Store }>(
  late: Promise<Server>,
  spool: Promise<Store>,
): Promise<readonly [Server, Store]> {
  try {
    return await Promise.all([late, spool])
  } catch (error) {
    const [server, own] = await Promise.allSettled([late, spool])
    if (server.status === 'fulfilled') await server.value.store.close()
    if (own.status === 'fulfilled') await own.value.close()
    throw error
  }
}

async function openSpool(file: string, { thread, onNotice }: OpenOptions): Promise<Store> {
  // The server may be well: pushes go there, and to nowhere else, until the disk was seen to.
  const onFailure = ({ message }: Error): void => onNotice({ what: 'spool_failed', file, reason: message })
  const options = { file, reserveBytes: RESERVE_BYTES, onFailure, onNotice, ...(thread && { thread }) }
  const spool = await openSqlite(options).catch((error: unknown) => {
    throw toSpoolError(error, file)
  })
  if (!(await isRelays(spool))) return spool
  await spool.close()
  throw new StoreError('unreadable', `${file} is the database of a relay: name another file in store.spool`)
}

/** The engine speaks of the option it usually comes from. */
function toSpoolError(error: unknown, file: string): unknown {
  if (!(error instanceof StoreError)) return error
  const message =
    error.reason === 'locked'
      ? `another relay is using ${file}: give each replica a store.spool of its own`
      : error.message.replace('store.sqlite', 'store.spool')
  return new StoreError(error.reason, message, { cause: error })
}

/** A spool forgets what it passed on, and a relay's own history must not go that way. */
async function isRelays(store: Store): Promise<boolean> {
  const { events } = await store.received({ sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER, after: 0 })
  for (const { incidentId } of events) if ((await store.incident({ id: incidentId })) !== undefined) return true
  return false
}
