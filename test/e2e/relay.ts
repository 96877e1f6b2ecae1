import { spawn, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'
import { createHttpApp } from '../../src/http.ts'
import { createLog } from '../../src/ops/log.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { createSandbox, DISCORD_API_PATH, SLACK_API_PATH, type Sandbox } from '../../src/sandbox/server.ts'
import { startHttp } from '../../src/http-server.ts'

export const SECRET = 'a-secret-for-the-end-to-end-tests'
export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The local Slack and Discord on a port of their own, and a folder for what the relay keeps. */
export interface World {
  readonly sandbox: Sandbox
  /** Where they listen. */
  readonly base: string
  readonly folder: string
  /** Write the configuration; `change` edits the text of the usual one. */
  configure(change?: (yaml: string) => string): string
  /** Start the real process and wait until it accepts events. */
  start(options?: StartOptions): Promise<RelayProcess>
  /** Resolves as soon as `look` gives something; rejects after `withinMs` with what there was. */
  until<T>(look: () => T | undefined | false, withinMs?: number): Promise<T>
}

export interface StartOptions {
  /** A module that is loaded into the process before ours. */
  readonly preload?: string
  /** How many files it may have open. */
  readonly openFiles?: number
  /** A command that starts the one after it. */
  readonly through?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface RelayProcess {
  readonly url: string
  /** All it printed. */
  output(): string
  push(
    body: string | object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; body: unknown; ms: number }>
  get(path: string): Promise<{ status: number; text: string }>
  /** Send a signal and wait for the end. */
  kill(signal: NodeJS.Signals): Promise<number | null>
  signal(signal: NodeJS.Signals): void
  /** Resolves as soon as what it printed matches; rejects after `withinMs` with what there was. */
  printed(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>
  /** The exit code, once it has ended by itself. */
  readonly ended: Promise<number | null>
}

const cleanups: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).toReversed()) await clean()
})

export async function createWorld({ limits = false } = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'relay-e2e-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const sandbox = createSandbox({ nowMs: Date.now, limits })
  const log = createLog({ level: 'silent', secrets: () => [] })
  const app = createHttpApp({ webhook: sandbox.app, metrics: createMetrics(), log, readiness: () => [] })
  const http = await startHttp(app, { host: '127.0.0.1', port: 0, log })
  cleanups.push(() => http.close(0))
  const base = `http://127.0.0.1:${http.port}`

  const configure = (change = (yaml: string) => yaml): string => {
    const file = join(folder, 'config.yaml')
    writeFileSync(file, change(toYaml(sandbox, base)))
    return file
  }
  return {
    sandbox,
    base,
    folder,
    configure,
    start: (options) =>
      startProcess(['start', '--config', join(folder, 'config.yaml'), '--listen', '127.0.0.1:0'], folder, options),
    until: (look, withinMs = 10_000) => until(sandbox, look, withinMs),
  }
}

/** Start the process and wait until it says where it listens. */
async function startProcess(
  args: readonly string[],
  cwd: string,
  { preload, openFiles, through = [], env = {} }: StartOptions = {},
): Promise<RelayProcess> {
  const node = [process.execPath, ...(preload === undefined ? [] : ['--import', preload]), MAIN, ...args]
  const limited = openFiles === undefined ? [] : ['sh', '-c', `ulimit -n ${openFiles} && exec "$@"`, 'sh']
  const [file = '', ...rest] = [...through, ...limited, ...node]
  const child = spawn(file, rest, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const printing = new EventEmitter()
  let output = ''
  const port = await new Promise<number>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      printing.emit('more')
      const started = /"port":(\d+).*"relay\.started"/.exec(output)
      if (started !== null) resolve(Number(started[1]))
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('exit', (code) => reject(new Error(`the relay ended with ${code}:\n${output}`)))
  })
  const url = `http://127.0.0.1:${port}`
  cleanups.push(() => kill(child, 'SIGKILL'))
  return {
    url,
    output: () => output,
    async push(body, headers = {}) {
      const startedAtMs = performance.now()
      const response = await fetch(`${url}/webhook/flashduty`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-relay-secret': SECRET, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
      return { status: response.status, body: await response.json(), ms: performance.now() - startedAtMs }
    },
    async get(path) {
      const response = await fetch(url + path)
      return { status: response.status, text: await response.text() }
    },
    kill: (signal) => kill(child, signal),
    signal: (signal) => void child.kill(signal),
    printed: (pattern, withinMs = 10_000) =>
      new Promise((resolve, reject) => {
        const fail = (): void => {
          end()
          reject(new Error(`not printed: ${pattern}; there was\n${output}`))
        }
        const look = (): void => {
          const match = pattern.exec(output)
          if (match === null) return
          end()
          resolve(match)
        }
        const end = (): void => {
          clearTimeout(timer)
          printing.off('more', look)
          child.off('exit', fail)
        }
        const timer = setTimeout(fail, withinMs)
        printing.on('more', look)
        child.on('exit', fail)
        look()
      }),
    ended: new Promise((resolve) => child.on('exit', (code) => resolve(code))),
  }
}

