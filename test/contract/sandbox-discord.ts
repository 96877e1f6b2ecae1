import { once } from 'node:events'
import { createAdaptorServer } from '@hono/node-server'
import { DiscordAPIError, REST } from 'discord.js'
import type { RESTOptions, RouteLike } from 'discord.js'
import { Hono } from 'hono'
import { onTestFinished } from 'vitest'
import { createDiscordSandbox } from '../../src/sandbox/discord.ts'
import type { DiscordSandbox, DiscordSandboxOptions } from '../../src/sandbox/discord.ts'
import { Faults } from '../../src/sandbox/fault.ts'

export const INCIDENTS = '1100000000000000001'
export const PAYMENTS = '1100000000000000002'
export const FORUM = '1100000000000000003'
export const HIDDEN = '1100000000000000004'
export const GUILD = '1100000000000000100'
export const BOT = '1100000000000000010'
export const ANA = '1100000000000000011'
export const ON_CALL = '1100000000000000021'
export const MANAGEMENT = '1100000000000000022'
export const NOBODY_KNOWS = '1199999999999999999'
export const START_MS = Date.parse('2026-08-22T10:00:00.000Z')

export interface Guild {
  readonly discord: DiscordSandbox
  readonly faults: Faults
  readonly clock: { nowMs: number }
  /** How often the sandbox said that something changed. */
  readonly seen: { changes: number }
  readonly client: REST
  /** A new client, which still has its token. */
  readonly connect: () => REST
  /** One call of the real client; of a GET the body is the query. */
  readonly call: (method: Method, route: RouteLike, body?: Record<string, unknown>) => Promise<Told>
  readonly post: (channel: string, body: Record<string, unknown>) => Promise<Told>
  /** A call without a client, which would keep to the limits by itself. A text is sent as it stands. */
  readonly raw: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Raw>
  /** A card with its thread in #incidents; gives the id they share. */
  readonly startThread: (name?: string) => Promise<string>
}

type Method = 'get' | 'post' | 'patch' | 'delete'

/** Discord's answer; `list` if it is one. */
export interface Told {
  readonly status: number
  readonly code?: number
  readonly errors?: Tree
  readonly body: Body
  readonly list: readonly Body[]
}

export interface Raw extends Told {
  readonly headers: Headers
}

export interface Tree {
  readonly [key: string]: Tree
}

/** A message or a channel, as far as the tests look into it; the rest they compare. */
export interface Body {
  readonly id: string
  readonly name: string
  readonly content: string
  readonly roles: readonly string[]
  readonly permissions: string
  readonly timestamp: string
  readonly edited_timestamp: string
  readonly available_tags: readonly Body[]
  readonly threads: readonly Body[]
  readonly [more: string]: unknown
}

/** A guild on loopback and the real client pointed at it. Both are gone when the test ends. */
export async function startGuild(options: Partial<DiscordSandboxOptions> = {}): Promise<Guild> {
  const clock = { nowMs: START_MS }
  const faults = new Faults()
  const seen = { changes: 0 }
  const changed = () => void (seen.changes += 1)
  const discord = createDiscordSandbox({ nowMs: () => clock.nowMs, faults, changed, limits: false, ...options })
  const server = createAdaptorServer({ fetch: new Hono().route('/sandbox/discord', discord.app).fetch })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
  })
  const address = server.address()
  const api = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/sandbox/discord/api`
  const connect = () => {
    const settings = { api, version: '10', retries: 0, rejectOnRateLimit: () => true, makeRequest }
    return new REST(settings).setToken(discord.token)
  }
  const client = connect()
  const call: Guild['call'] = async (method, route, body) => {
    const query = new URLSearchParams(method === 'get' ? toTexts(body) : {})
    const request = { query, ...(method !== 'get' && { body }), signal: AbortSignal.timeout(500) }
    try {
      return toTold(200, await client[method](route, request))
    } catch (error) {
      if (!(error instanceof DiscordAPIError)) throw error
      return toTold(error.status, error.rawError)
    }
  }
  const post: Guild['post'] = (channel, body) => call('post', `/channels/${channel}/messages`, body)
  const raw: Guild['raw'] = async (method, path, body, headers = {}) => {
    const own = { authorization: `Bot ${discord.token}`, 'content-type': 'application/json' }
    const init: RequestInit = { method, headers: { ...own, ...headers } }
    if (body !== undefined) init.body = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${api}/v10${path}`, init)
    return { ...toTold(response.status, await response.json()), headers: response.headers }
  }
  const startThread: Guild['startThread'] = async (name = 'thread') => {
    const { id } = (await post(INCIDENTS, { content: 'card' })).body
    await call('post', `/channels/${INCIDENTS}/messages/${id}/threads`, { name })
    return id
  }
  return { discord, faults, clock, seen, client, connect, call, post, raw, startThread }
}

/** Node's own fetch: a cut body is an error of the call, and no more. */
const makeRequest: NonNullable<RESTOptions['makeRequest']> = (url, { method, headers, body, signal }) =>
  fetch(url, {
    method: method ?? 'GET',
    headers: Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]),
    body: typeof body === 'string' ? body : null,
    signal: signal ?? null,
  })

function toTexts(query: Record<string, unknown> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]))
}

/** What came over the wire, as {@link Told}: a test that finds something else there fails. */
function toTold(status: number, data: unknown): Told {
  const body = JSON.parse(JSON.stringify(data ?? {}))
  return { status, ...(status >= 400 && { code: body.code, errors: body.errors }), body, list: body }
}
