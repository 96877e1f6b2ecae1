import { StoreError } from '../error.ts'
import { findAside, mendHeader, moveAside, setAside, toDoneName } from './aside.ts'
import type { OpenDatabase, SqliteDatabase } from './driver.ts'
import { toStoreError } from './error.ts'
import { refuseMoved } from './moved.ts'
import { close, openRelayDatabase } from './open.ts'
import type { Call, FromThread, ThreadData } from './protocol.ts'
import { createReserve } from './reserve.ts'
import { createStatements, type Statements } from './rows.ts'
import { createSalvage, type Salvage } from './salvage.ts'
import { highest } from './walk.ts'

/** Has the database in its keeping, and does what can be done when it cannot be used. */
export interface Keeper {
  readonly db: SqliteDatabase
  readonly statements: Statements
  /** Why nothing is to be done any more: after a failed write nobody knows what is on the disk. */
  readonly failure: StoreError | undefined
  /** Put right why a transaction failed. True if it is worth running it once more. */
  rescue(failure: StoreError): boolean
  /** The calls that can be answered now; while a salvage is under way the others are kept for `onResume`. */
  admit(calls: readonly Call[]): readonly Call[]
  onResume: (calls: readonly Call[]) => void
  close(): void
}

export interface KeeperOptions extends ThreadData {
  readonly open: OpenDatabase
  readonly say: (message: FromThread) => void
}

/** What goes on during a salvage. Anything else would judge events and post cards without knowing of those there are. */
const ALWAYS: readonly Call['op'][] = ['accept', 'quarantine', 'probe', 'counts']
/** So long may a push wait for a slice of a salvage. */
const SLICE_MS = 20
/** Chat waits so long for a salvage: 100,000 rows on a very busy machine. What is not reached then are the oldest events. */
const SALVAGE_MS = 20_000
/** Numbers of events left free for those of the damaged database that its counter does not know. */
const SEQ_GAP = 1_000_000

interface Running {
  readonly aside: string
  readonly old: SqliteDatabase
  readonly salvage: Salvage
  readonly untilMs: number
}

/** Open the database, or a new one in the place of one that was found damaged. Throws a {@link StoreError}. */
export function createKeeper({ file, reserveBytes, damaged, open, say }: KeeperOptions): Keeper {
  const reserve = createReserve({
    file,
    bytes: reserveBytes,
    changed: (held) => say({ kind: 'notice', notice: { what: 'reserve', held } }),
  })
  let failure: StoreError | undefined
  let waiting: Call[] = []
  let running: Running | undefined
  if (damaged !== undefined) {
    const aside = toDoneName(moveAside(file, new Date()))
    say({ kind: 'notice', notice: { what: 'moved_aside', aside, reason: damaged.reason } })
  }
  let owed = findAside(file)
  if (damaged === undefined && owed.length === 0) refuseMoved(file)
  const db = withRoom(() => openRelayDatabase(open, file))
  const statements = createStatements(db)
  if (damaged !== undefined) leaveGap(owed[0])
  if (owed.length > 0) setImmediate(salvageNext)

  /** Run, and once more on the reserve if the disk is full. */
  function withRoom<T>(act: () => T): T {
    try {
      return act()
    } catch (error) {
      if (toStoreError(error, '').reason !== 'full' || !reserve.giveBack()) throw error
      return act()
    }
  }

  /** What comes now comes after all that is in the damaged database. */
  function leaveGap(aside: string | undefined): void {
    const old = aside === undefined ? undefined : openAside(aside)
    const seq = highest(old === undefined ? statements : createStatements(old)) + SEQ_GAP
    close(old)
    statements.run("INSERT INTO sqlite_sequence (name, seq) VALUES ('event', ?)", seq)
  }

  /** Undefined if nothing can be read of it. */
  function openAside(aside: string): SqliteDatabase | undefined {
    const old = openReadable(aside)
    if (old !== undefined) return old
    mendHeader(aside)
    return openReadable(aside)
  }

  function openReadable(aside: string): SqliteDatabase | undefined {
    let old: SqliteDatabase | undefined
    try {
      old = open(aside, { readOnly: true })
      // Entries of the schema that make no sense are passed over.
      old.exec('PRAGMA writable_schema = ON')
      old.prepare('SELECT name FROM sqlite_schema').all()
      return old
    } catch {
      close(old)
      return undefined
    }
  }

  function salvageNext(): void {
    const [aside, ...rest] = owed
    if (running !== undefined || failure !== undefined) return
    if (aside === undefined) return resume()
    const old = openAside(aside)
    if (old === undefined) {
      owed = rest
      say({ kind: 'notice', notice: { what: 'salvaged', aside: setAside(aside), rows: 0, lost: 0, whole: false } })
      return salvageNext()
    }
    const salvage = createSalvage(old, { keepOwners: damaged?.wasOpen === true })
    running = { aside, old, salvage, untilMs: performance.now() + SALVAGE_MS }
    setImmediate(salvageSlice, running)
  }

  function salvageSlice(current: Running): void {
    if (running !== current || failure !== undefined) return
    const { aside, salvage, untilMs } = current
    let isWhole: boolean
    let isOver: boolean
    try {
      db.exec('BEGIN IMMEDIATE')
      isWhole = salvage.step(statements, SLICE_MS)
      isOver = isWhole || performance.now() > untilMs
      if (isOver) salvage.mend(statements)
      db.exec('COMMIT')
    } catch (error) {
      return salvageFailed(current, error)
    }
    if (!isOver) return void setImmediate(salvageSlice, current)
    endSalvage()
    say({ kind: 'notice', notice: { what: 'salvaged', aside: setAside(aside), ...salvage.salvaged, whole: isWhole } })
    owed = owed.filter((other) => other !== aside)
    salvageNext()
  }

  /** Begin again if that may help; else go on without, and try again at the next start. */
  function salvageFailed({ aside, salvage }: Running, error: unknown): void {
    rollback(db)
    endSalvage()
    if (!rescue(toStoreError(error, 'salvaging')) && failure === undefined) {
      owed = owed.filter((other) => other !== aside)
      say({ kind: 'notice', notice: { what: 'salvaged', aside, ...salvage.salvaged, whole: false } })
    }
    salvageNext()
  }

  function endSalvage(): void {
    close(running?.old)
    running = undefined
  }

  function resume(): void {
    const calls = waiting
    waiting = []
    if (calls.length > 0) keeper.onResume(calls)
  }

  function rescue(error: StoreError): boolean {
    const { reason, message } = error
    if (reason === 'full') return reserve.giveBack()
    if (reason !== 'io' && reason !== 'damaged') return false
    failure ??= error
    say({ kind: reason === 'io' ? 'failed' : 'damaged', reason, message })
    return false
  }

  const keeper: Keeper = {
    db,
    statements,
    get failure() {
      return failure
    },
    rescue,
    admit(calls) {
      if (owed.length === 0) return calls
      waiting.push(...calls.filter(({ op }) => !ALWAYS.includes(op)))
      return calls.filter(({ op }) => ALWAYS.includes(op))
    },
    onResume: () => {},
    close() {
      reserve.stop()
      endSalvage()
      db.close()
      failure ??= new StoreError('closed', 'the store is closed')
      resume()
    },
  }
  return keeper
}

export function rollback(db: SqliteDatabase): void {
  try {
    db.exec('ROLLBACK')
  } catch {
    // SQLite rolls back by itself after some errors; then there is no transaction to end.
  }
}
