/** What a statement takes: text, numbers, bytes, and nothing. */
export type SqlValue = string | number | null | Uint8Array

/** A statement on its way to an engine. */
export interface Statement {
  readonly sql: string
  /** Lists are for Postgres alone. */
  readonly params: readonly (SqlValue | readonly SqlValue[])[]
}

/** What came of it. `changes` counts the rows it wrote. */
export interface Done {
  readonly rows: readonly unknown[]
  readonly changes: number
}

/**
 * One operation of the store, written once for every engine: it goes on when a statement was carried out, which SQLite
 * does at once and Postgres some time later. All of its statements are one transaction.
 */
export type Steps<T> = Generator<Statement, T, Done>

/**
 * Statements of one transaction, in the words SQLite and Postgres share; what Postgres words otherwise is in
 * postgres/dialect.ts. They are constants, so rows have the columns and types their statement names.
 */
export interface Sql {
  /** Gives how many rows were written. */
  run(sql: string, ...params: readonly SqlValue[]): Steps<number>
  get<Row>(sql: string, ...params: readonly SqlValue[]): Steps<Row | undefined>
  all<Row>(sql: string, ...params: readonly SqlValue[]): Steps<readonly Row[]>
}
