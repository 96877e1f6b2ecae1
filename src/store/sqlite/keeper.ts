import { toStoreError } from './error.ts'
import { StoreError } from '../error.ts'
import { findAside, mendHeader, moveAside, setAside, toDoneName } from './aside.ts'
import type { OpenDatabase, SqliteDatabase } from './driver.ts'
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
  /** Why nothing is to be stored any more: after a failed write nobody knows what is on the disk. */
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
/** Chat waits so long for a salvage: about a million rows. What is not reached then are the oldest events. */
const SALVAGE_MS = 20_000
/** A disk that damages one database after another is not to be filled with them. */
const MAX_REPLACED = 3
/** Numbers of events left free for those of the damaged database that its counter does not know. */
const SEQ_GAP = 1_000_000

interface Running {
  readonly aside: string
  readonly old: SqliteDatabase
  readonly salvage: Salvage
  readonly untilMs: number
}

/** Open the database, or a new one in the place of a damaged one. Throws a {@link StoreError}. */
export function createKeeper({ file, reserveBytes, open, say }: KeeperOptions): Keeper {
  const reserve = createReserve({
    file,
    bytes: reserveBytes,
    changed: (held) => say({ kind: 'notice', notice: { what: 'reserve', held } }),
  })
  let failure: StoreError | undefined
  let replaced = 0
  let waiting: Call[] = []
  let running: Running | undefined
  let owed = findAside(file)
  let db = withRoom(openFirst)
  let statements = createStatements(db)
  // Whoever held a lane in these is no more.
  const ownerless = owed
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

  function openFirst(): SqliteDatabase {
    try {
      return openRelayDatabase(open, file)
    } catch (error) {
      if (!(error instanceof StoreError) || error.reason !== 'damaged') throw error
      return openAnother(error.message)
    }
  }

  function openAnother(reason: string): SqliteDatabase {
    const aside = moveAside(file, new Date())
    say({ kind: 'notice', notice: { what: 'moved_aside', aside: toDoneName(aside), reason } })
    const next = openRelayDatabase(open, file)
    // What comes now comes after all that is in the old one.
    const old = openAside(aside)
    const seq = (old === undefined ? highest(createStatements(next)) : highest(createStatements(old))) + SEQ_GAP
    close(old)
    next.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('event', ?)").run(seq)
    owed = [aside, ...owed]
    return next
  }

  /** Undefined if nothing can be read of it. */
  function openAside(aside: string): SqliteDatabase | undefined {
    return openReadable(aside) ?? (mendHeader(aside), openReadable(aside))
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

  function rescue(error: StoreError): boolean {
    if (error.reason === 'full') return reserve.giveBack()
    if (error.reason === 'damaged') return replace(error)
    if (error.reason === 'io') giveUp(error)
    return false
  }

  function replace(error: StoreError): boolean {
    if (replaced++ >= MAX_REPLACED) return giveUp(error)
    stopSalvage()
    close(db)
    try {
      db = withRoom(() => openAnother(error.message))
      statements = createStatements(db)
      setImmediate(salvageNext)
      return true
    } catch (again) {
      return giveUp(toStoreError(again, `cannot begin ${file} anew`))
    }
  }

  function giveUp({ reason, message }: StoreError): false {
    failure = new StoreError(reason, message)
    say({ kind: 'failed', reason, message })
    return false
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
    const salvage = createSalvage(old, { keepOwners: !ownerless.includes(aside) })
    running = { aside, old, salvage, untilMs: performance.now() + SALVAGE_MS }
    setImmediate(salvageSlice)
  }

  function salvageSlice(): void {
    if (running === undefined || failure !== undefined) return
    const { aside, salvage, untilMs } = running
    let isWhole: boolean
    let isOver: boolean
    try {
      db.exec('BEGIN IMMEDIATE')
      isWhole = salvage.step(statements, SLICE_MS)
      isOver = isWhole || performance.now() > untilMs
      if (isOver) salvage.mend(statements)
      db.exec('COMMIT')
    } catch (error) {
      return salvageFailed(error)
    }
    if (!isOver) return void setImmediate(salvageSlice)
    stopSalvage()
    owed = owed.filter((other) => other !== aside)
    const { rows, lost } = salvage.salvaged
    say({ kind: 'notice', notice: { what: 'salvaged', aside: setAside(aside), rows, lost, whole: isWhole } })
    salvageNext()
  }

  /** Begin again if that may help; else go on without, and try again at the next start. */
  function salvageFailed(error: unknown): void {
    try {
      db.exec('ROLLBACK')
    } catch {
      // SQLite rolls back by itself after some errors; then there is no transaction to end.
    }
    const { aside, salvage } = running ?? {}
    stopSalvage()
    if (rescue(toStoreError(error, 'salvaging'))) return salvageNext()
    if (failure !== undefined) return
    owed = owed.filter((other) => other !== aside)
    const { rows, lost } = salvage?.salvaged ?? { rows: 0, lost: 0 }
    if (aside !== undefined) say({ kind: 'notice', notice: { what: 'salvaged', aside, rows, lost, whole: false } })
    salvageNext()
  }

  function stopSalvage(): void {
    close(running?.old)
    running = undefined
  }

  function resume(): void {
    const calls = waiting
    waiting = []
    if (calls.length > 0) keeper.onResume(calls)
  }

  const keeper: Keeper = {
    get db() {
      return db
    },
    get statements() {
      return statements
    },
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
      stopSalvage()
      db.close()
      failure = new StoreError('closed', 'the store is closed')
      resume()
    },
  }
  return keeper
}
