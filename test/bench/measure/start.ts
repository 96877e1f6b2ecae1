import { statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import { startChild, startRelayProcess, startServer } from '../child.ts'
import { compare, type Figure } from '../figure.ts'
import { configure, startChat } from '../world.ts'

/** Often enough to tell 5 ms apart, seldom enough not to slow the start down. */
const ASK_EVERY_MS = 5

/** From the start of the process until it accepts events, with an empty and with a long history. */
export async function measureStart(bench: Bench): Promise<readonly Figure[]> {
  const events = bench.quick ? 20_000 : 1_000_000
  const folders = { empty: join(bench.folder, 'empty'), full: join(bench.folder, 'full') }
  const chat = await startChat()
  configure(folders.empty, chat, 1)
  configure(folders.full, chat, 1)
  const file = join(folders.full, 'relay.db')
  await (await startChild('history-process', file, String(events))).stop()
  bench.say(`${events} events in ${Math.round(statSync(file).size / 1e6)} MB`)
  const ready = { hono: new Array<number>(), empty: new Array<number>(), full: new Array<number>() }
  const started = { empty: new Array<number>(), full: new Array<number>() }
  try {
    for (let round = 0; round < (bench.quick ? 2 : 9); round++) {
      ready.hono.push(await timeHono())
      for (const name of ['empty', 'full'] as const) {
        const times = await timeRelay(folders[name])
        ready[name].push(times.readyMs)
        started[name].push(times.startedMs)
      }
    }
  } finally {
    await chat.stop()
  }
  const floor = { name: 'hono', values: ready.hono }
  const goal = { of: 'value', atMost: 600 } as const
  const history = `${events} events`
  return [
    compare('start to ready, empty', 'ms', ready.empty, floor, goal),
    compare(`start to ready, ${history}`, 'ms', ready.full, floor, goal),
    compare(`start to ready, ${history}`, 'ms', ready.full, { name: 'empty', values: ready.empty }),
    compare('start to delivering, empty', 'ms', started.empty, floor),
    compare(`start to delivering, ${history}`, 'ms', started.full, floor),
  ]
}

async function timeHono(): Promise<number> {
  const fromMs = performance.now()
  const server = await startServer('floor', 'hono')
  const readyMs = performance.now() - fromMs
  await server.stop()
  return readyMs
}

async function timeRelay(folder: string): Promise<{ readyMs: number; startedMs: number }> {
  const port = await freePort()
  const args = ['start', '--config', join(folder, 'config.yaml'), '--listen', `127.0.0.1:${port}`]
  const fromMs = performance.now()
  const starting = startRelayProcess(args, folder, /"relay\.started"/).then(({ child }) => ({
    child,
    startedMs: performance.now() - fromMs,
  }))
  // Should it end, the start tells why; until then nobody listens.
  const ready = firstReady(port).then(() => performance.now() - fromMs)
  const { child, startedMs } = await starting
  const readyMs = await ready
  await child.stop()
  return { readyMs, startedMs }
}

async function firstReady(port: number): Promise<void> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    if (response?.status === 200) return
    await sleep(ASK_EVERY_MS)
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
