import type { Sql, SqlValue, Steps } from '../sql/steps.ts'
import type { SqliteDatabase, SqliteStatement } from './driver.ts'

/** Prepared statements of one connection, each prepared once. */
export interface Statements {
  run(sql: string, ...params: SqlValue[]): number
  get<Row>(sql: string, ...params: SqlValue[]): Row | undefined
  all<Row>(sql: string, ...params: SqlValue[]): readonly Row[]
}

export function createStatements(db: SqliteDatabase): Statements {
  const prepared = new Map<string, SqliteStatement>()
  const statement = (sql: string): SqliteStatement => {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    const made = db.prepare(sql)
    prepared.set(sql, made)
    return made
  }
  return {
    run: (sql, ...params) => Number(statement(sql).run(...params).changes),
    // The tables are STRICT and only we write them, so a row has the columns and types its statement names.
    get: <Row>(sql: string, ...params: SqlValue[]) => statement(sql).get(...params) as Row | undefined,
    all: <Row>(sql: string, ...params: SqlValue[]) => statement(sql).all(...params) as Row[],
  }
}

/** The same connection for what is written for every engine: nothing there is waited for. */
export function toSql(db: Statements): Sql {
  return {
    run: (sql, ...params) => done(db.run(sql, ...params)),
    get: <Row>(sql: string, ...params: readonly SqlValue[]) => done(db.get<Row>(sql, ...params)),
    all: <Row>(sql: string, ...params: readonly SqlValue[]) => done(db.all<Row>(sql, ...params)),
  }
}

// oxlint-disable-next-line require-yield
function* done<T>(value: T): Steps<T> {
  return value
}

/** Carry out steps of {@link toSql} to their end. */
export function finish<T>(steps: Steps<T>): T {
  const step = steps.next()
  if (step.done !== true) throw new Error('a step on SQLite waits for nothing')
  return step.value
}
