import { StoreError } from '../error.ts'
import type { Sql, Steps } from '../sql/steps.ts'
import { refuseHalfMoved } from './half-moved.ts'
import { MAJOR, MIGRATIONS } from './schema.ts'

/** Ours alone, chosen by chance: replicas that start together bring the schema up to date one after the other. */
const LOCK = 'SELECT pg_advisory_xact_lock(7309182645193)'
const ENCODING = "SELECT current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS is_standby"
const HAS = 'SELECT to_regclass(?) IS NOT NULL AS has'
const CREATE = 'CREATE TABLE relay_schema (major integer NOT NULL, minor integer NOT NULL)'
const VERSION = 'SELECT major, minor FROM relay_schema'
const FIRST_VERSION = 'INSERT INTO relay_schema (major, minor) VALUES (?, 0)'
const NEXT_VERSION = 'UPDATE relay_schema SET minor = ?'

/** Bring the tables up to date, once, whoever else is starting. Throws a {@link StoreError} if they are not ours to use. */
export function* migrate(db: Sql): Steps<void> {
  yield* lockSchema(db)
  yield* refuseHalfMoved(db)
  yield* createTables(db)
}

/** Let nobody else change the tables until the transaction ends. Throws if the server is not one for a relay. */
export function* lockSchema(db: Sql): Steps<void> {
  const { encoding, is_standby } = (yield* db.get<{ encoding: string; is_standby: number }>(ENCODING)) ?? {}
  if (encoding !== 'UTF8') {
    throw new StoreError(
      'unreadable',
      `the database's encoding is ${encoding}: give the relay one with ENCODING 'UTF8'`,
    )
  }
  if (is_standby === 1) {
    throw new StoreError('unavailable', 'the server is a read-only standby: store.postgres must name the primary')
  }
  yield* db.get(LOCK)
}

/** Make the tables where the transaction looks for them first, or bring them up to date. */
export function* createTables(db: Sql): Steps<void> {
  if (!(yield* has(db, 'relay_schema'))) {
    if (yield* has(db, 'event')) {
      throw new StoreError('unreadable', 'the database has a table "event" of something else: give the relay its own')
    }
    yield* db.run(CREATE)
    yield* db.run(FIRST_VERSION, MAJOR)
  }
  const { major = 0, minor = 0 } = (yield* db.get<{ major: number; minor: number }>(VERSION)) ?? {}
  if (major > MAJOR) throw newer(major, minor)
  if (minor >= MIGRATIONS.length) return
  for (const script of MIGRATIONS.slice(minor)) yield* db.run(script)
  yield* db.run(NEXT_VERSION, MIGRATIONS.length)
}

/** Rows of this release's form are no help to a newer one. Throws if the tables have had a newer release at them. */
export function* refuseNewer(db: Sql): Steps<void> {
  const { major = 0, minor = 0 } = (yield* db.get<{ major: number; minor: number }>(VERSION)) ?? {}
  if (major > MAJOR || minor > MIGRATIONS.length) throw newer(major, minor)
}

function newer(major: number, minor: number): StoreError {
  return new StoreError(
    'unreadable',
    `the database was written by a newer release (schema ${major}.${minor}, this one knows ${MAJOR}.${MIGRATIONS.length}): upgrade, or use another database`,
  )
}

function* has(db: Sql, table: string): Steps<boolean> {
  return (yield* db.get<{ has: number }>(HAS, table))?.has === 1
}
