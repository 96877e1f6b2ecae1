import type { SqlValue } from '../sql/steps.ts'
import type { Statements } from './rows.ts'
import type { Row, SalvagedTable } from './salvage-tables.ts'

/**
 * Every row of a table that can be reached, each once, from its end to its
 * beginning and, past damage, from its beginning too. `undefined` stands for a
 * look that found nothing: the caller may want to rest. `lost` hears of each row
 * whose key was read and whose rest was not.
 */
export function* walk(source: Statements, table: SalvagedTable, lost: () => void): Generator<Row | undefined> {
  const lowest = yield* descend(source, table, lost)
  if (lowest !== undefined) yield* ascend(source, table, lowest, lost)
}

/** Gives the lowest key reached before the way down was blocked for the first time, if it ever was. */
function* descend(
  source: Statements,
  table: SalvagedTable,
  lost: () => void,
): Generator<Row | undefined, readonly SqlValue[] | undefined> {
  let key = table.top
  let blockedAt: readonly SqlValue[] | undefined
  let jump = 1
  for (;;) {
    const next = look(source, table, table.before, key)
    if (next === 'end') return blockedAt
    if (next !== 'blocked' && compare(next.key, key) < 0) {
      jump = 1
      key = next.key
      if (next.row === undefined) lost()
      yield next.row
      continue
    }
    blockedAt ??= key
    // Numbers can be stepped over, further each time: a page that cannot be read holds many.
    const [number] = key
    if (typeof number !== 'number' || number <= 0) return blockedAt
    key = [Math.max(0, Math.min(number, highest(source)) - jump)]
    jump *= 2
    yield undefined
  }
}

function* ascend(
  source: Statements,
  table: SalvagedTable,
  end: readonly SqlValue[],
  lost: () => void,
): Generator<Row | undefined> {
  let key = table.bottom
  for (;;) {
    const next = look(source, table, table.after, key)
    if (typeof next === 'string' || compare(next.key, key) <= 0 || compare(next.key, end) >= 0) return
    key = next.key
    if (next.row === undefined) lost()
    yield next.row
  }
}

interface Step {
  readonly keys: string
  readonly row: string
}

function look(
  source: Statements,
  table: SalvagedTable,
  step: Step,
  from: readonly SqlValue[],
): { readonly key: readonly SqlValue[]; readonly row?: Row } | 'end' | 'blocked' {
  try {
    const row = source.get<Row>(step.row, ...from)
    return row === undefined ? 'end' : { key: keyOf(table, row), row }
  } catch {
    // The row, or the way to it: its key alone may tell which.
  }
  try {
    const row = source.get<Row>(step.keys, ...from)
    return row === undefined ? 'end' : { key: keyOf(table, row) }
  } catch {
    return 'blocked'
  }
}

function keyOf(table: SalvagedTable, row: Row): readonly SqlValue[] {
  return table.key.map((column) => row[column] ?? null)
}

/** As SQLite orders keys. In a damaged table the way on may lead back: then it is blocked. */
function compare(a: readonly SqlValue[], b: readonly SqlValue[]): number {
  for (const [place, value] of a.entries()) {
    const order = compareValues(value, b[place] ?? null)
    if (order !== 0) return order
  }
  return 0
}

function compareValues(a: SqlValue, b: SqlValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return rank(a) - rank(b)
}

function rank(value: SqlValue): number {
  return value === null ? 0 : typeof value === 'number' ? 1 : typeof value === 'string' ? 2 : 3
}

/** The counter of the table whose keys are numbers; if it cannot be read, more than anybody has had. */
const HIGHEST = "SELECT seq AS top FROM sqlite_sequence WHERE name = 'event'"

/** At or above the number of every event. */
export function highest(source: Statements): number {
  try {
    return Number(source.get<{ top: unknown }>(HIGHEST)?.top ?? FAR)
  } catch {
    return FAR
  }
}

const FAR = 2 ** 40
