import type { SqlValue } from '../sql/steps.ts'

/** The part of SQLite's JavaScript interface we use; `node:sqlite` and `@photostructure/sqlite` both have it. */
export interface SqliteDatabase {
  exec(sql: string): void
  prepare(sql: string): SqliteStatement
  close(): void
}

export interface SqliteStatement {
  run(...params: SqlValue[]): { readonly changes: number | bigint }
  get(...params: SqlValue[]): unknown
  all(...params: SqlValue[]): unknown[]
  iterate(...params: SqlValue[]): Iterable<unknown>
}

interface SqliteModule {
  readonly DatabaseSync: new (file: string, options: { readonly readOnly: boolean }) => SqliteDatabase
}

/** Opens a database file; throws if it cannot be opened. */
export type OpenDatabase = (file: string, options?: { readonly readOnly: boolean }) => SqliteDatabase

/**
 * Give the runtime's own SQLite, or, on a Node that has none (before 22.13), the
 * prebuilt optional dependency. Throws if there is neither.
 */
export async function loadSqlite(): Promise<OpenDatabase> {
  const { DatabaseSync } = await loadModule()
  return (file, options = { readOnly: false }) => new DatabaseSync(file, options)
}

async function loadModule(): Promise<SqliteModule> {
  // A name in a variable keeps the compiler from asking for types that Node 20 does not have.
  const builtin: string = 'node:sqlite'
  const prebuilt: string = '@photostructure/sqlite'
  try {
    return (await import(builtin)) as SqliteModule
  } catch {
    // Node 20 has no such module: the prebuilt one is next.
  }
  try {
    return (await import(prebuilt)) as SqliteModule
  } catch (error) {
    throw new Error(
      `no SQLite: Node ${process.version} has none built in, and the package ${prebuilt} is not installed for this machine. ` +
        'Run npm ci without --omit=optional, or use Node 24',
      { cause: error },
    )
  }
}
