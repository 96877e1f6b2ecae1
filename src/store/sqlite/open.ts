import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreError } from '../error.ts'
import { openDatabase, type SqliteDatabase } from './driver.ts'
import { toStoreError } from './error.ts'
import { MIGRATIONS } from './schema.ts'

/**
 * Open the database of this process: create it if need be, take the instance
 * lock, assert that a commit means "on disk", bring the schema up to date, and
 * let go of every lane, since whoever held one is no more.
 *
 * Throws a {@link StoreError}: `locked` if another process has it, `unreadable`
 * if it is damaged or from a newer release.
 */
export async function openRelayDatabase(file: string): Promise<SqliteDatabase> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const isNew = !existsSync(file)
  let db: SqliteDatabase | undefined
  try {
    db = await openDatabase(file)
    if (isNew) chmodSync(file, 0o600)
    lock(db, file)
    makeDurable(db)
    migrate(db, file)
    db.exec('UPDATE lane SET owner = NULL WHERE owner IS NOT NULL')
    return db
  } catch (error) {
    db?.close()
    throw error instanceof StoreError ? error : toStoreError(error, `cannot open ${file}`)
  }
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

function migrate(db: SqliteDatabase, file: string): void {
  const version = Number(pragma(db, 'PRAGMA user_version'))
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      'unreadable',
      `${file} was written by a newer release (schema ${version}, this one knows ${MIGRATIONS.length}): upgrade, or use another file`,
    )
  }
  if (version === MIGRATIONS.length) return
  db.exec('BEGIN IMMEDIATE')
  for (const script of MIGRATIONS.slice(version)) db.exec(script)
  db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
  db.exec('COMMIT')
}

function pragma(db: SqliteDatabase, sql: string): unknown {
  const row = db.prepare(sql).get()
  return typeof row === 'object' && row !== null ? Object.values(row)[0] : undefined
}
