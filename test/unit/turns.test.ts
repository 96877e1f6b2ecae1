import { connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { expect, it, onTestFinished } from 'vitest'
import { startHttp, type HttpServer } from '../../src/http-server.ts'
import { createLog } from '../../src/ops/log.ts'
import { createNextTurn } from '../../src/turns.ts'

const never = (): number => 0
const frozen = (): number => 0

/** A server, and so many who connect to it at this moment. */
async function besiege(count: number): Promise<HttpServer> {
  const log = createLog({ level: 'silent', secrets: () => [] })
  const http = await startHttp({ fetch: () => new Response('ok') }, { host: '127.0.0.1', port: 0, log })
  const sockets = Array.from({ length: count }, () => connect(http.port, '127.0.0.1'))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await http.close(0)
  })
  return http
}

/** A thread that answers whatever it is asked, as the store's does: its answers come while the loop looks for input. */
function startThread(): () => Promise<void> {
  const code = `const { parentPort } = require('node:worker_threads'); parentPort.on('message', (m) => parentPort.postMessage(m))`
  const thread = new Worker(code, { eval: true })
  onTestFinished(() => void thread.terminate())
  const waiting: (() => void)[] = []
  thread.on('message', () => waiting.shift()?.())
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      thread.postMessage('')
    })
}

it('work goes on after one turn where nobody connects', async () => {
  let turns = 0
  const count = async (): Promise<void> => {
    await turn()
    turns++
    await turn()
    turns++
  }
  const counted = count()
  await createNextTurn(never)()
  expect(turns).toBe(1)
  await counted
})

it('one piece of work goes on in a turn, in the order of asking', async () => {
  const nextTurn = createNextTurn(never)
  const went: string[] = []
  const go = (name: string): Promise<unknown> => nextTurn().then(() => went.push(name))
  const all = Promise.all([go('a'), go('b'), go('c')])
  await turn()
  expect(went).toEqual(['a'])
  await all
  expect(went).toEqual(['a', 'b', 'c'])
})

it('a hundred who connect at once are let in before work goes on, however many pieces there are', async () => {
  const http = await besiege(100)
  const ask = startThread()
  const nextTurn = createNextTurn(() => http.accepted, frozen)
  let pieces = 0
  const work = async (): Promise<void> => {
    while (http.accepted < 100) {
      await ask()
      await nextTurn()
      pieces++
    }
  }
  await Promise.all(Array.from({ length: 10 }, work))
  // Each of the ten ends with the piece that finds all of them in.
  expect(pieces).toBeLessThan(40)
})

it('a stream of connections that never ends leaves work half of the time', async () => {
  let nowMs = 0
  let accepted = 0
  const nextTurn = createNextTurn(
    () => ++accepted,
    () => nowMs++,
  )
  const atMs: number[] = []
  for (let piece = 0; piece < 2_000; piece++) {
    await nextTurn()
    atMs.push(nowMs)
  }
  expect(atMs[0]).toBeGreaterThanOrEqual(1_000)
  expect(nowMs / atMs.length).toBeLessThan(2.1)
})
