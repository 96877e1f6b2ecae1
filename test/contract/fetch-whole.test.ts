import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fetchWhole } from '../../src/platform/fetch-whole.ts'

/** A server that sends the head of an answer and half of its body, and then does what it is told. */
async function half(status: number, then: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '9', 'content-length': 100 })
    response.write('{"half":', () => then(response))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

const stall = (): void => {}
const cut = (response: ServerResponse): void => void response.destroy()

/** Garbage is collected between the head of each answer and its body. */
function collectInBetween(): void {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  const fetchIt = globalThis.fetch
  globalThis.fetch = async (input, init) => {
    const response = await fetchIt(input, init)
    for (let turn = 0; turn < 3; turn++) {
      if (typeof gc === 'function') gc()
      await new Promise((resolve) => setImmediate(resolve))
    }
    return response
  }
  onTestFinished(() => void (globalThis.fetch = fetchIt))
}

describe('a fetch of an answer and its body', () => {
  it('gives both', async () => {
    const url = await half(200, (response) => response.end(`${' '.repeat(91)}1}`.slice(0, 92)))
    const response = await fetchWhole(url, { signal: AbortSignal.timeout(10_000) })
    expect([response.status, response.headers.get('retry-after')]).toEqual([200, '9'])
    expect(await response.text()).toHaveLength(100)
  })

  it('gives up on a stalled body, whatever the garbage collector did', async () => {
    const url = await half(200, stall)
    collectInBetween()
    await expect(fetchWhole(url, { signal: AbortSignal.timeout(2_000) })).rejects.toThrow(/timeout/)
  })

  it('gives up on a body that is cut', async () => {
    await expect(fetchWhole(await half(200, cut))).rejects.toThrow('terminated')
  })

  it.each([429, 503])('gives the head of a %d whose body never ends', async (status) => {
    for (const then of [stall, cut]) {
      const response = await fetchWhole(await half(status, then), { signal: AbortSignal.timeout(500) })
      expect([response.status, response.headers.get('retry-after')]).toEqual([status, '9'])
    }
  })
})
