import { parentPort, receiveMessageOnPort } from 'node:worker_threads'
import { StoreError } from '../error.ts'
import { backlog } from '../sql/backlog.ts'
import { toStoreError } from './error.ts'
import { apply, incident, quarantine, snoozesEnded } from '../sql/events.ts'
import { accept, probe, unapplied } from './events.ts'
import { due, schedule } from './due.ts'
import { loadSqlite } from './driver.ts'
import { expire } from '../sql/expire.ts'
import { growLog } from './log-room.ts'
import { createKeeper, rollback, type Keeper } from './keeper.ts'
import { claim, counts, pause, pauses, save } from '../sql/lanes.ts'
import { drop, retry } from '../sql/by-hand.ts'
import { quarantined, quarantinedBody, received, unquarantine } from '../sql/history.ts'
import { hasten, shift } from '../sql/shift.ts'
import { work, workKeys } from '../sql/work.ts'
import type { Sql, Steps } from '../sql/steps.ts'
import { finish, toSql, type Statements } from './rows.ts'
import type { Answer, Call, FromThread, Operations, ThreadData } from './protocol.ts'

/**
 * The thread that owns the only connection. Of the calls that queued up while
 * one commit was being written the events share the next one, and the other
 * writes the one after: no timer, and an idle store commits at once.
 */
const operations: Operations = {
  accept,
  quarantine: atOnce(quarantine),
  probe,
  unapplied,
  incident: atOnce(incident),
  apply: atOnce(apply),
  snoozesEnded: atOnce(snoozesEnded),
  due,
  schedule,
  claim: atOnce(claim),
  save: atOnce(save),
  backlog: atOnce(backlog),
  hasten: atOnce(hasten),
  shift: atOnce(shift),
  pauses: atOnce(pauses),
  pause: atOnce(pause),
  counts: atOnce(counts),
  work: atOnce(work),
  workKeys: atOnce(workKeys),
  retry: atOnce(retry),
  drop: atOnce(drop),
  quarantined: atOnce(quarantined),
  quarantinedBody: atOnce(quarantinedBody),
  unquarantine: atOnce(unquarantine),
  received: atOnce(received),
  expire: atOnce(expire),
}

/** These change nothing, and nobody has to wait for the disk because of them. */
const READS: ReadonlySet<keyof Operations> = new Set([
  'unapplied',
  'incident',
  'snoozesEnded',
  'due',
  'schedule',
  'backlog',
  'pauses',
  'counts',
  'work',
  'workKeys',
  'quarantined',
  'quarantinedBody',
  'received',
])

/** Bounds how long the first caller of a batch waits for the last. */
const MAX_BATCH = 512

if (parentPort === null) throw new Error('the store thread is started by store/sqlite.ts')
const port = parentPort
const say = (message: FromThread): void => port.postMessage(message)

const loading = loadSqlite()
// Heard of again when the database is to be opened.
loading.catch(() => {})
port.once('message', (data: ThreadData | 'unneeded') => (data === 'unneeded' ? port.close() : void open(data)))

async function open(data: ThreadData): Promise<void> {
  try {
    const keeper = createKeeper({ ...data, open: await loading, say })
    serve(keeper)
    say({ kind: 'open' })
    // Who keeps a reserve is there to stay.
    if (data.reserveBytes > 0) setImmediate(makeRoom, keeper, data.file)
  } catch (error) {
    const { reason, message } = error instanceof StoreError ? error : toStoreError(error, 'cannot open the store')
    say({ kind: reason === 'damaged' ? 'damaged' : 'refused', reason, message })
  }
}

/** Piece by piece, with commits in between. */
function makeRoom(keeper: Keeper, file: string): void {
  if (keeper.failure !== undefined) return
  try {
    if (growLog(file)) setImmediate(makeRoom, keeper, file)
  } catch (error) {
    keeper.rescue(toStoreError(error, file))
  }
}

