import { once } from 'node:events'
import { createAdaptorServer } from '@hono/node-server'
import { LogLevel, WebClient } from '@slack/web-api'
import type { Logger } from '@slack/web-api'
import { Hono } from 'hono'
import { afterEach } from 'vitest'
import { Faults } from '../../src/sandbox/fault.ts'
import { createSlackSandbox } from '../../src/sandbox/slack.ts'
import type { SlackSandbox, SlackSandboxOptions } from '../../src/sandbox/slack.ts'

export interface Workspace {
  readonly slack: SlackSandbox
  readonly faults: Faults
  readonly client: WebClient
  readonly apiUrl: string
  /** The clock of the sandbox, ms. */
  readonly clock: { nowMs: number }
  /** One call of the real client: its answer, or what Slack or the network said against it. */
  readonly call: (method: string, args?: Readonly<Record<string, unknown>>) => Promise<Told>
}

/** An answer is loose on purpose: the tests look into it as a client of the API would. */
export interface Told {
  readonly ok: boolean
  readonly error?: string
  readonly failure?: unknown
  readonly ts: string
  readonly message: Message
  readonly messages: readonly Message[]
  readonly channels: readonly { readonly id: string }[]
  readonly response_metadata?: { readonly messages?: readonly string[]; readonly next_cursor?: string }
  readonly [more: string]: unknown
}

export interface Message {
  readonly ts: string
  readonly text: string
  readonly blocks?: readonly { readonly type: string; readonly block_id: string }[]
  readonly [more: string]: unknown
}

const running: (() => void)[] = []

afterEach(() => {
  for (const stop of running.splice(0)) stop()
})

const silent: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  setName() {},
  getLevel: () => LogLevel.ERROR,
}

/** A sandbox on loopback and the real client pointed at it. */
export async function startWorkspace(options: Partial<SlackSandboxOptions> = {}): Promise<Workspace> {
  const clock = { nowMs: 1_763_900_000_000 }
  const faults = new Faults()
  const slack = createSlackSandbox({ nowMs: () => clock.nowMs, faults, changed: () => {}, limits: false, ...options })
  const server = createAdaptorServer({ fetch: new Hono().route('/sandbox/slack', slack.app).fetch })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  running.push(() => {
    server.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const apiUrl = `http://127.0.0.1:${port}/sandbox/slack/api/`
  const client = new WebClient(slack.token, {
    slackApiUrl: apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 400,
    logger: silent,
  })
  const call: Workspace['call'] = async (method, args) => {
    try {
      return toTold(await client.apiCall(method, args))
    } catch (error) {
      const data = error instanceof Error && 'data' in error ? error.data : {}
      return { ...toTold(data), ok: false, failure: error }
    }
  }
  return { slack, faults, client, apiUrl, clock, call }
}

/** What came over the wire, as {@link Told}: a test that finds something else there fails. */
export function toTold(data: unknown): Told {
  return JSON.parse(JSON.stringify(data))
}
