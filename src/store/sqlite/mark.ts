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
