import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A call that a platform's SDK made, with its body as it was sent. */
export interface Recorded {
  readonly method: string
  readonly body: Readonly<Record<string, unknown>>
}

/** Stands before a sandbox, hands every call on, and remembers what was sent. */
export async function createRecorder(target: string): Promise<{ url: string; calls: readonly Recorded[] }> {
  const calls: Recorded[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const bytes = Buffer.concat(chunks)
      const method = `${request.method} ${(request.url ?? '').replace(/\d{17,20}/g, ':id')}`
      const type = request.headers['content-type'] ?? ''
      const headers = { 'content-type': type, authorization: request.headers.authorization ?? '' }
      // Before its effect, so that who is told of that finds the call.
      calls.push({ method, body: toBody(type, bytes.toString()) })
      const answer = await fetch(target + request.url, {
        method: request.method ?? 'GET',
        headers,
        ...(bytes.length > 0 && { body: bytes }),
      })
      const kept = [...answer.headers].filter(
        ([name]) => !/^(?:content-(?:length|encoding)|transfer-encoding|connection)$/.test(name),
      )
      response.writeHead(answer.status, Object.fromEntries(kept)).end(Buffer.from(await answer.arrayBuffer()))
    })()
  })
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  )
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${port}`, calls }
}

/** Slack's SDK sends a form whose lists are JSON; Discord's sends JSON. */
function toBody(type: string, text: string): Readonly<Record<string, unknown>> {
  if (type.includes('json')) return JSON.parse(text === '' ? '{}' : text) as Record<string, unknown>
  const entries = [...new URLSearchParams(text)].map(([name, value]) => [
    name,
    /^[[{]/.test(value) ? JSON.parse(value) : value,
  ])
  return Object.fromEntries(entries) as Record<string, unknown>
}
