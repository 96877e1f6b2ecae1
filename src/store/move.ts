import { StoreError } from './error.ts'
import { openTarget, type Place, type Target } from './postgres/target.ts'
import { MOVED_TABLES, type MovedTable } from './sql/moved.ts'
import { readMarkOf } from './sqlite/mark.ts'
import { findMoved } from './sqlite/moved.ts'
import { openSource, type Source } from './sqlite/source.ts'

export interface MoveOptions {
  /** The SQLite database. */
  readonly file: string
  /** The Postgres database. */
  readonly url: string
  /** A number from 1 to 2^31 - 1, by chance: tells this move from every other. */
  readonly mark: number
  readonly onProgress: (progress: MoveProgress) => void
  /** Leave off; what was moved stays, and the next move goes on behind it. */
  readonly signal: AbortSignal
}

export interface MoveProgress {
  readonly table: string
  readonly rows: number
  readonly ofRows: number
}

/** Absent counts: everything had been moved before, but for the last step. `aside`: the database's new name. */
export type Moved =
  | { readonly what: 'moved'; readonly rows: ReadonlyMap<string, number>; readonly aside: string }
  | { readonly what: 'was_moved'; readonly aside: string }
  | { readonly what: 'left_off' }

/**
 * Move all that a relay remembers from SQLite to Postgres. Whenever it ends, however it ends, it can be run again and
 * goes on: every batch is one transaction with the place it leads to. The rows become visible at once, when all are there
 * and counted; then the SQLite database is renamed. Rejects with a {@link StoreError}.
 */
export async function moveStore(options: MoveOptions): Promise<Moved> {
  const moved = findMoved(options.file)
  return moved === undefined ? moveFile(options) : lookAgain(moved, options)
}

/** Nobody heard how the last one ended, such as a job that is run until it says so. */
async function lookAgain(aside: string, { file, url }: MoveOptions): Promise<Moved> {
  const target = await openTarget(url)
  try {
    if (await target.hasMoved(readMarkOf(aside))) return { what: 'was_moved', aside }
  } finally {
    await target.close()
  }
  throw new StoreError('unreadable', `there is no database at ${file}: it is called ${aside} and was moved elsewhere`)
}

async function moveFile(options: MoveOptions): Promise<Moved> {
  const source = await openSource(options.file)
  try {
    const target = await openTarget(options.url)
    try {
      return await move(source, target, options)
    } finally {
      await target.close()
    }
  } finally {
    source.close()
  }
}

async function move(
  source: Source,
  target: Target,
  { file, mark: fresh, signal, ...told }: MoveOptions,
): Promise<Moved> {
  const begun = await target.begin({ file, mark: source.mark, fresh })
  if (begun.done) return { what: 'was_moved', aside: source.setAside() }
  // The target knows it first: a source with a mark that nobody knows is begun anew.
  source.mark = begun.mark
  const counts = new Map(MOVED_TABLES.map((table) => [table.name, source.count(table)]))
  const ofRows = sum(counts.values())
  let before = sum([...begun.places.values()].map(({ rows }) => rows))
  for (const table of MOVED_TABLES) {
    const tell = (rows: number): void => told.onProgress({ table: table.name, rows: before + rows, ofRows })
    const from = begun.places.get(table.name) ?? { rows: 0 }
    const moved = await moveTable({ source, target, table, from, tell, signal })
    if (signal.aborted) return { what: 'left_off' }
    before += moved
  }
  for (const table of MOVED_TABLES) await mustMatch(target, table, counts.get(table.name) ?? 0)
  await target.finish(new Map(MOVED_TABLES.map((table) => [table, source.counter(table)])))
  return { what: 'moved', rows: counts, aside: source.setAside() }
}

interface TableMove {
  readonly source: Source
  readonly target: Target
  readonly table: MovedTable
  readonly from: Place
  readonly tell: (rows: number) => void
  readonly signal: AbortSignal
}

/** Gives how many rows were moved now. */
async function moveTable({ source, target, table, from, tell, signal }: TableMove): Promise<number> {
  let writing: Promise<Place> = Promise.resolve(from)
  // The next batch is read while the last one is written.
  for (const rows of source.batches(table, from.behind)) {
    const place = await writing
    tell(place.rows - from.rows)
    if (signal.aborted) break
    writing = target.write(table, place, rows)
    // Awaited by the next turn.
    writing.catch(() => {})
  }
  const moved = (await writing).rows - from.rows
  tell(moved)
  return moved
}

async function mustMatch(target: Target, table: MovedTable, wanted: number): Promise<void> {
  const found = await target.count(table)
  if (found === wanted) return
  throw new StoreError(
    'bug',
    `the source has ${wanted} rows of "${table.name}" and the target ${found}: nothing was switched, the source is as it was`,
  )
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
