import { StoreError } from '../error.ts'
import type { Sql, Steps } from '../sql/steps.ts'

/**
 * Where the rows of a SQLite database gather while it is moved here. They become the relay's tables in one transaction,
 * when all are there: nobody ever sees a part of them.
 */
const HAS_HALF = "SELECT to_regclass('relay_migration.source') IS NOT NULL AS has"
const SOURCE = 'SELECT file, mark FROM relay_migration.source'

/** The database that is being moved here. */
export interface HalfMoved {
  readonly file: string
  /** Of this move; the source has the same as long as no relay has run on it since. */
  readonly mark: number
}

export function* halfMoved(db: Sql): Steps<HalfMoved | undefined> {
  if ((yield* db.get<{ has: number }>(HAS_HALF))?.has !== 1) return undefined
  return yield* db.get<HalfMoved>(SOURCE)
}

/** What to do with a move that is not wanted any more. */
export const GIVE_UP = 'DROP SCHEMA relay_migration CASCADE'

/** A relay would know nothing of the cards there are, and post them again. Throws if a move has begun and not ended. */
export function* refuseHalfMoved(db: Sql): Steps<void> {
  const half = yield* halfMoved(db)
  if (half === undefined) return
  throw new StoreError(
    'unreadable',
    `${half.file} is being moved to this database and not all of it is there: run "migrate --from ${half.file}" again until it says that it is done, or give the move up with ${GIVE_UP}`,
  )
}
