import { existsSync } from 'node:fs'
import type { Admin } from '../admin/calls.ts'
import { createAdmin } from '../admin/direct.ts'
import { notePath, readNote, removeNote } from '../admin/note.ts'
import { createRemoteAdmin } from '../admin/remote.ts'
import type { Environment } from '../config/environment.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { createIntake } from '../flashduty/intake.ts'
import { createLog } from '../ops/log.ts'
import { StoreError } from '../store/error.ts'
import { openSqlite } from '../store/sqlite.ts'
import type { Clock } from '../delivery/clock.ts'
import type { Store } from '../store/store.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'
import type { Terminal } from './terminal.ts'

/** How a command that looks into a relay was called. */
export interface Asking {
  readonly config: string
  /** The database itself, where no configuration is at hand. */
  readonly store?: string
  readonly json?: true
  readonly env: Environment
  readonly write: (line: string) => void
  readonly terminal: Terminal
}

/**
 * Run `use` on the relay that is meant: through its endpoint if it runs, which
 * its lock on the database tells, else on the database itself. Throws a
 * {@link CliError} if there is no such relay or it cannot be asked.
 */
export async function ask<T>(asking: Asking, use: (admin: Admin) => Promise<T>): Promise<T> {
  const { postgres, file, accountOf } = locate(asking)
  const opened = postgres === undefined ? await openFile(file) : await openServer(postgres)
  if (opened === undefined) return use(createRemoteAdmin(await mustReadNote(file)))
  try {
    return await use(toDirect(opened, accountOf))
  } finally {
    await opened.store.close()
  }
}

/** A store, and the clock its instants are of. */
interface Opened {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
}

interface Located {
  readonly file: string
  /** The URL of the database, where that is not a file. */
  readonly postgres?: string
  readonly accountOf?: (destination: string) => string | undefined
}

function locate({ config: file, store, env }: Asking): Located {
  if (store !== undefined) return { file: store }
  const loaded = loadConfig(file, { env })
  if ('config' in loaded) {
    const { config } = loaded
    const accountOf = (destination: string): string | undefined => config.destinations[destination]?.account
    return 'sqlite' in config.store
      ? { file: config.store.sqlite, accountOf }
      : { file: '', postgres: config.store.postgres, accountOf }
  }
  const hint = `${file} cannot be used; --store FILE names the database without it.`
  throw new CliError(EXIT.config, [...loaded.problems.map(formatProblem), hint])
}

/** It takes many at once, so that running relays need not be asked: they find what was changed by themselves. */
async function openServer(url: string): Promise<Opened> {
  const { openPostgres } = await import('../store/postgres.ts')
  return openPostgres({ url })
}

/** Undefined if a relay is using it. */
async function openFile(file: string): Promise<Opened | undefined> {
  if (!existsSync(file)) throw new CliError(EXIT.io, [`there is no database at ${file}: no relay has run with it yet`])
  const store = await openUnlessRunning(file)
  // Whoever left one is no more, and its port may be another's by now.
  if (store === undefined) return undefined
  removeNote(file)
  return { store, clock: { now: Date.now } }
}

async function openUnlessRunning(file: string): Promise<Store | undefined> {
  try {
    return await openSqlite({ file, leaveDamaged: true })
  } catch (error) {
    if (error instanceof StoreError && error.reason === 'locked') return undefined
    throw error
  }
}

async function mustReadNote(file: string) {
  const note = readNote(file)
  if ('url' in note) return note
  const reason = `a relay is using ${file}, but ${notePath(file)}, which tells how to ask it, ${note.problem}`
  throw new CliError(EXIT.busy, [`${reason}: the relay may be starting or stopping, try again`])
}

/** What is changed while no relay runs is found by the next one when it starts. */
function toDirect({ store, clock }: Opened, accountOf?: Located['accountOf']): Admin {
  const nowMs = (): number => clock.now()
  const log = createLog({ level: 'silent', secrets: () => [] })
  const metrics = { event: () => {}, conflict: () => {}, skewed: () => {} }
  return createAdmin({
    store,
    intake: createIntake({ store, metrics, log, onStoring: () => {}, isClockSure: () => true }),
    nowMs,
    ...(accountOf && { accountOf }),
    async tryNow(destinations) {
      const scopes = new Set(
        destinations.flatMap((name) => {
          const account = accountOf?.(name)
          return [`destination:${name}`, `account:${account}`, `down:${account}`]
        }),
      )
      for (const pause of await store.pauses()) {
        if (scopes.has(pause.scope)) await store.pause({ ...pause, untilMs: Math.min(pause.untilMs, nowMs()) })
      }
    },
  })
}
