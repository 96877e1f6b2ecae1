import { connect } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { startHttp } from '../../src/http-server.ts'
import { createLog } from '../../src/ops/log.ts'
import { createNextTurn } from '../../src/turns.ts'

const NOBODY = (): number => 0

/** Pieces of work done until `isOver`, with `nextTurn` between one and the next. */
async function work(nextTurn: () => Promise<unknown>, isOver: () => boolean): Promise<number> {
  let pieces = 0
  while (!isOver()) {
    pieces++
    await nextTurn()
  }
  return pieces
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
  await createNextTurn(NOBODY)()
  expect(turns).toBe(1)
  await counted
})

it('a hundred who connect at once are let in before the next piece of work or two', async () => {
  const log = createLog({ level: 'silent', secrets: () => [] })
  const http = await startHttp({ fetch: () => new Response('ok') }, { host: '127.0.0.1', port: 0, log })
  const sockets = Array.from({ length: 100 }, () => connect(http.port, '127.0.0.1'))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await http.close(0)
  })
  const pieces = await work(
    createNextTurn(() => http.accepted, NOBODY),
    () => http.accepted === 100,
  )
  expect(pieces).toBeLessThan(20)
})

it('a stream of connections that never ends holds work up for a fifth of a second', async () => {
  let nowMs = 0
  let accepted = 0
  const nextTurn = createNextTurn(
    () => accepted++,
    () => nowMs++,
  )
  await nextTurn()
  expect(nowMs).toBeGreaterThan(190)
  expect(nowMs).toBeLessThan(250)
})
