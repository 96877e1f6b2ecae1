import { existsSync } from 'node:fs'
import { StoreError } from '../error.ts'
import type { MovedTable } from '../sql/moved.ts'
import type { SqlValue } from '../sql/steps.ts'
import { findAside } from './aside.ts'
import { isAsStored } from './body-hash.ts'
import { loadSqlite, type SqliteDatabase, type SqliteStatement } from './driver.ts'
import { toStoreError } from './error.ts'
import { readMark, writeMark } from './mark.ts'
import { setMovedAside } from './moved.ts'
import { close, openRelayDatabase } from './open.ts'

export type MovedRow = Readonly<Record<string, SqlValue>>

/** A database of a relay that has stopped, held under its lock to be moved elsewhere. */
export interface Source {
  /** See {@link readMark}. */
  mark: number
  count(table: MovedTable): number
  /** The highest number a row of it ever had, 0 if there was none. */
  counter(table: MovedTable): number
  /** Everything behind a key, in the order of keys. Throws a {@link StoreError} `damaged` if not all of it can be read. */
  batches(table: MovedTable, behind: readonly SqlValue[] | undefined): Generator<readonly MovedRow[]>
  /** Close it under another name, which no relay finds. Gives the name. */
  setAside(): string
  close(): void
}

/** Few enough to be written within a second or two over a slow line, enough that the way there and back costs nothing. */
const MAX_ROWS = 500
const MAX_CHARS = 4 * 1_048_576

/**
 * Open a database to be moved: what a start does to it is done, so it is whole, up to date, and nobody holds a lane.
 * Rejects with a {@link StoreError}.
 */
export async function openSource(file: string): Promise<Source> {
  if (!existsSync(file)) throw new StoreError('unreadable', `there is no database at ${file}`)
  if (findAside(file).length > 0) {
    throw new StoreError('damaged', `a part of ${file} is to be taken over from a damaged database: ${START_FIRST}`)
  }
  const db = openHere(await loadSqlite(), file)
  const guarded = <T>(look: () => T): T => {
    try {
      return look()
    } catch (error) {
      throw toReadError(error, file)
    }
  }
  const numberOf = (sql: string): number => guarded(() => (db.prepare(sql).get() as { n: number } | undefined)?.n ?? 0)
  // The prebuilt driver lets go of a statement that nobody refers to, though its iterator is in use.
  const inUse = new Set<SqliteStatement>()
  return {
    get mark() {
      return readMark(db)
    },
    set mark(mark) {
      writeMark(db, mark)
    },
    count: ({ count }) => numberOf(count),
    counter: ({ counter }) => (counter === undefined ? 0 : numberOf(counter)),
    *batches(table, behind) {
      const statement = db.prepare(behind === undefined ? table.readAll : table.readBehind)
      inUse.add(statement)
      const rows = read(statement, behind)
      for (;;) {
        const batch = guarded(() => takeBatch(rows))
        if (batch.length === 0) return
        yield batch
      }
    },
    setAside: () => setMovedAside(db, file),
    close() {
      inUse.clear()
      close(db)
    },
  }
}

const START_FIRST = 'start the relay once, and stop it when its log says store.salvaged'

function openHere(open: Parameters<typeof openRelayDatabase>[0], file: string): SqliteDatabase {
  try {
    return openRelayDatabase(open, file, { keepMark: true })
  } catch (error) {
    const { reason } = toStoreError(error, '')
    if (reason === 'locked') {
      throw new StoreError('locked', `a relay is using ${file}: stop it first`, { cause: error })
    }
    throw toReadError(error, file)
  }
}

function toReadError(error: unknown, file: string): StoreError {
  const known = toStoreError(error, `cannot read ${file}`)
  if (known.reason !== 'damaged') return known
  return new StoreError('damaged', `${known.message}: ${START_FIRST}`, { cause: error })
}

function* read(statement: SqliteStatement, behind: readonly SqlValue[] = []): Generator<MovedRow> {
  yield* statement.iterate(...behind) as Iterable<MovedRow>
}

function takeBatch(rows: Generator<MovedRow>): readonly MovedRow[] {
  const batch: MovedRow[] = []
  for (let chars = 0; batch.length < MAX_ROWS && chars < MAX_CHARS;) {
    const { done, value } = rows.next()
    if (done === true) break
    refuseChanged(value)
    batch.push(value)
    for (const cell of Object.values(value)) chars += typeof cell === 'number' || cell === null ? 8 : cell.length
  }
  return batch
}

/** As before it is judged: Postgres would keep what the disk made of it for good. */
function refuseChanged({ state, id, body, body_hash }: MovedRow): void {
  if (state !== 'new' || isAsStored(body, body_hash)) return
  throw new StoreError('damaged', `event ${String(id)} is not what was stored`)
}
