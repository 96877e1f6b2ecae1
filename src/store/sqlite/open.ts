import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { StoreError } from '../error.ts'
import type { OpenDatabase, SqliteDatabase } from './driver.ts'
import { toStoreError } from './error.ts'
import { readMark, writeMark } from './mark.ts'
import { MIGRATIONS } from './schema.ts'

export interface OpenRelayOptions {
  /** Whoever opens it goes on with moving it elsewhere; see {@link readMark}. */
  readonly keepMark?: boolean
}

/**
 * Open the database of this process: create it if need be, take the instance
 * lock, assert that a commit means "on disk", look whether it is whole, bring the
 * schema up to date, and let go of every lane, since whoever held one is no more.
 *
 * Throws a {@link StoreError}: `locked` if another process has it, `damaged` if
 * it is not whole, `unreadable` if it is from a newer release or no database at all.
 */
export function openRelayDatabase(
  open: OpenDatabase,
  file: string,
  { keepMark = false }: OpenRelayOptions = {},
): SqliteDatabase {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const isNew = !existsSync(file)
  if (!isNew) refuseForeign(file)
  let db: SqliteDatabase | undefined
  try {
    db = open(file)
    if (isNew) chmodSync(file, 0o600)
    lock(db, file)
    makeDurable(db)
    check(db, file)
    migrate(db, file, open)
    if (!keepMark && readMark(db) !== 0) writeMark(db, 0)
    db.exec(
      'UPDATE lane SET owner = NULL, edit_again_at_ms = CASE WHEN card_json IS NULL THEN NULL ELSE max(coalesce(edit_again_at_ms, 0), lease_until_ms) END WHERE owner IS NOT NULL',
    )
    // Rewrites what the log holds: after a failed fsync it may be in memory only, and events must not be built on that.
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    return db
  } catch (error) {
    close(db)
    throw toOpenError(error, file)
  }
}

/** Close a database that may be past closing. */
export function close(db: SqliteDatabase | undefined): void {
  try {
    db?.close()
  } catch {
    // It is given up anyway; the handle goes with the process.
  }
}

/** What SQLite says of a damaged header is not always "malformed": any code but these, for a file we may write. */
const HARMLESS: readonly StoreError['reason'][] = ['locked', 'full', 'io', 'unreadable', 'damaged']

function toOpenError(error: unknown, file: string): StoreError {
  const known = error instanceof StoreError ? error : toStoreError(error, `cannot open ${file}`)
  if (HARMLESS.includes(known.reason) || !isWritable(file)) return known
  return new StoreError('damaged', known.message, { cause: error })
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK | constants.W_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** A file of text is somebody's: a wrong path in the configuration must not move it away. */
function refuseForeign(file: string): void {
  if (!isWritable(file)) return
  const start = Buffer.alloc(512)
  const fd = openSync(file, 'r')
  const length = readSync(fd, start)
  closeSync(fd)
  const isText = length > 0 && !start.subarray(0, length).includes(0) && !start.toString('latin1').startsWith('SQLite')
  if (isText) throw new StoreError('unreadable', `${file} is no database: name another file in store.sqlite`)
}

/** The lock lives as long as the connection and dies with the process, however it dies. */
function lock(db: SqliteDatabase, file: string): void {
  db.exec('PRAGMA locking_mode = EXCLUSIVE')
  try {
    db.exec('PRAGMA journal_mode = WAL')
    db.exec('BEGIN EXCLUSIVE')
    db.exec('COMMIT')
  } catch (error) {
    if (toStoreError(error, '').reason !== 'locked') throw error
    throw new StoreError('locked', `another relay is using ${file}: stop it, or give this one its own store.sqlite`, {
      cause: error,
    })
  }
}

/** FULL lost no acknowledged row in simulated power cuts, NORMAL did; some drivers default to NORMAL. */
function makeDurable(db: SqliteDatabase): void {
  db.exec('PRAGMA synchronous = FULL')
  const journal = pragma(db, 'PRAGMA journal_mode')
  const synchronous = pragma(db, 'PRAGMA synchronous')
  if (journal !== 'wal' || synchronous !== 2) {
    throw new StoreError(
      'unreadable',
      `SQLite will not promise durability: journal_mode ${String(journal)}, synchronous ${String(synchronous)}`,
    )
  }
}

/** About 5 ms a MiB: a larger database is found out when the damaged part is read. */
const QUICK_CHECK_BYTES = 4_194_304

function check(db: SqliteDatabase, file: string): void {
  if (statSync(file).size > QUICK_CHECK_BYTES) return
  const found = pragma(db, 'PRAGMA quick_check(1)')
  if (found !== 'ok') throw new StoreError('damaged', `${file} is damaged: ${String(found)}`)
}

function migrate(db: SqliteDatabase, file: string, open: OpenDatabase): void {
  const version = Number(pragma(db, 'PRAGMA user_version'))
  const schema = readSchema(db)
  const model = open(':memory:')
  const schemas = ['', ...MIGRATIONS].map((script) => {
    model.exec(script)
    return readSchema(model)
  })
  model.close()
  const exact = schemas.findIndex((entries) => entries.join() === schema.join())
  // Every release that counts on changes the schema: a number that does not fit it has changed by itself.
  const isOdd = exact !== -1 && exact !== version
  const lacksSome = schemas[version]?.some((entry) => !schema.includes(entry)) ?? version < 0
  if (isOdd || lacksSome) throw new StoreError('damaged', `${file} is damaged: its schema is not that of its version`)
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      'unreadable',
      `${file} was written by a newer release (schema ${version}, this one knows ${MIGRATIONS.length}): upgrade, or use another file`,
    )
  }
  if (version === MIGRATIONS.length) return
  try {
    db.exec('BEGIN IMMEDIATE')
    for (const script of MIGRATIONS.slice(version)) db.exec(script)
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
    db.exec('COMMIT')
  } catch (error) {
    const failure = toStoreError(error, `cannot bring ${file} up to date`)
    throw failure.reason === 'bug' ? new StoreError('unreadable', failure.message, { cause: error }) : failure
  }
}

const SCHEMA =
  "SELECT type || ' ' || name || ' ' || sql AS entry FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY entry"

function readSchema(db: SqliteDatabase): readonly string[] {
  return (db.prepare(SCHEMA).all() as readonly { readonly entry: string }[]).map(({ entry }) => entry)
}

function pragma(db: SqliteDatabase, sql: string): unknown {
  const row = db.prepare(sql).get()
  return typeof row === 'object' && row !== null ? Object.values(row)[0] : undefined
}
