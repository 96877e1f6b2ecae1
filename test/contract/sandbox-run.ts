import { request } from 'node:http'
import { createServer } from 'node:net'
import { afterAll } from 'vitest'
import { startSandbox, startSandboxRelay, type SandboxRun } from '../../src/cli/sandbox.ts'
import { createLog } from '../../src/ops/log.ts'
import type { RelayView } from '../../src/sandbox/relay.ts'
import type { ChatPlace } from '../../src/sandbox/places.ts'
import type { Said, TracedCall } from '../../src/sandbox/trace.ts'

/** The sandbox's page and what is behind it, on a port of its own until the file's tests are over. */
export interface Run {
  readonly url: string
  get(path: string): Promise<unknown>
  /** A string goes as it is. */
  post(path: string, body: string | object): Promise<{ readonly status: number; readonly body: unknown }>
  /** As any program could: Node's fetch would set some of the headers itself. */
  ask(method: string, path: string, headers: Readonly<Record<string, string>>, body?: string): Promise<Answer>
  panel(): Promise<Panel>
  said(call: TracedCall): Promise<Said>
  relay(): Promise<RelayView>
}

export interface Answer {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface Panel {
  readonly relay: boolean
  readonly places: { readonly slack: readonly ChatPlace[]; readonly discord: readonly ChatPlace[] }
  readonly faults: readonly object[]
  readonly calls: readonly TracedCall[]
}

/** Loading the SDKs takes seconds, and many times that on a machine that is busy. */
export const SLOW_START_MS = 120_000

const running: SandboxRun[] = []
afterAll(async () => {
  for (const run of running.splice(0)) await run.stop()
})

/** The relay and the sandbox beside it, with no incident yet. */
export async function startRun(): Promise<Run> {
  const onFatal = (error: Error): void => expectNever(error)
  return follow(await startSandboxRelay({ ...(await options()), onFatal, demo: false }))
}

/** The local Slack and Discord without a relay. */
export async function startAlone(): Promise<Run> {
  return follow(await startSandbox(await options()))
}

async function options() {
  // The relay is told where its platforms are before it listens, so the port has to be known.
  const listen = { host: '127.0.0.1', port: await freePort() }
  return { listen, log: createLog({ level: 'silent', secrets: () => [] }), write: () => {}, limits: true }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

function expectNever(error: Error): never {
  throw error
}

function follow(run: SandboxRun): Run {
  running.push(run)
  const url = `http://127.0.0.1:${run.port}`
  const get = async (path: string): Promise<unknown> => (await fetch(`${url}/sandbox/${path}`)).json()
  return {
    url,
    get,
    async post(path: string, body: string | object) {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`${url}/sandbox/${path}`, { method: 'POST', headers, body: text })
      return { status: response.status, body: await response.json() }
    },
    ask: (method, path, headers, body = '') =>
      new Promise((resolve, reject) => {
        const asking = request(`${url}${path}`, { method, headers }, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              body: Buffer.concat(chunks).toString(),
              headers: response.headers,
            }),
          )
        })
        asking.on('error', reject)
        asking.end(body)
      }),
    panel: () => get('panel') as Promise<Panel>,
    said: ({ id }) => get(`calls/${id}`) as Promise<Said>,
    relay: () => get('relay') as Promise<RelayView>,
  }
}
