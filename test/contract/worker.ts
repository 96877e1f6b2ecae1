import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'
import type { Attempt } from '../../src/delivery/report.ts'
import { createWorker, type Worker, type WorkerOptions } from '../../src/delivery/worker.ts'
import { toBoardPush, toDerivedPush } from '../../src/flashduty/derive.ts'
import { readEvent } from '../../src/flashduty/event.ts'
import { effectiveTimeMs } from '../../src/flashduty/time.ts'
import type { Event } from '../../src/incident/incident.ts'
import type { Route } from '../../src/incident/route.ts'
import { loadTemplates } from '../../src/message/load.ts'
import { createSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { TestClock } from './test-clock.ts'
import { connect } from './worker-outlets.ts'

export const T = 1_763_900_000_000

/** The worker with real parts all around it, and a clock that moves only by hand. */
export interface Bench {
  readonly sandbox: Sandbox
  readonly store: Store
  readonly clock: TestClock
  /** Every call, with the instant its answer was heard. */
  readonly attempts: readonly (Attempt & { readonly atMs: number })[]
  readonly warnings: readonly string[]
  /** Store an event as intake does, and tell the worker. */
  accept(type: string, incident?: object, event?: { id?: string; atMs?: number }): Promise<void>
  /** The configuration leads a destination to where another one leads. */
  move(destination: string, to: string): void
  /** Let the worker do all it can, moving the clock on to whatever it waits for, for so long at most. */
  run(forMs: number): Promise<void>
  /** Stop the worker and start another one, which knows the store only; meanwhile the wall clock may have been moved. */
  restart(movedMs?: number): Promise<void>
}

const cleanups: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

const loaded = loadTemplates({
  builtinDir: fileURLToPath(new URL('../../templates/', import.meta.url)),
  language: 'en',
})
if (!('templates' in loaded)) throw new Error(JSON.stringify(loaded.problems))
const { templates } = loaded
const everything: Route = {
  name: 'all',
  to: ['slack', 'discord'],
  continue: false,
  match: {},
  attention: {},
  mention: [],
}

export interface BenchOptions {
  readonly lateEvents?: 'skip' | 'reply'
  readonly routes?: readonly Route[]
  readonly callTimeoutMs?: number
  readonly onCardDeleted?: 'recreate' | 'ignore'
  /** Switch the platforms' rate limits on. */
  readonly limits?: boolean
  /** What stands between the worker and its store. */
  readonly through?: (store: Store, clock: TestClock) => Store
  /** A flood of pushes comes in. */
  readonly flooded?: () => boolean
  readonly nextTurn?: () => Promise<void>
}

export async function createBench({
  lateEvents = 'skip',
  routes = [everything],
  callTimeoutMs = 1_000,
  limits = false,
  onCardDeleted = 'recreate',
  through = (store) => store,
  flooded = () => false,
  nextTurn = () => turn(),
}: BenchOptions = {}): Promise<Bench> {
  const clock = new TestClock(T)
  const folder = mkdtempSync(join(tmpdir(), 'relay-worker-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const store = await openSqlite({ file: join(folder, 'relay.db') })
  cleanups.push(() => store.close())
  const sandbox = createSandbox({ nowMs: clock.now, limits })
  const { outlets: first, looking, disconnect } = await connect(sandbox, callTimeoutMs, clock.monotonic)
  cleanups.push(disconnect)
  const outlets = new Map(first)
  const attempts: (Attempt & { readonly atMs: number })[] = []
  const warnings: string[] = []
  const options: WorkerOptions = {
    store: through(store, clock),
    clock,
    ledger: undefined,
    outlets: () => outlets,
    templates: () => templates,
    language: () => 'en',
    rules: () => ({ routes, lateEvents }),
    policy: () => ({ onCardDeleted }),
    report: {
      attempted: (attempt) => void attempts.push({ ...attempt, atMs: clock.now() }),
      told: () => {},
      warned: (event) => void warnings.push(event),
      failed: (event, error) => void warnings.push(`${event}: ${String(error)}`),
    },
    fellBack: (template, error) => void warnings.push(`${template}: ${error}`),
    applied: () => {},
    readEvent: toEvent,
    rereadEvent: toEvent,
    toDerivedPush,
    toBoardPush,
    stormAfter: () => 20,
    hash,
    random: () => 0,
    flooded,
    nextTurn,
    owner: 'test',
  }
  let worker: Worker = createWorker(options)
  await worker.start()
  cleanups.push(() => worker.stop())
  let count = 0

  return {
    sandbox,
    store,
    clock,
    attempts,
    warnings,
    async accept(type, incident = {}, { id = `e${++count}`, atMs = clock.nowMs + count } = {}) {
      const snapshot = {
        incident_id: 'inc-1',
        title: 'checkout is slow',
        incident_severity: 'Warning',
        incident_status: 'Warning',
        progress: 'Triggered',
      }
      const body = JSON.stringify({
        event_id: id,
        event_type: type,
        event_time: atMs,
        incident: { ...snapshot, ...incident },
      })
      const incidentId = ({ ...snapshot, ...incident } as { incident_id: string }).incident_id
      await store.accept({
        id,
        incidentId,
        type,
        effectiveAtMs: effectiveTimeMs(atMs, clock.nowMs),
        receivedAtMs: clock.nowMs,
        body,
        bodyHash: hash(body),
      })
      worker.wake()
    },
    move(destination, to) {
      const outlet = outlets.get(to)
      if (outlet !== undefined) outlets.set(destination, { ...outlet, destination })
    },
    async run(forMs) {
      const endMs = clock.nowMs + forMs
      for (;;) {
        await quiet()
        const nextMs = clock.nextMs
        if (nextMs === undefined || nextMs > endMs) break
        clock.moveTo(nextMs)
      }
      clock.moveTo(endMs)
      await quiet()
    },
    async restart(movedMs = 0) {
      await worker.stop()
      clock.nowMs += movedMs
      worker = createWorker(options)
      await worker.start()
    },
  }

  /** The worker waits for its clock, holds no lane, and nobody is looked up: nothing happens until time goes on. */
  async function quiet(): Promise<void> {
    while (clock.nextMs === undefined || worker.serving > 0 || looking()) await turn()
  }
}

function toEvent(body: string): Event {
  const read = readEvent(body)
  if (read === undefined) throw new Error('no event')
  return read.event
}

function hash(body: string): string {
  return createHash('sha256').update(body).digest('hex')
}

export function only(destination: string) {
  return { name: 'one', to: [destination], continue: false, match: {}, attention: {}, mention: [] }
}

export const CREATE_CARD = {
  slack: 'chat.postMessage',
  discord: 'POST /channels/:id/messages',
  forum: 'POST /channels/:id/threads',
} as const

export function cards({ sandbox }: Bench, destination: string) {
  switch (destination) {
    case 'slack':
      return sandbox.slack.channel('incidents').messages
    case 'slack-2':
      return sandbox.slack.channel('payments').messages
    default:
      return sandbox.discord.channel(destination === 'forum' ? 'incident-forum' : 'incidents').messages
  }
}

/** What the thread of the first card tells, in order: its replies as they are drawn, fallbacks left out. */
export function toldIn(bench: Bench, destination: string): string {
  const [card] = cards(bench, destination)
  return (card?.thread ?? [])
    .map((reply) => JSON.stringify('blocks' in reply ? reply.blocks : 'embeds' in reply ? reply.embeds : ''))
    .join('\n')
}

export function deleteCard(bench: Bench, destination: 'slack' | 'discord' | 'forum'): void {
  const card = cards(bench, destination).findLast(({ deleted }) => !deleted)
  if (card === undefined) throw new Error('there is no card to delete')
  if ('ts' in card) bench.sandbox.slack.deleteMessage('incidents', String(card.ts))
  else if (destination === 'forum') bench.sandbox.discord.deleteChannel(card.id)
  else bench.sandbox.discord.deleteMessage('incidents', card.id)
}
