import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { pause, startRelay, type Relay } from '../crash/relay.ts'
import type { Seat } from './world.ts'

/** One relay as whoever runs it sees it: a process that is started again whenever it is gone. */
export interface Replica {
  readonly seat: Seat
  /** The process that runs now. */
  readonly pid: number
  /** Resolves when the first one accepts events, or has ended before it did. */
  readonly ready: Promise<void>
  /** End it at once; the next one is started at once too. */
  kill(): void
  /** Ask it to end. Resolves when it has; rejects if it does not. */
  roll(): Promise<void>
  /** Let it stand still. */
  stop(): void
  goOn(): void
  /** End it for good. */
  close(): Promise<void>
}

export interface ReplicaOptions {
  readonly main: string
  readonly seat: Seat
  readonly sandbox: Sandbox
  /** A process ended by itself. */
  readonly died: (detail: string) => void
}

/** A supervisor does not start again at once what does not stay up. */
const START_AGAIN_MS = 1_000
/** Those that end processes wait so long before they use force, as do ours. */
const END_WITHIN_MS = 30_000
const LAST_WORDS_CHARS = 3_000

export function createReplica({ main, seat, sandbox, died }: ReplicaOptions): Replica {
  const { folder, port, env } = seat
  /** Those that we ended ourselves. */
  const ours = new WeakSet<Relay>()
  let isOver = false
  const file = join(folder, 'relay.log')
  /** How much the processes before this one said. */
  let saidBytes = 0
  let relay = start()
  const living = live()

  function start(): Relay {
    const world = { sandbox, folder, port, close: async () => {} }
    saidBytes = existsSync(file) ? statSync(file).size : 0
    return startRelay({ main, points: [] }, world, env)
  }

  async function live(): Promise<void> {
    for (;;) {
      const how = await relay.ended
      if (isOver) return
      if (!ours.has(relay)) {
        died(`relay ${seat.index} (process ${relay.pid}) ended by itself with ${how}:\n${lastWords()}`)
        await pause(START_AGAIN_MS)
      }
      relay = start()
    }
  }

  /** What the process that runs, or ran last, said. */
  function words(): string {
    return readFileSync(file).subarray(saidBytes).toString()
  }

  function isUp(): boolean {
    return words().includes('"relay.started"')
  }

  function lastWords(): string {
    return words().slice(-LAST_WORDS_CHARS)
  }

  function signal(name: NodeJS.Signals): void {
    try {
      process.kill(relay.pid, name)
    } catch {
      // It is gone already, and nobody else has its number so soon.
    }
  }

  return {
    seat,
    ready: relay.ready,
    get pid() {
      return relay.pid
    },
    kill() {
      ours.add(relay)
      relay.kill('SIGKILL')
    },
    async roll() {
      const rolled = relay
      // Before it accepts events nothing says that it knows the signal.
      if (!isUp() || !rolled.isAlive) return
      ours.add(rolled)
      rolled.kill('SIGTERM')
      const how = await Promise.race([rolled.ended, pause(END_WITHIN_MS)])
      if (how === 0 || how === 'SIGKILL') return
      const what = how === undefined ? `did not end within ${END_WITHIN_MS / 1_000} s` : `ended with ${how}`
      died(`relay ${seat.index} (process ${rolled.pid}) was asked to end, and ${what}:\n${lastWords()}`)
      rolled.kill('SIGKILL')
    },
    stop: () => signal('SIGSTOP'),
    goOn: () => signal('SIGCONT'),
    async close() {
      isOver = true
      signal('SIGCONT')
      relay.kill('SIGKILL')
      await living
    },
  }
}
