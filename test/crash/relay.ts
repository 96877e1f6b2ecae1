import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { toClockEnv } from './fast-clock.ts'
import type { Image } from './instrument.ts'
import { SECRET, type World } from './world.ts'

/** The real process, at our speed. */
export interface Relay {
  readonly pid: number
  readonly isAlive: boolean
  /** Resolves when it accepts events, or has ended before it did. */
  readonly ready: Promise<void>
  /** Resolves when it has ended, with the signal or the code it ended by. */
  readonly ended: Promise<NodeJS.Signals | number>
  kill(signal: 'SIGKILL' | 'SIGTERM'): void
  /** Push a body. `unsure`: the connection broke, and it may have been stored or not. */
  push(body: string): Promise<number | 'unsure'>
  /** What /metrics says of the work that is left; undefined while it does not answer. */
  debts(): Promise<Debts | undefined>
}

export interface Debts {
  readonly unapplied: number
  readonly lanesDue: number
  readonly pending: number
  readonly sending: number
  readonly ambiguous: number
  readonly dead: number
}

/** Start the relay of a world. `env` says where it dies, and what is between it and its files. */
export function startRelay(image: Image, world: World, env: Readonly<Record<string, string>> = {}): Relay {
  const log = openSync(join(world.folder, 'relay.log'), 'a')
  const args = [image.main, 'start', '--config', join(world.folder, 'config.yaml'), '--listen']
  const child = spawn(process.execPath, [...args, `127.0.0.1:${world.port}`], {
    cwd: world.folder,
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], CRASH_SEEN: join(world.folder, 'seen.txt'), ...toClockEnv(), ...env },
  })
  closeSync(log)
  let isAlive = true
  const ended = new Promise<NodeJS.Signals | number>((resolve) =>
    child.once('exit', (code, signal) => {
      isAlive = false
      resolve(signal ?? code ?? -1)
    }),
  )
  const listens = async (): Promise<void> => {
    while (isAlive && (await call(world.port, { method: 'GET', path: '/livez' })) === 'refused') await pause(15)
  }
  return {
    pid: child.pid ?? 0,
    get isAlive() {
      return isAlive
    },
    ready: listens(),
    ended,
    kill: (signal) => void child.kill(signal),
    async push(body) {
      for (;;) {
        const answer = await call(world.port, { method: 'POST', path: '/webhook/flashduty', body })
        if (answer !== 'refused') return answer === 'broken' ? 'unsure' : answer.status
        if (!isAlive) return 'unsure'
        await pause(5)
      }
    },
    async debts() {
      const answer = await call(world.port, { method: 'GET', path: '/metrics' })
      return typeof answer === 'object' && answer.status === 200 ? toDebts(answer.text) : undefined
    },
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function toDebts(metrics: string): Debts {
  const read = (name: string): number => {
    const line = metrics.split('\n').find((one) => one.startsWith(`${name} `))
    if (line === undefined) throw new Error(`/metrics does not say ${name}`)
    return Number(line.slice(name.length))
  }
  const state = (name: string): number => read(`relay_deliveries{state="${name}"}`)
  return {
    unapplied: read('relay_events_unapplied'),
    lanesDue: read('relay_lanes_due'),
    pending: state('pending'),
    sending: state('sending'),
    ambiguous: state('ambiguous'),
    dead: state('dead'),
  }
}

export type Answer = { readonly status: number; readonly text: string } | 'refused' | 'broken'

interface Request {
  readonly method: string
  readonly path: string
  readonly body?: string
  /** Whoever calls is gone after this long. */
  readonly withinMs?: number
}

/** One call on a connection of its own. `refused`: nobody listens, so nothing was stored. */
export function call(port: number, { method, path, body, withinMs }: Request): Promise<Answer> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'x-relay-secret': SECRET, connection: 'close' }
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => resolve('broken'))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve(response.complete ? { status: response.statusCode ?? 0, text } : 'broken')
      })
    })
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'broken'))
    if (withinMs !== undefined) setTimeout(() => sent.destroy(new Error('no answer')), withinMs).unref()
    sent.end(body)
  })
}