function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise((resolve) => {
    child.on('exit', (code) => resolve(code))
    child.kill(signal)
  })
}

/** Run a command of the program, or of a copy of it, to its end. */
export function run(
  args: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>>; main?: string } = {},
) {
  const child = spawn(process.execPath, [options.main ?? MAIN, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env },
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  cleanups.push(() => kill(child, 'SIGKILL'))
  return new Promise<{ code: number | null; output: string }>((resolve) =>
    child.on('exit', (code) => resolve({ code, output })),
  )
}

function until<T>(sandbox: Sandbox, look: () => T | undefined | false, withinMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const check = (): void => {
      const found = look()
      if (found === undefined || found === false) return
      end()
      resolve(found)
    }
    const timer = setTimeout(() => {
      end()
      const shown = JSON.stringify({ slack: sandbox.slack.state(), discord: sandbox.discord.state() })
      reject(new Error(`not seen within ${withinMs} ms; there was ${shown.slice(0, 4_000)}`))
    }, withinMs)
    const unsubscribe = sandbox.onChange(check)
    const end = (): void => {
      clearTimeout(timer)
      unsubscribe()
    }
    check()
  })
}

function toYaml({ slack, discord }: Sandbox, base: string): string {
  return `
listen: { host: 127.0.0.1, port: 8080 }
flashduty: { secrets: ["${SECRET}"] }
store: { sqlite: ./relay.db }
accounts:
  acme-slack: { platform: slack, token: "${slack.token}", api_url: "${base}${SLACK_API_PATH}" }
  acme-discord: { platform: discord, token: "${discord.token}", api_url: "${base}${DISCORD_API_PATH}" }
destinations:
  slack: { account: acme-slack, channel: ${slack.channel('incidents').id} }
  slack-payments: { account: acme-slack, channel: ${slack.channel('payments').id} }
  discord: { account: acme-discord, channel: "${discord.channel('incidents').id}" }
  forum: { account: acme-discord, channel: "${discord.channel('incident-forum').id}" }
routes:
  - { name: payments, match: { channel: Payments, severity: [Critical, Warning] }, to: [slack-payments, discord] }
  - { name: forum, match: { labels: { to: forum } }, to: [forum] }
  - { name: everything-else, to: [slack, discord] }
people:
  ann@example.com: { slack: U0ANNLEE01, discord: "1100000000000000011" }
`
}

/** A push of the shape the vendor sends, from test/events, with what a test changes. */
export function toPush(type: string, change: { event_id?: string; event_time?: number; incident?: object } = {}): Push {
  const push = JSON.parse(readFileSync(new URL(`../events/${type}.json`, import.meta.url), 'utf8')) as Push
  return { ...push, ...change, incident: { ...push.incident, ...change.incident } }
}

export interface Push {
  readonly event_id: string
  readonly event_type: string
  readonly event_time: number
  readonly incident: Readonly<Record<string, unknown>>
}
