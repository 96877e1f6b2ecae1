import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { createDiscordSandbox, type DiscordSandbox } from './discord.ts'
import { Faults } from './fault.ts'
import { guard } from './guard.ts'
import { createPanel } from './panel.ts'
import type { SandboxRelay } from './relay.ts'
import { createSlackSandbox, type SlackSandbox } from './slack.ts'
import { Traces } from './trace.ts'

export interface SandboxOptions {
  readonly nowMs: () => number
  /** Keep to the platforms' rate limits. */
  readonly limits: boolean
  /** Whether a repeated `client_msg_id` makes no second message in Slack, which Slack does not promise; default true. */
  readonly deduplicates?: boolean
  /** How many threads Discord's guild can have active at once; default as read off the real service. */
  readonly maxActiveThreads?: number
  /** The relay that runs in this process, once it does; absent if none will. */
  readonly relay?: () => SandboxRelay | undefined
}

/** A local Slack and a local Discord, and a page that shows both. */
export interface Sandbox {
  /** Everything below `/sandbox`. Unauthenticated but for the platforms' tokens: for loopback only. */
  readonly app: Hono<{ Bindings: HttpBindings }>
  readonly slack: SlackSandbox
  readonly discord: DiscordSandbox
  readonly faults: Faults
  /** Calls `listener` after every call and every change, until the function it gives back is called. */
  onChange(listener: () => void): () => void
}

export const SLACK_API_PATH = '/sandbox/slack/api/'
export const DISCORD_API_PATH = '/sandbox/discord/api'

export function createSandbox(options: SandboxOptions): Sandbox {
  const listeners = new Set<() => void>()
  const changed = (): void => listeners.forEach((listener) => listener())
  const faults = new Faults()
  const traces = new Traces()
  const slack = createSlackSandbox({ ...options, faults, changed, traces })
  const discord = createDiscordSandbox({ ...options, faults, changed, traces })
  const onChange = (listener: () => void): (() => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  const app = new Hono<{ Bindings: HttpBindings }>()
  app.route('/sandbox/slack', slack.app)
  app.route('/sandbox/discord', discord.app)
  app.use('/sandbox/*', guard)
  app.get('/sandbox/state', (c) => c.json({ slack: newest(slack.state()), discord: newest(discord.state()) }))
  app.get('/sandbox/events', (c) =>
    streamSSE(c, async (stream) => {
      let ring = (): void => {}
      const stop = onChange(() => ring())
      stream.onAbort(() => {
        stop()
        ring()
      })
      while (!stream.aborted) {
        const rung = new Promise<void>((resolve) => (ring = resolve))
        await stream.writeSSE({ event: 'changed', data: '' })
        await rung
        await stream.sleep(SHORTEST_REDRAW_MS)
      }
    }),
  )
  app.route(
    '/sandbox',
    createPanel({ slack, discord, faults, traces, changed, ...(options.relay && { relay: options.relay }) }),
  )
  app.get('/sandbox', (c) => page(c.req.path, 'index.html'))
  app.get('/sandbox/page/:file', (c) => page(c.req.path, c.req.param('file')))
  return { app, slack, discord, faults, onChange }
}

/** The page draws no more calls than this, and asks again after every one. */
const SHOWN_CALLS = 200

function newest<S extends { readonly calls: readonly unknown[] }>(state: S): S {
  return { ...state, calls: state.calls.slice(-SHOWN_CALLS) }
}

/** The page redraws at most this often, however fast things change. */
const SHORTEST_REDRAW_MS = 200

/** Browsers are told to run and load nothing but the page's own files. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const PAGE_FOLDER = fileURLToPath(new URL('../../src/sandbox/page/', import.meta.url))
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}

function page(path: string, file: string): Response {
  const type = TYPES[extname(file)]
  if (type === undefined || !/^[\w-]+\.\w+$/.test(file)) return new Response(`nothing at ${path}`, { status: 404 })
  try {
    const headers = { 'content-type': type, 'content-security-policy': PAGE_POLICY, 'cache-control': 'no-cache' }
    return new Response(readFileSync(PAGE_FOLDER + file), {
      headers: { ...headers, 'x-content-type-options': 'nosniff' },
    })
  } catch {
    return new Response(`nothing at ${path}`, { status: 404 })
  }
}
