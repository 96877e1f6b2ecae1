import type { Sql, SqlValue } from '../sql/steps.ts'

/** Statements on their way to Postgres: whoever carries out the steps has the connection. */
export const sql: Sql = {
  *run(text, ...params) {
    return (yield { sql: text, params }).changes
  },
  // Rows have the columns and types their statement names.
  *get<Row>(text: string, ...params: readonly SqlValue[]) {
    return (yield { sql: text, params }).rows[0] as Row | undefined
  },
  *all<Row>(text: string, ...params: readonly SqlValue[]) {
    return (yield { sql: text, params }).rows as readonly Row[]
  },
}
