import { Worker } from 'node:worker_threads'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import type { Server } from 'node:http'
import { WEBHOOK_PATH } from '../../src/flashduty/webhook.ts'
import { toRequest } from './chat-call.ts'
import type { Chat } from './world.ts'

// The floor of all that is durable: Hono that parses the JSON and answers once the body is on disk. With a chat it then
// writes once more, as whoever must know after a crash what he was about to send, and sends it.
// Usage: keeping.js FILE [PLATFORM CHAT]

const [file = '', platform, chat] = process.argv.slice(2)
const request =
  platform === undefined || chat === undefined
    ? undefined
    : toRequest(JSON.parse(chat) as Chat, platform === 'slack' ? 'slack' : 'discord', 'kept')
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
  })
}

function flush(): void {
  thread.postMessage(queued)
  queued = []
}

async function send(body: string): Promise<void> {
  if (request === undefined) return
  await keep(body)
  const response = await fetch(request.url, request)
  await response.arrayBuffer()
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
