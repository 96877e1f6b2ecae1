import { Worker } from 'node:worker_threads'
import { Slots } from '../slots.ts'
import type { Answer, Call, FromThread, ThreadData } from './sqlite/protocol.ts'
import { StoreError } from './error.ts'
import type { StoreNotice } from './notice.ts'
import type { Store } from './store.ts'

/** Some 3,000 events with all they bring: a night until somebody looks. Ten times as much would be missed on small disks. */
export const RESERVE_BYTES = 16 * 1_048_576

export interface SqliteOptions {
  readonly file: string
  /** Keep so much of the disk for the day it is full. Default: nothing. */
  readonly reserveBytes?: number
  /** A damaged database is left as it is, and refused: for commands that only look. */
  readonly leaveDamaged?: boolean
  /** One that was booted before; default: a new one. */
  readonly thread?: Worker
  /** Hears, once, that nothing can be stored any more: the disk failed, or the thread died. Only a new process helps. */
  readonly onFailure?: (error: Error) => void
  readonly onNotice?: (notice: StoreNotice) => void
}

interface Caller extends Omit<Call, 'id'> {
  /** Grows with every call. */
  readonly nth: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** A disk that damages one database after another is not to be filled with them. */
const MAX_REPLACED = 3

/** When a turn has brought so many events, the thread begins with them, so that it writes while the turn still reads. */
const AHEAD = 16

/** Room for the young objects of the store's thread, MiB: it handles rows and keeps none, and the default is three times as much. */
const YOUNG_MIB = 16

export type StoreThread = Worker

/** A thread that gets ready to open a database: it takes as long as to read a configuration, and can be done meanwhile. */
export function bootThread(): StoreThread {
  return new Worker(new URL('./sqlite/thread.js', import.meta.url), {
    // node:sqlite says "experimental" on the Node versions that first had it; nobody at 3 a.m. needs to know.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  })
}

/** Let a thread go that is not needed. It ends by itself: one that is ended while it loads the driver takes the process along. */
export function dismissThread(thread: StoreThread): void {
  thread.postMessage('unneeded')
}

/**
 * Open the SQLite engine: one file, one process, one thread that owns the
 * connection, so that no commit and no checkpoint ever stalls intake.
 * Rejects with a {@link StoreError}: `locked`, `unreadable`, or what the disk says. A
 * database that is damaged, now or later, is moved aside, and a new one takes over
 * what can still be read of it: until then events are stored, and other calls wait.
 */
export async function openSqlite(options: SqliteOptions): Promise<Store> {
  const { file, reserveBytes = 0, onNotice, onFailure } = options
  const waiting = new Slots<Caller>()
  let queued: Call[] = []
  let thread = startThread({ file, reserveBytes }, options.thread)
  let isOpen = false
  let isReplacing = false
  let replaced = 0
  let asked = 0
  let ended: StoreError | undefined
  let opened = (): void => {}
  let refused: (error: Error) => void = () => {}
  const opening = new Promise<void>((resolve, reject) => {
    opened = resolve
    refused = reject
  })

  function startThread(data: ThreadData, worker = bootThread()): Worker {
    const died = (error: Error): void => {
      if (worker === thread && !isReplacing) {
        fail(new StoreError('io', `the store's thread ended: ${error.message}`, { cause: error }))
      }
    }
    // What one that is being replaced still says is not of the calls that are under way now.
    worker.on('message', (message: FromThread) => {
      if (worker === thread && !isReplacing) hear(message)
    })
    worker.on('error', died)
    worker.on('exit', () => died(new Error('it stopped')))
    worker.postMessage(data)
    return worker
  }

  function hear(message: FromThread): void {
    switch (message.kind) {
      case 'open':
        isOpen = true
        return opened()
      case 'refused':
      case 'failed':
        return fail(new StoreError(message.reason, message.message))
      case 'damaged':
        if (options.leaveDamaged === true) {
          const what = `${file} is damaged (${message.message}): start the relay, which moves it aside and takes over what can be read`
          return fail(new StoreError('damaged', what))
        }
        return void replace(message.message)
      case 'notice':
        return onNotice?.(message.notice)
      case 'answers':
        return message.answers.forEach(settle)
    }
  }

  function settle(answer: Answer): void {
    const caller = waiting.take(answer.id)
    if (answer.ok) caller?.resolve(answer.value)
    else caller?.reject(new StoreError(answer.reason, answer.message))
  }

  function fail(error: StoreError): void {
    refused(error)
    for (const { id, caller } of inOrder()) {
      waiting.take(id)
      caller.reject(error)
    }
    if (ended !== undefined) return
    ended = error
    if (isOpen) onFailure?.(error)
  }

  /** With the thread goes its hold on the damaged files: some drivers keep it for as long as that lives. */
  async function replace(reason: string): Promise<void> {
    if (isReplacing || ended?.reason === 'damaged') return
    if (replaced++ >= MAX_REPLACED)
      return fail(new StoreError('damaged', `${file} is damaged again and again: ${reason}`))
    isReplacing = true
    await thread.terminate()
    isReplacing = false
    thread = startThread({ file, reserveBytes, damaged: { reason, wasOpen: isOpen } })
    queued = []
    post(inOrder().map(({ id, caller: { op, arg } }): Call => ({ id, op, arg })))
  }

  /** Who waits, in the order they asked: events are kept in it. */
  function inOrder(): readonly { readonly id: number; readonly caller: Caller }[] {
    const callers = [...waiting.entries()].map(([id, caller]) => ({ id, caller }))
    return callers.toSorted((a, b) => a.caller.nth - b.caller.nth)
  }

  // The thread runs the operation of the same name, whose types are tied to the method's in protocol.ts.
  const call = <Method extends keyof Store>(op: Method): Store[Method] => ask.bind(undefined, op) as Store[Method]

  function ask(op: keyof Store, arg?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended)
      const id = waiting.add({ op, arg, nth: asked++, resolve, reject })
      // What one turn of the event loop asks goes over together, but for many events: a message costs more than what is in it.
      if (queued.length === 0) setImmediate(flush)
      queued.push({ id, op, arg })
      // Where nothing else is under way the thread sleeps, and should wake up while the rest is asked.
      if (op === 'accept' && (queued.length >= AHEAD || waiting.size === 1)) flush()
    })
  }

