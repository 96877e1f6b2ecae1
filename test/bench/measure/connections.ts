import type { Bench } from '../bench.ts'
import { compare, type Figure } from '../figure.ts'
import type { LoadResult } from '../load.ts'
import { median } from '../stats.ts'
import { bad } from './intake.ts'
import { startServers } from './servers.ts'

/** 1,000 senders that open a connection at the same instant; the first time they meet code that no push has run yet. */
export async function measureConnections(bench: Bench): Promise<readonly Figure[]> {
  const servers = await startServers(bench)
  const results = { hono: new Array<LoadResult>(), relay: new Array<LoadResult>() }
  try {
    for (let round = 0; round < (bench.quick ? 2 : 7); round++) {
      for (const name of ['hono', 'relay'] as const) {
        results[name].push(await bench.load({ kind: 'fresh', connections: 1_000, port: servers.of[name].port }))
        await servers.settle(name)
      }
    }
  } finally {
    await servers.stop()
  }
  const worst = (name: 'hono' | 'relay') => ({ name, values: results[name].map((result) => result.worstMs) })
  const worstMs = Math.max(...worst('relay').values)
  const later = (name: 'hono' | 'relay') => Math.max(...worst(name).values.slice(1))
  const figure = compare('1,000 new connections: worst answer', 'ms', worst('relay').values, worst('hono'))
  return [
    { ...figure, value: worstMs, goal: { of: 'value', atMost: 1_000 } },
    {
      name: '1,000 new connections: worst after the first time',
      unit: 'ms',
      value: later('relay'),
      floor: { name: 'hono', value: later('hono') },
      ratio: later('relay') / later('hono'),
    },
    { name: '1,000 new connections: median of the worst', unit: 'ms', value: median(worst('relay').values) },
    bad('1,000 new connections: answers other than 200', results.relay),
  ]
}
