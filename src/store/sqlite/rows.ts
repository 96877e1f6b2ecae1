import { StoreError } from '../error.ts'
import type { SqliteDatabase, SqliteStatement, SqlValue } from './driver.ts'

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

/** Read back JSON that {@link toJson} wrote. What is none any more was changed on its way to the disk or from it. */
export function fromJson<T>(json: string): T {
  try {
    return JSON.parse(json) as T
  } catch (error) {
    throw new StoreError('damaged', 'a row of the database is not what was written', { cause: error })
  }
}

export function toJson(value: unknown): string {
  return JSON.stringify(value)
}

/** `{ [name]: value }`, or nothing for null: rows have nulls, our objects have absent members. */
export function present<K extends string, V>(name: K, value: V | null): { [P in K]?: V } {
  return value === null ? {} : ({ [name]: value } as { [P in K]?: V })
}
