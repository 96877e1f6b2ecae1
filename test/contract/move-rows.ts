import { Worker } from 'node:worker_threads'
import type { Moved } from '../../src/store/move.ts'
import { MOVED_TABLES } from '../../src/store/sql/moved.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { query } from '../postgres/database.ts'
import { live, realEvent } from './store-damage.ts'
import { T } from './store-fixture.ts'

type Row = Readonly<Record<string, unknown>>
export type Rows = Readonly<Record<string, readonly unknown[]>>

/** Move, and leave off when so many rows were moved. */
export async function move(options: { file: string; url: string; mark: number; atRows?: number }): Promise<Moved> {
  return inThread<Moved>('move', options)
}

export const exec = (file: string, sql: string): Promise<void> => inThread('exec', { file, sql })

function inThread<T>(operation: string, options: object): Promise<T> {
  const worker = new Worker(new URL('./move-thread.mjs', import.meta.url), {
    workerData: { operation, options },
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  return new Promise<T>((resolve, reject) => {
    worker.on('error', reject)
    worker.on('message', ({ value, error }: { value: T; error?: { message: string; reason: string } }) => {
      const settle = (): void => {
        if (error === undefined) resolve(value)
        else reject(Object.assign(new Error(error.message), { reason: error.reason }))
      }
      void worker.terminate().then(settle, reject)
    })
  })
}

/** All that a relay can have behind it: `incidents` with cards, owed replies and new events, and one of each odd thing. */
export async function fill(file: string, incidents: number): Promise<void> {
  const store = await openSqlite({ file })
  await live(store, incidents)
  await store.pause({ scope: 'account:a', reason: '🔥, NUL \0 and half \ud800', untilMs: T + 5, failures: 3 })
  for (const body of [Buffer.from('no JSON'), Buffer.from([0, 0xff, 0xfe, 0x5c]), Buffer.alloc(0)])
    await store.quarantine({ receivedAtMs: T, code: 'not_json', reason: "it's no JSON: \\x00 {a,NULL}", body })
  const hostile = `{"title":"\\u0000 \\ud800 '; DROP TABLE event; -- $1 ? \u202e\ufffe 🔥 {NULL,\\"x\\"}"}`
  await store.accept({ ...realEvent('hostile', "inc' $1 ? \\ {,}"), body: hostile, bodyHash: 'no SHA' })
  // Somebody died in the middle of a call.
  const lane = { incidentId: 'inc-0', destination: 'sre' }
  const work = await store.claim({ lane, owner: 'b', nowMs: T, leaseUntilMs: T + 60_000 })
  const [owed] = work!.deliveries
  await store.save({
    lane,
    epoch: work!.epoch,
    nowMs: T,
    deliveries: [{ key: owed!.key, state: 'sending', sentAtMs: T, attempts: 1, reason: 'rate_limited' }],
  })
  await store.close()
}

/** Rows of every table that is moved, as they are in SQLite, with what Postgres cannot hold as it stands there. */
export async function rowsInFile(file: string): Promise<Rows> {
  const statements = MOVED_TABLES.map(({ name }) => `SELECT * FROM ${name}`)
  return toRows(await inThread<readonly (readonly Row[])[]>('ask', { file, statements }))
}

export async function rowsInPostgres(url: string): Promise<Rows> {
  const found: (readonly Row[])[] = []
  for (const { name } of MOVED_TABLES) found.push((await query(url, `SELECT * FROM ${name}`)) as readonly Row[])
  return toRows(found)
}

function toRows(found: readonly (readonly Row[])[]): Rows {
  return Object.fromEntries(
    MOVED_TABLES.map(({ name }, index) => [
      name,
      found[index]!.map((row) => Object.entries(row).map(toComparable).toSorted().join('\n')).toSorted(),
    ]),
  )
}

function toComparable([column, value]: readonly [string, unknown]): string {
  if (value === null) return `${column} -`
  if (column === 'body') return `${column} ${Buffer.from(value as string | Uint8Array).toString('hex')}`
  return `${column} ${Buffer.from(String(value as string | number))
    .toString()
    .replaceAll('\0', '\uFFFD')}`
}

type Columns = Readonly<Record<string, readonly string[]>>

export async function columnsInFile(file: string): Promise<Columns> {
  const sql =
    "SELECT t.name AS t, c.name AS c FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
  const [found] = await inThread<readonly (readonly { t: string; c: string }[])[]>('ask', { file, statements: [sql] })
  return toColumns(found!)
}

export async function columnsInPostgres(url: string): Promise<Columns> {
  const sql =
    'SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = current_schema()'
  return toColumns((await query(url, sql)) as readonly { t: string; c: string }[])
}

function toColumns(found: readonly { readonly t: string; readonly c: string }[]): Columns {
  const tables = [...new Set(found.map(({ t }) => t))]
  return Object.fromEntries(
    tables.map((name) => [name, found.flatMap(({ t, c }) => (t === name ? [c] : [])).toSorted()]),
  )
}
