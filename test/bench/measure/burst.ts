import type { Bench } from '../bench.ts'
import type { Figure } from '../figure.ts'
import type { LoadResult } from '../load.ts'
import { bad } from './intake.ts'
import { startServers } from './servers.ts'

/** What the sender waits for an answer. */
const SENDER_WAITS_MS = 2_000

/** 10,000 pushes within one second, whether or not they are answered. */
export async function measureBurst(bench: Bench): Promise<readonly Figure[]> {
  const servers = await startServers(bench)
  const results = { hono: new Array<LoadResult>(), relay: new Array<LoadResult>() }
  try {
    for (const name of ['hono', 'relay'] as const) {
      await bench.load({ kind: 'closed', connections: 64, ms: bench.quick ? 500 : 2_000, port: servers.of[name].port })
      await servers.settle(name)
    }
    for (let round = 0; round < (bench.quick ? 1 : 5); round++) {
      for (const name of ['hono', 'relay'] as const) {
        const order = { kind: 'open', connections: 256, perSecond: 10_000, ms: 1_000 } as const
        const result = await bench.load({ ...order, port: servers.of[name].port })
        await servers.settle(name)
        results[name].push(result)
        bench.say(`${name}: worst ${Math.round(result.worstMs)} ms, ${result.bad} bad`)
      }
    }
  } finally {
    await servers.stop()
  }
  const worstMs = (name: 'hono' | 'relay'): number => Math.max(...results[name].map((result) => result.worstMs))
  return [
    {
      name: '10,000 in 1 s: longest answer',
      unit: 'ms',
      value: worstMs('relay'),
      floor: { name: 'hono', value: worstMs('hono') },
      ratio: worstMs('relay') / worstMs('hono'),
      goal: { of: 'value', atMost: SENDER_WAITS_MS },
    },
    bad('10,000 in 1 s: answers other than 200', results.relay),
  ]
}
