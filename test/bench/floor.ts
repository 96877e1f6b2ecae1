import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { WEBHOOK_PATH } from '../../src/flashduty/webhook.ts'

// The floors: servers that parse the same JSON, answer the same words, and do nothing else.
// Usage: floor.js raw | hono

const ANSWER = { ok: true, result: 'accepted' } as const
/** As the relay's: the default overflows when 1,000 connections come at once, and then retransmits are measured. */
const BACKLOG = 4_096

function createRaw(): Server {
  return createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString())
      const answer = JSON.stringify(ANSWER)
      outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer)
    })
  })
}

function createBareHono(): Server {
  const app = new Hono()
  app.post(WEBHOOK_PATH, async (c) => {
    await c.req.json()
    return c.json(ANSWER)
  })
  return createAdaptorServer({ fetch: app.fetch }) as Server
}

const server = process.argv[2] === 'raw' ? createRaw() : createBareHono()
server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, () => {
  const address = server.address()
  process.send?.(typeof address === 'object' ? address?.port : undefined)
})
