import { StoreError } from '../error.ts'
import type { MovedTable } from '../sql/moved.ts'
import { fromJson, toJson } from '../sql/rows.ts'
import type { SqlValue, Steps } from '../sql/steps.ts'
import { createConnections, type Again } from './connections.ts'
import { loadDriver, toClientConfig } from './driver.ts'
import { toOpenError } from './error.ts'
import { GIVE_UP, halfMoved } from './half-moved.ts'
import { createTables, lockSchema, refuseNewer } from './migrate.ts'
import { sql } from './sql.ts'

/** How far a table is. */
export interface Place {
  readonly rows: number
  /** The key of its last row; absent if none was written. */
  readonly behind?: readonly SqlValue[]
}

/** `done`: all rows of that source are in the tables of the relay already. */
export type Begun = { readonly done: true } | { readonly done: false; readonly mark: number; readonly places: Places }
export type Places = ReadonlyMap<string, Place>

/** A Postgres database that another one's rows are moved to. */
export interface Target {
  /**
   * Go on with the move of the source that has this mark; if another relay's rows were moved here under another one, or
   * none, begin under `fresh`. Rejects with a {@link StoreError} if the database has rows of its own.
   */
  begin(source: { readonly file: string; readonly mark: number; readonly fresh: number }): Promise<Begun>
  /** Whether all rows of the source that has this mark are in the tables of the relay. */
  hasMoved(mark: number): Promise<boolean>
  /** Write rows that come behind a place, once, and keep how far the table is, in one transaction. Gives the new place. */
  write(table: MovedTable, from: Place, rows: readonly Readonly<Record<string, SqlValue>>[]): Promise<Place>
  /** How many rows of a table are there. */
  count(table: MovedTable): Promise<number>
  /** Make what was moved the tables of the relay, at once. `counters`: the highest number ever given in a table. */
  finish(counters: ReadonlyMap<MovedTable, number>): Promise<void>
  close(): Promise<void>
}

/** A batch is some MiB, and the way may be long; to count millions of rows takes minutes on a slow disk. */
const ANSWER_WITHIN_MS = 300_000

/** Whether it was written is looked up before it is written again. */
const SAME: Again = { isSame: true }

/** Reach the database that `url` names. Rejects with a {@link StoreError} if the driver is missing. */
export async function openTarget(url: string): Promise<Target> {
  const driver = await loadDriver()
  const config = toClientConfig(driver, url)
  const connections = createConnections({ driver, config, max: 1, answerWithinMs: ANSWER_WITHIN_MS })
  const transact = <T>(steps: () => Steps<T>): Promise<T> => connections.transact(steps, SAME)
  const first = <T>(steps: () => Steps<T>): Promise<T> =>
    transact(steps).catch((error: unknown) => {
      const lacksRight = error instanceof Error && error.message.includes('(42501)')
      throw toOpenError(error, lacksRight ? 'the rights of its role: it must own the database' : 'the URL')
    })
  return {
    begin: (source) => first(() => begin(source)),
    hasMoved: (mark) => first(() => hasMoved(mark)),
    write: (table, from, rows) => transact(() => write(table, from, rows)),
    count: (table) => transact(() => count(table)),
    async finish(counters) {
      for (const table of counters.keys()) await transact(() => settle(table, counters.get(table) ?? 0))
      await transact(finish)
    },
    close: () => connections.end(),
  }
}

const HAS_ROWS = `
  SELECT EXISTS (SELECT 1 FROM event) OR EXISTS (SELECT 1 FROM incident) OR EXISTS (SELECT 1 FROM lane)
    OR EXISTS (SELECT 1 FROM delivery) OR EXISTS (SELECT 1 FROM quarantine) OR EXISTS (SELECT 1 FROM pause) AS has`
/** What {@link FINISH} left there. */
const MOVED_BEFORE = "SELECT obj_description(to_regclass('event'), 'pg_class') AS told"
const CREATE = `
  DROP SCHEMA IF EXISTS relay_migration CASCADE;
  CREATE SCHEMA relay_migration`
/** What a server that goes down loses of it, it loses with the place it led to. The last step is written for good, and all before it. */
const INSIDE =
  'SET LOCAL search_path TO relay_migration; SET LOCAL synchronous_commit TO off; SET LOCAL statement_timeout TO 290000'
const CREATE_PLACES = `
  CREATE TABLE source (file text NOT NULL, mark integer NOT NULL);
  CREATE TABLE place (name text PRIMARY KEY, behind_json text, rows bigint NOT NULL)`
const PUT_SOURCE = 'INSERT INTO source (file, mark) VALUES (?, ?)'
const PLACES = 'SELECT name, behind_json, rows FROM place'

