import { setImmediate as turn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import type { Server } from 'node:http'
import { WEBHOOK_PATH } from '../../src/flashduty/webhook.ts'
import { toRequest } from './chat-call.ts'
import { createNamedCall } from './named-call.ts'
import type { Chat } from './world.ts'

// The floor of all that is durable: Hono that parses the JSON and answers once the body is on disk. With a chat it then
// writes once more, as whoever must know after a crash what he was about to send, and sends: a text by a bare fetch, or
// the card's template, drawn of the push meanwhile, by the platform's package.
// Usage: keeping.js FILE [PLATFORM CHAT fetch|named]

const [file = '', platform, chat, how] = process.argv.slice(2)
const call =
  platform === undefined || chat === undefined
    ? undefined
    : toCall(JSON.parse(chat) as Chat, platform === 'slack' ? 'slack' : 'discord')
const thread = new Worker(new URL('./keeping-thread.js', import.meta.url), {
  workerData: file,
  execArgv: ['--disable-warning=ExperimentalWarning'],
})
let queued: string[] = []
const waiting: (() => void)[] = []
thread.on('message', (kept: number) => {
  for (const resolve of waiting.splice(0, kept)) resolve()
})

function keep(body: string): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    if (queued.length === 0) setImmediate(flush)
    queued.push(body)
    // As the relay's store: a thread that sleeps is woken at once.
    if (waiting.length === 1) flush()
  })
}

function flush(): void {
  if (queued.length === 0) return
  thread.postMessage(queued)
  queued = []
}

type Call = { readonly make: () => Promise<unknown> }

/** Readies a call for a push, as far as that can be done before it may be made. */
function toCall(to: Chat, kind: 'slack' | 'discord'): (body: string) => Call {
  if (how === 'named') return createNamedCall(to, kind)
  const request = toRequest(to, kind, 'kept')
  return () => ({ make: async () => (await fetch(request.url, request)).arrayBuffer() })
}

async function send(body: string): Promise<void> {
  if (call === undefined) return
  const kept = keep(body)
  // While that is written.
  await turn()
  const { make } = call(body)
  await kept
  await make()
}

const app = new Hono()
app.post(WEBHOOK_PATH, async (c) => {
  const body = await c.req.text()
  JSON.parse(body)
  await keep(body)
  setImmediate(() => void send(body))
  return c.json({ ok: true, result: 'accepted' })
})
const server = createAdaptorServer({ fetch: app.fetch }) as Server
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
  const address = server.address()
  process.send?.(typeof address === 'object' ? address?.port : undefined)
})