  function flush(): void {
    if (queued.length === 0) return
    const calls = queued
    queued = []
    // Whoever waits while a thread is replaced is asked again by the next one.
    if (!isReplacing) post(calls)
  }

  /** One that cannot be sent over is a bug of whoever asks it, and takes none of the others along. */
  function post(calls: readonly Call[]): void {
    try {
      thread.postMessage(calls)
    } catch (error) {
      const [first] = calls
      if (calls.length > 1) for (const each of calls) post([each])
      else if (first !== undefined)
        settle({ id: first.id, ok: false, reason: 'bug', message: `${first.op}: ${String(error)}` })
    }
  }

  try {
    await opening
  } catch (error) {
    ended ??= new StoreError('closed', 'the store was never open')
    await thread.terminate()
    throw error
  }
  return {
    accept: call('accept'),
    quarantine: call('quarantine'),
    unapplied: call('unapplied'),
    incident: call('incident'),
    apply: call('apply'),
    snoozesEnded: call('snoozesEnded'),
    due: call('due'),
    schedule: call('schedule'),
    claim: call('claim'),
    save: call('save'),
    backlog: call('backlog'),
    hasten: call('hasten'),
    shift: call('shift'),
    pauses: call('pauses'),
    pause: call('pause'),
    probe: call('probe'),
    counts: call('counts'),
    work: call('work'),
    workKeys: call('workKeys'),
    retry: call('retry'),
    drop: call('drop'),
    quarantined: call('quarantined'),
    quarantinedBody: call('quarantinedBody'),
    unquarantine: call('unquarantine'),
    received: call('received'),
    expire: call('expire'),
    close: async () => {
      if (ended !== undefined) return
      const finished = call('close')()
      ended = new StoreError('closed', 'the store is closed')
      await finished
      await thread.terminate()
    },
  }
}