/** What is written for every engine, as it runs here. */
function atOnce<Arg, T>(operation: (db: Sql, arg: Arg) => Steps<T>): (db: Statements, arg: Arg) => T {
  return (db, arg) => finish(operation(toSql(db), arg))
}

function serve(keeper: Keeper): void {
  keeper.onResume = (calls) => say({ kind: 'answers', answers: commit(calls) })
  port.on('message', (first: readonly Call[]) => {
    const batch = [...first]
    while (batch.length < MAX_BATCH) {
      const next: { message: readonly Call[] } | undefined = receiveMessageOnPort(port)
      if (next === undefined) break
      batch.push(...next.message)
    }
    const closing = batch.find(({ op }) => op === 'close')
    const calls = keeper.admit(batch.filter(({ op }) => op !== 'close'))
    for (const part of inTurn(calls)) {
      if (part.length > 0) say({ kind: 'answers', answers: commit(part) })
    }
    if (closing !== undefined && keeper.failure?.reason !== 'damaged') {
      keeper.close()
      say({ kind: 'answers', answers: [{ id: closing.id, ok: true, value: undefined }] })
      port.close()
    }
  })

  /** Run calls in one transaction. One that fails undoes itself alone; a failed commit fails them all. */
  function commit(calls: readonly Call[], isLast = false): readonly Answer[] {
    if (keeper.failure !== undefined) return refuse(calls, keeper.failure)
    try {
      return transact(calls)
    } catch (error) {
      rollback(keeper.db)
      const failure = toStoreError(error, 'nothing was stored')
      return keeper.rescue(failure) && !isLast ? commit(calls, true) : refuse(calls, failure)
    }
  }

  /** Savepoints cost as much as half the calls and are hardly ever needed: only when a call failed is each run again with its own. */
  function transact(calls: readonly Call[]): readonly Answer[] {
    try {
      return runAll(calls, run)
    } catch (error) {
      if (isOfAll(toStoreError(error, ''))) throw error
      rollback(keeper.db)
    }
    return runAll(calls, runAlone)
  }

  function runAll(calls: readonly Call[], each: (call: Call) => Answer): readonly Answer[] {
    keeper.db.exec('BEGIN IMMEDIATE')
    const answers = calls.map(each)
    keeper.db.exec('COMMIT')
    return answers
  }

  function run({ id, op, arg }: Call): Answer {
    const operation = operations[op as keyof Operations] as (db: unknown, arg: unknown) => unknown
    return { id, ok: true, value: operation(keeper.statements, arg) }
  }

  function runAlone(call: Call): Answer {
    keeper.db.exec('SAVEPOINT call')
    try {
      const answer = run(call)
      keeper.db.exec('RELEASE call')
      return answer
    } catch (error) {
      const failure = toStoreError(error, call.op)
      if (isOfAll(failure)) throw error
      keeper.db.exec('ROLLBACK TO call; RELEASE call')
      return { id: call.id, ok: false, reason: failure.reason, message: failure.message }
    }
  }
}

/** Events have a commit of their own, as their sender waits; then what is written; reads see all of it, and may take their time. */
function inTurn(calls: readonly Call[]): readonly (readonly Call[])[] {
  const events = calls.filter(({ op }) => op === 'accept')
  const writes = calls.filter((call) => call.op !== 'accept' && !isRead(call))
  return [events, writes, calls.filter(isRead)]
}

function isRead({ op }: Call): boolean {
  return op !== 'close' && READS.has(op)
}

/** Calls on a damaged database are made again on the next one. */
function refuse(calls: readonly Call[], { reason, message }: StoreError): readonly Answer[] {
  return reason === 'damaged' ? [] : calls.map(({ id }) => ({ id, ok: false, reason, message }))
}

/** What no call of a batch survives. It is never simply run again: after a failed fsync a second one may claim success. */
function isOfAll({ reason }: StoreError): boolean {
  return reason === 'full' || reason === 'io' || reason === 'damaged'
}
