import { closeSync, openSync, readSync } from 'node:fs'
import type { SqliteDatabase } from './driver.ts'

/**
 * The move that a database is in the middle of, 0 if none: a number kept where SQLite has room for one. A relay that
 * starts on the database takes it away, and whoever goes on with the move sees that something may have changed.
 * @see https://www.sqlite.org/pragma.html#pragma_application_id
 */
export function readMark(db: SqliteDatabase): number {
  const row = db.prepare('PRAGMA application_id').get() as { readonly application_id: number }
  return row.application_id
}

export function writeMark(db: SqliteDatabase, mark: number): void {
  db.exec(`PRAGMA application_id = ${mark}`)
}

/** https://www.sqlite.org/fileformat2.html#the_database_header (read 2026-11) */
const MARK_OFFSET = 68

/** The same of a file that nobody uses and that is to stay as it is. */
export function readMarkOf(file: string): number {
  const bytes = Buffer.alloc(4)
  const fd = openSync(file, 'r')
  try {
    readSync(fd, bytes, 0, bytes.length, MARK_OFFSET)
  } finally {
    closeSync(fd)
  }
  return bytes.readInt32BE()
}
