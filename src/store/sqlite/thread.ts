import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { StoreError } from '../error.ts'
import { toStoreError } from './error.ts'
import { accept, apply, incident, probe, quarantine, snoozesEnded, unapplied } from './events.ts'
import { claim, counts, due, pause, pauses, save, schedule } from './lanes.ts'
import { openRelayDatabase } from './open.ts'
import type { Answer, Call, FromThread, Operations } from './protocol.ts'
import { createStatements } from './rows.ts'
import type { SqliteDatabase } from './driver.ts'

/**
 * The thread that owns the only connection. Calls that queued up while one
 * commit was being written share the next one: no timer, and an idle store
 * commits at once.
 */
const operations: Operations = {
  accept,
  quarantine,
  probe,
  unapplied,
  incident,
  apply,
  snoozesEnded,
  due,
  schedule,
  claim,
  save,
  pauses,
  pause,
  counts,
}

/** Bounds how long the first caller of a batch waits for the last. */
const MAX_BATCH = 512

if (parentPort === null) throw new Error('the store thread is started by store/sqlite.ts')
const port = parentPort
const say = (message: FromThread): void => port.postMessage(message)

try {
  const db = await openRelayDatabase((workerData as { file: string }).file)
  serve(db)
  say({ kind: 'open' })
} catch (error) {
  const { reason, message } = error instanceof StoreError ? error : toStoreError(error, 'cannot open the store')
  say({ kind: 'refused', reason, message })
}

function serve(db: SqliteDatabase): void {
  const statements = createStatements(db)
  port.on('message', (first: readonly Call[]) => {
    const batch = [...first]
    while (batch.length < MAX_BATCH) {
      const next: { message: readonly Call[] } | undefined = receiveMessageOnPort(port)
      if (next === undefined) break
      batch.push(...next.message)
    }
    const closing = batch.find(({ op }) => op === 'close')
    const calls = batch.filter(({ op }) => op !== 'close')
    if (calls.length > 0) say({ kind: 'answers', answers: commit(calls) })
    if (closing !== undefined) {
      db.close()
      say({ kind: 'answers', answers: [{ id: closing.id, ok: true, value: undefined }] })
      port.close()
    }
  })

  /** Run calls in one transaction. One that fails undoes itself alone; a failed commit fails them all. */
  function commit(calls: readonly Call[]): readonly Answer[] {
    try {
      return transact(calls)
    } catch (error) {
      rollback()
      const { reason, message } = toStoreError(error, 'nothing was stored')
      return calls.map(({ id }) => ({ id, ok: false, reason, message }))
    }
  }

  /** Savepoints cost as much as half the calls and are hardly ever needed: only when a call failed is each run again with its own. */
  function transact(calls: readonly Call[]): readonly Answer[] {
    try {
      return runAll(calls, run)
    } catch (error) {
      if (isOfAll(toStoreError(error, ''))) throw error
      rollback()
    }
    return runAll(calls, runAlone)
  }

  function runAll(calls: readonly Call[], each: (call: Call) => Answer): readonly Answer[] {
    db.exec('BEGIN IMMEDIATE')
    const answers = calls.map(each)
    db.exec('COMMIT')
    return answers
  }

  function run({ id, op, arg }: Call): Answer {
    const operation = operations[op as keyof Operations] as (db: unknown, arg: unknown) => unknown
    return { id, ok: true, value: operation(statements, arg) }
  }

  function runAlone(call: Call): Answer {
    db.exec('SAVEPOINT call')
    try {
      const answer = run(call)
      db.exec('RELEASE call')
      return answer
    } catch (error) {
      const failure = toStoreError(error, call.op)
      if (isOfAll(failure)) throw error
      db.exec('ROLLBACK TO call; RELEASE call')
      return { id: call.id, ok: false, reason: failure.reason, message: failure.message }
    }
  }

  function rollback(): void {
    try {
      db.exec('ROLLBACK')
    } catch {
      // SQLite rolls back by itself after some errors; then there is no transaction to end.
    }
  }
}

/** What no call of a batch survives. It is never simply run again: after a failed fsync a second one may claim success. */
function isOfAll({ reason }: StoreError): boolean {
  return reason === 'full' || reason === 'io'
}
