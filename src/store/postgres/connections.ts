import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientConfig, PoolClient, QueryResult } from 'pg'
import type { Done, SqlValue, Statement, Steps } from '../sql/steps.ts'
import { cancelUnderWay } from './cancel.ts'
import { toPostgres } from './dialect.ts'
import { toFailure, type Failure } from './error.ts'
import type { Driver } from './driver.ts'
import { createTurns } from './turns.ts'

/** How a transaction is run again after a failure. */
export interface Again {
  /** Running it twice comes to the same: it may be run again when nobody knows whether it was written. */
  readonly isSame: boolean
  /** Everything is read as it was when the transaction began; what others changed since makes it run again. */
  readonly isSnapshot?: boolean
}

/** A few connections to one server, none of which keeps anything from one transaction to the next. */
export interface Connections {
  /** Carry out steps, each statement a transaction of its own. */
  each<T>(steps: () => Steps<T>, again: Again): Promise<T>
  /** Carry out steps in one transaction. */
  transact<T>(steps: () => Steps<T>, again: Again): Promise<T>
  end(): Promise<void>
}

export interface ConnectionsOptions {
  readonly driver: Driver
  readonly config: ClientConfig
  readonly max: number
  /** An answer that takes longer is not waited for, and its connection is given up: it may lead nowhere. */
  readonly answerWithinMs: number
}

/** A restart of the server takes longer, a connection that was cut does not; and whoever sent a push waits two seconds. */
const TRY_FOR_MS = 1_000
/** The server looks for a ring of transactions that wait for each other once a second, and ends one of them. */
const TRY_CONFLICTS_FOR_MS = 10_000
const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 250
/** Longer than any address takes that answers at all. */
const CONNECT_WITHIN_MS = 1_500
const END_WITHIN_MS = 500

/**
 * In one message, so that it costs one way. The limits hold for this transaction alone: a session may be another's
 * behind a proxy. They end what a replica left behind that is no more, with the locks it holds.
 */
const LIMITS = 'SET LOCAL statement_timeout = 9000; SET LOCAL idle_in_transaction_session_timeout = 9000'
const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED; ${LIMITS}`
const BEGIN_SNAPSHOT = `BEGIN ISOLATION LEVEL REPEATABLE READ; ${LIMITS}`

export function createConnections({ driver, config, max, answerWithinMs }: ConnectionsOptions): Connections {
  const pool = new driver.Pool({
    ...config,
    max,
    query_timeout: answerWithinMs,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    keepAlive: true,
    idleTimeoutMillis: 30_000,
  })
  // The pool itself counts the wait for a free connection as time to connect.
  const inTurn = createTurns(max)
  // One that was idle and went is missed by nobody; the next call makes another.
  pool.on('error', () => {})
  // One that is in use tells whoever uses it.
  pool.on('connect', (client) => client.on('error', () => {}))

  async function each<T>(steps: () => Steps<T>): Promise<T> {
    return withClient(async (client) => walk(client, steps()))
  }

  async function transact<T>(steps: () => Steps<T>, { isSnapshot = false }: Again): Promise<T> {
    return withClient(async (client, isDone) => {
      isDone(false)
      await client.query(isSnapshot ? BEGIN_SNAPSHOT : BEGIN)
      const value = await walk(client, steps())
      isDone(true)
      await client.query('COMMIT')
      return value
    })
  }

  /** `isDone(false)` as long as what fails was certainly not written. */
  async function withClient<T>(use: (client: PoolClient, isDone: (may: boolean) => void) => Promise<T>): Promise<T> {
    let mayBeWritten = false
    const client = await pool.connect().catch((error: unknown) => {
      throw new Failed({ ...toFailure(error), written: 'undone' })
    })
    mayBeWritten = true
    try {
      const value = await use(client, (may) => (mayBeWritten = may))
      client.release()
      return value
    } catch (error) {
      const failure = toFailure(error)
      await leave(client, failure)
      throw new Failed(mayBeWritten ? failure : { ...failure, written: 'undone' })
    }
  }

  /** Only a server that still answers gets its connection back. */
  async function leave(client: PoolClient, { written, error }: Failure): Promise<void> {
    if (written === 'unclear') {
      cancelUnderWay(client)
      return client.release(true)
    }
    try {
      await client.query('ROLLBACK')
      client.release()
    } catch {
      client.release(error)
    }
  }

  async function again<T>(run: () => Promise<T>, { isSame }: Again): Promise<T> {
    const startedAtMs = performance.now()
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await run()
      } catch (error) {
        if (!(error instanceof Failed)) throw error
        const { failure } = error
        const may = failure.isPassing && (isSame || failure.written === 'undone')
        const forMs = failure.isConflict ? TRY_CONFLICTS_FOR_MS : TRY_FOR_MS
        if (!may || performance.now() + pauseMs > startedAtMs + forMs) throw failure.error
      }
      await sleep(pauseMs)
    }
  }

  return {
    each: (steps, how) => again(() => inTurn(() => each(steps)), how),
    transact: (steps, how) => again(() => inTurn(() => transact(steps, how)), how),
    // Where the way leads nowhere, a goodbye is waited for in vain.
    end: () => Promise.race([pool.end(), sleep(END_WITHIN_MS, undefined, { ref: false })]),
  }
}

class Failed extends Error {
  readonly failure: Failure
  constructor(failure: Failure) {
    super(failure.error.message)
    this.failure = failure
  }
}

async function walk<T>(client: PoolClient, steps: Steps<T>): Promise<T> {
  let step = steps.next()
  while (step.done !== true) step = steps.next(await ask(client, step.value))
  return step.value
}

async function ask(client: PoolClient, { sql, params }: Statement): Promise<Done> {
  const { rows, rowCount }: QueryResult = await client.query(toPostgres(sql), params.map(toParam))
  return { rows, changes: rowCount ?? 0 }
}

/** Text cannot hold NUL there; what we write ourselves has none. */
function toParam(value: Statement['params'][number]): unknown {
  if (isList(value)) return value.map(toParam)
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value
}

function isList(value: Statement['params'][number]): value is readonly SqlValue[] {
  return Array.isArray(value)
}
