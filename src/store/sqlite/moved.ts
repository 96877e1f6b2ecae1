import { existsSync, renameSync, rmSync } from 'node:fs'
import { StoreError } from '../error.ts'
import type { SqliteDatabase } from './driver.ts'
import { close } from './open.ts'

/** What the name of a database ends in after everything in it was moved to Postgres. */
const MOVED = '.migrated'

/** The same events in two places would be told twice. Throws if what was in `file` has been moved. */
export function refuseMoved(file: string): void {
  if (existsSync(file) || !existsSync(file + MOVED)) return
  throw new StoreError(
    'unreadable',
    `what was in ${file} was moved to Postgres: set store.postgres. To begin anew in a file, rename ${file + MOVED}`,
  )
}

/** Where the database is that was called `file`, if it was moved. */
export function findMoved(file: string): string | undefined {
  return !existsSync(file) && existsSync(file + MOVED) ? file + MOVED : undefined
}

/** Give a database that was moved a name under which no relay finds it, and close it. Gives the name. */
export function setMovedAside(db: SqliteDatabase, file: string): string {
  // One file instead of three, and none of them to be told apart.
  db.exec('PRAGMA journal_mode = DELETE')
  const aside = freeName(file + MOVED)
  try {
    // Under the lock, so that no relay that is started at this moment takes it.
    renameSync(file, aside)
    close(db)
  } catch {
    // Windows renames no file that is open.
    close(db)
    renameSync(file, aside)
  }
  rmSync(`${file}.reserve`, { force: true })
  return aside
}

function freeName(wanted: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted}-${n}`
    if (!existsSync(name)) return name
  }
}