function* begin({ file, mark, fresh }: Parameters<Target['begin']>[0]): Steps<Begun> {
  yield* lockSchema(sql)
  const half = yield* halfMoved(sql)
  yield* createTables(sql)
  yield* refuseNewer(sql)
  if ((yield* sql.get<{ has: number }>(HAS_ROWS))?.has === 1) {
    if (half === undefined && (yield* hasMoved(mark))) return { done: true }
    throw new StoreError(
      'unreadable',
      'the database has rows of a relay already, and two histories cannot be made one: give an empty database',
    )
  }
  if (half !== undefined && half.mark !== mark && half.file !== file) {
    throw new StoreError(
      'unreadable',
      `the database holds a part of ${half.file}: go on with that, or give it up with ${GIVE_UP}`,
    )
  }
  const isSame = half !== undefined && half.mark === mark
  if (!isSame) yield* sql.run(CREATE)
  yield* sql.run(INSIDE)
  // Those that came with a newer release since.
  yield* createTables(sql)
  yield* refuseNewer(sql)
  if (!isSame) {
    yield* sql.run(CREATE_PLACES)
    yield* sql.run(PUT_SOURCE, file, fresh)
  }
  const places = yield* sql.all<PlaceRow & { name: string }>(PLACES)
  return {
    done: false,
    mark: isSame ? mark : fresh,
    places: new Map(places.map((row) => [row.name, toPlace(row)])),
  }
}

function* hasMoved(mark: number): Steps<boolean> {
  const told = (yield* sql.get<{ told: string | null }>(MOVED_BEFORE))?.told
  return mark !== 0 && told === `moved by migrate, mark ${mark}`
}

interface PlaceRow {
  readonly behind_json: string
  readonly rows: number
}

function toPlace({ behind_json, rows }: PlaceRow): Place {
  return { rows, behind: fromJson<readonly SqlValue[]>(behind_json) }
}

const PLACE = 'SELECT behind_json, rows FROM place WHERE name = ? FOR UPDATE'
const PUT_PLACE = `
  INSERT INTO place (name, behind_json, rows) VALUES (?, ?, ?)
  ON CONFLICT (name) DO UPDATE SET behind_json = excluded.behind_json, rows = excluded.rows`

function* write(table: MovedTable, from: Place, rows: Parameters<Target['write']>[2]): Steps<Place> {
  const last = rows.at(-1)
  if (last === undefined) return from
  yield* sql.run(INSIDE)
  const next: Place = { rows: from.rows + rows.length, behind: table.key.map((column) => last[column] ?? null) }
  const at = (yield* sql.get<PlaceRow>(PLACE, table.name))?.rows ?? 0
  // The answer to the commit was lost, and the commit was not.
  if (at === next.rows) return next
  if (at !== from.rows) {
    throw new StoreError(
      'unavailable',
      'the database is not where this move left it: another one is under way, or its server went down. Run the same command again',
    )
  }
  yield { sql: table.insert, params: table.columns.map((column) => rows.map((row) => toCell(table, column, row))) }
  yield* sql.run(PUT_PLACE, table.name, toJson(next.behind), next.rows)
  return next
}

function toCell({ toBytes }: MovedTable, column: string, row: Readonly<Record<string, SqlValue>>): SqlValue {
  const value = row[column] ?? null
  return column === toBytes && typeof value === 'string' ? Buffer.from(value) : value
}

function* count(table: MovedTable): Steps<number> {
  yield* sql.run(INSIDE)
  return (yield* sql.get<{ n: number }>(table.count))?.n ?? 0
}

function* settle(table: MovedTable, counter: number): Steps<void> {
  yield* sql.run(INSIDE)
  if (table.goOnCounting !== undefined && counter > 0) yield { sql: table.goOnCounting, params: [counter] }
  // Plans are made by it, and a relay that starts now cannot wait until the server looks by itself.
  yield* sql.run(table.analyze)
}

const LOCK_ALL = 'LOCK TABLE event, incident, lane, delivery, quarantine, pause IN ACCESS EXCLUSIVE MODE'
/** Names of tables cannot be parameters. Indexes and sequences go along with their table, and keep their names. */
const FINISH = `
  DO $$
  DECLARE
    home text := (SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = to_regclass('event'));
    mark integer := (SELECT mark FROM relay_migration.source);
    moved text;
  BEGIN
    FOREACH moved IN ARRAY ARRAY['event', 'incident', 'lane', 'delivery', 'quarantine', 'pause'] LOOP
      EXECUTE format('DROP TABLE %s.%I', home, moved);
      EXECUTE format('ALTER TABLE relay_migration.%I SET SCHEMA %s', moved, home);
    END LOOP;
    EXECUTE format('COMMENT ON TABLE %s.event IS %L', home, 'moved by migrate, mark ' || mark);
    DROP SCHEMA relay_migration CASCADE;
  END $$`

function* finish(): Steps<void> {
  yield* lockSchema(sql)
  // The answer to the commit was lost, and the commit was not.
  if ((yield* halfMoved(sql)) === undefined) return
  yield* sql.run(LOCK_ALL)
  if ((yield* sql.get<{ has: number }>(HAS_ROWS))?.has === 1) {
    throw new StoreError(
      'unreadable',
      'a relay has written to the database meanwhile: stop it, and give an empty database',
    )
  }
  yield* sql.run(FINISH)
}
