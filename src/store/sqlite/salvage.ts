import { isAsStored } from './body-hash.ts'
import type { SqlValue } from '../sql/steps.ts'
import type { SqliteDatabase } from './driver.ts'
import { toStoreError } from './error.ts'
import { EVENT, MEND, TABLES, type Row, type SalvagedTable } from './salvage-tables.ts'
import { walk } from './walk.ts'
import { createStatements, type Statements } from './rows.ts'

/** What was taken over so far. */
export interface Salvaged {
  readonly rows: number
  /** Rows that were seen and could not be read or kept. */
  readonly lost: number
}

export interface Salvage {
  /** Take over rows until `budgetMs` is up. Runs inside the caller's transaction. True once there is nothing more. */
  step(db: Statements, budgetMs: number): boolean
  /** Fit together what was taken over: cards without lanes, lanes without incidents. */
  mend(db: Statements): void
  readonly salvaged: Salvaged
}

/**
 * Take over, row by row, what can still be read of a damaged database: pauses,
 * lanes, incidents, deliveries, then events from the newest back. Rows the new
 * database has already are left alone, so it can be begun again at any time.
 *
 * `keepOwners`: the lanes' holders are of this process and still at work.
 */
export function createSalvage(old: SqliteDatabase, { keepOwners }: { keepOwners: boolean }): Salvage {
  const source = createStatements(old)
  const salvaged = { rows: 0, lost: 0 }
  const work = rowsOf(source, () => salvaged.lost++)

  function take(db: Statements, table: SalvagedTable, row: Row): void {
    try {
      const kept = table.name === 'lane' && !keepOwners ? { ...row, owner: null } : row
      if (!table.json.every((column) => isJson(kept[column]))) throw new Error('no JSON')
      if (table.name === 'event' && !isAsStored(kept['body'], kept['body_hash'])) setRight(db, kept)
      else salvaged.rows += db.run(table.insert, ...table.columns.map((column) => kept[column] ?? null))
    } catch (error) {
      const { reason } = toStoreError(error, '')
      if (reason === 'full' || reason === 'io' || reason === 'damaged') throw error
      salvaged.lost++
    }
  }

  /** A body that changed by itself must not be shown, nor thrown away. An event that was judged is still known by its id. */
  function setRight(db: Statements, row: Row): void {
    salvaged.lost++
    if (row['state'] !== 'new') {
      db.run(EVENT.insert, ...EVENT.columns.map((column) => row[column] ?? null))
      db.run(GIVE_UP_REPLIES, row['id'] ?? null, row['incident_id'] ?? null)
    } else if (typeof row['body'] === 'string') {
      const receivedAtMs = typeof row['received_at_ms'] === 'number' ? row['received_at_ms'] : 0
      db.run(KEEP_DAMAGED, receivedAtMs, Buffer.from(row['body']))
    }
  }

  return {
    salvaged,
    step(db, budgetMs) {
      const untilMs = performance.now() + budgetMs
      do {
        const next = work.next()
        if (next.done === true) return true
        if (next.value !== undefined) take(db, next.value.table, next.value.row)
      } while (performance.now() < untilMs)
      return false
    },
    mend(db) {
      for (const sql of MEND) db.run(sql)
    },
  }
}

const GIVE_UP_REPLIES = `
  UPDATE delivery SET state = 'dead', reason = 'its event was damaged on the disk'
  WHERE event_id = ? AND incident_id = ? AND state IN ('pending', 'sending', 'ambiguous')`
const KEEP_DAMAGED = `
  INSERT INTO quarantine (received_at_ms, code, reason, body)
  VALUES (?, 'damaged', 'the event was damaged on the disk', ?)`

function* rowsOf(source: Statements, lost: () => void): Generator<{ table: SalvagedTable; row: Row } | undefined> {
  for (const table of TABLES) for (const row of walk(source, table, lost)) yield row && { table, row }
}

function isJson(value: SqlValue | undefined): boolean {
  if (value === null) return true
  try {
    JSON.parse(String(value))
    return true
  } catch {
    // That is the answer.
    return false
  }
}
