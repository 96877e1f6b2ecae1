import { randomInt } from 'node:crypto'
import { dirname, join, resolve } from 'node:path'
import * as v from 'valibot'
import { removeNote } from '../admin/note.ts'
import type { Environment } from '../config/environment.ts'
import { loadConfig, readDotenv } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { postgresUrl } from '../config/secret.ts'
import { moveStore, type MoveProgress } from '../store/move.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'
import { onInterrupt } from './interrupt.ts'
import { createProgress } from './progress.ts'
import { inWordsOf } from './where.ts'

export interface MigrateOptions {
  readonly config: string
  /** The SQLite database; default: that of the configuration. */
  readonly from?: string
  /** The URL of the Postgres database, or the variable that holds it; default: that of the configuration. */
  readonly to?: string
  readonly json?: true
  readonly env: Environment
  readonly write: (line: string) => void
}

/** Move all that a relay remembers from SQLite to Postgres; see {@link moveStore}. The exit code. */
export async function migrate(options: MigrateOptions): Promise<number> {
  const { json, write } = options
  const { file, url } = locate(options)
  hideExperiments()
  if (!json) write(`Moving ${file} to ${inWordsOf(url)}.`)
  const told = tellProgress()
  const moving = moveStore({ file, url, mark: randomInt(1, 2 ** 31), onProgress: told.tell, signal: onInterrupt() })
  const moved = await moving.finally(() => told.end())
  if (moved.what === 'left_off') {
    throw new CliError(EXIT.failed, ['Left off. Nothing is lost: the same command goes on from here.'])
  }
  removeNote(file)
  const { aside } = moved
  const rows = moved.what === 'moved' ? Object.fromEntries(moved.rows) : undefined
  if (json) {
    write(JSON.stringify({ ...(rows && { rows }), aside }))
    return EXIT.ok
  }
  if (rows === undefined) write('All rows had been moved before.')
  else {
    const counted = Object.entries(rows).map(([table, count]) => `${toWords(count)} ${table}`)
    write(`Moved and counted on both sides: ${counted.join(', ')}.`)
  }
  write(`The file is called ${aside} now, and no relay uses it any more. Delete it when all is well.`)
  write("Let the configuration say  store: { postgres: '${DATABASE_URL}' }  and start the relay.")
  return EXIT.ok
}

function locate({ config: file, from, to, env }: MigrateOptions): { readonly file: string; readonly url: string } {
  if (from !== undefined && to !== undefined) return { file: resolve(from), url: toUrl(to, file, env) }
  const loaded = loadConfig(file, { env })
  if ('problems' in loaded) {
    const hint = `${file} cannot be used; --from FILE and --to URL name the databases without it.`
    throw new CliError(EXIT.config, [...loaded.problems.map(formatProblem), hint])
  }
  const { store } = loaded.config
  const source = from ?? ('sqlite' in store ? store.sqlite : undefined)
  const url = to === undefined ? ('postgres' in store ? store.postgres : undefined) : toUrl(to, file, env)
  if (source === undefined) {
    throw new CliError(EXIT.usage, [`${file} names a Postgres database: say which file is moved to it, --from FILE`])
  }
  if (url === undefined) {
    throw new CliError(EXIT.usage, [`${file} names a SQLite database: say where that is moved to, --to URL`])
  }
  return { file: resolve(source), url }
}

/** A URL as it is, or that of a variable, as the configuration would find it: the list of processes shows no password. */
function toUrl(to: string, config: string, env: Environment): string {
  const isName = /^[A-Za-z_]\w*$/.test(to)
  const url = isName ? variable(to, config, env) : to
  const read = v.safeParse(postgresUrl, url)
  if (read.success) return read.output
  throw new CliError(EXIT.usage, [`--to: ${isName ? `the variable ${to} ` : ''}${read.issues[0].message}`])
}

function variable(name: string, config: string, env: Environment): string {
  const beside = readDotenv(join(dirname(config), '.env'))
  const value = env[name] || ('values' in beside ? beside.values[name] : undefined)
  if (value === undefined) throw new CliError(EXIT.usage, [`--to: the variable ${name} is not set`])
  return value
}

/** Where nobody watches, a line now and then shows that it goes on. */
const LINE_EVERY_MS = 10_000

function tellProgress(): { readonly tell: (progress: MoveProgress) => void; readonly end: () => void } {
  const { stderr } = process
  const progress = createProgress(stderr, () => Date.now())
  let first: { rows: number; atMs: number } | undefined
  let toldAtMs = 0
  return {
    tell({ table, rows, ofRows }) {
      const nowMs = Date.now()
      first ??= { rows, atMs: nowMs }
      if (toldAtMs === 0) toldAtMs = nowMs
      const perSecond = (rows - first.rows) / Math.max(0.1, (nowMs - first.atMs) / 1_000)
      const percent = ofRows === 0 ? 100 : Math.floor((rows / ofRows) * 100)
      const words = `${table}: ${toWords(rows)} of ${toWords(ofRows)} rows, ${percent} %, ${toWords(Math.round(perSecond))} rows/s`
      progress.tell(words)
      if (stderr.isTTY || nowMs - toldAtMs < LINE_EVERY_MS) return
      toldAtMs = nowMs
      stderr.write(`${words}\n`)
    },
    end: () => progress.clear(),
  }
}

function toWords(count: number): string {
  return count.toLocaleString('en')
}

/** node:sqlite says "experimental" on the Node versions that first had it; nobody can do anything about it. */
function hideExperiments(): void {
  const listeners = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') for (const listener of listeners) listener.call(process, warning)
  })
}
