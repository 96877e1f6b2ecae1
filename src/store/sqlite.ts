import { Worker } from 'node:worker_threads'
import type { Call, FromThread } from './sqlite/protocol.ts'
import { StoreError } from './error.ts'
import type { Store } from './store.ts'

/**
 * Open the SQLite engine: one file, one process, one thread that owns the
 * connection, so that no commit and no checkpoint ever stalls intake.
 * Rejects with a {@link StoreError}: `locked` or `unreadable`.
 *
 * `onFailure` hears, once, that the thread died by itself: nothing can be stored any more.
 */
export async function openSqlite(options: { file: string; onFailure?: (error: Error) => void }): Promise<Store> {
  const thread = new Worker(new URL('./sqlite/thread.js', import.meta.url), {
    workerData: { file: options.file },
    // node:sqlite says "experimental" on the Node versions that first had it; nobody at 3 a.m. needs to know.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let queued: Call[] = []
  let ended: StoreError | undefined
  let nextId = 0

  const opened = new Promise<void>((resolve, reject) => {
    thread.on('message', (message: FromThread) => {
      if (message.kind === 'open') return resolve()
      if (message.kind === 'refused') return reject(new StoreError(message.reason, message.message))
      for (const answer of message.answers) {
        const caller = waiting.get(answer.id)
        waiting.delete(answer.id)
        if (answer.ok) caller?.resolve(answer.value)
        else caller?.reject(new StoreError(answer.reason, answer.message))
      }
    })
    const fail = (error: Error): void => {
      if (ended !== undefined) return
      ended = new StoreError('io', `the store's thread ended: ${error.message}`, { cause: error })
      reject(ended)
      for (const { reject: refuse } of waiting.values()) refuse(ended)
      waiting.clear()
      options.onFailure?.(ended)
    }
    thread.on('error', fail)
    thread.on('exit', () => fail(new Error('it stopped')))
  })

  // The thread runs the operation of the same name, whose types are tied to the method's in protocol.ts.
  const call = <Method extends keyof Store>(op: Method): Store[Method] => ask.bind(undefined, op) as Store[Method]

  function ask(op: keyof Store, arg?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended)
      const id = nextId++
      waiting.set(id, { resolve, reject })
      // What one turn of the event loop asks goes over together: a message costs more than what is in it.
      if (queued.length === 0) setImmediate(flush)
      queued.push({ id, op, arg })
    })
  }

  function flush(): void {
    const calls = queued
    queued = []
    thread.postMessage(calls)
  }

  try {
    await opened
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
    pauses: call('pauses'),
    pause: call('pause'),
    probe: call('probe'),
    counts: call('counts'),
    close: async () => {
      if (ended !== undefined) return
      const finished = call('close')()
      ended = new StoreError('closed', 'the store is closed')
      await finished
      await thread.terminate()
    },
  }
}
