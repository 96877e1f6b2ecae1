import type { Bench } from '../bench.ts'
import { compare, type Figure } from '../figure.ts'
import type { LoadResult } from '../load.ts'
import { bad } from './intake.ts'
import { startServers } from './servers.ts'

const PER_SECOND = 1_000

/** Open loop, 1,000 pushes a second, as a busy day brings them. What keeps them on disk and does nothing else shows what that costs. */
export async function measureSteady(bench: Bench): Promise<readonly Figure[]> {
  const servers = await startServers(bench)
  const order = { kind: 'open', connections: 64, perSecond: PER_SECOND, ms: bench.quick ? 1_000 : 4_000 } as const
  const results = {
    hono: new Array<LoadResult>(),
    keeping: new Array<LoadResult>(),
    intake: new Array<LoadResult>(),
    relay: new Array<LoadResult>(),
  }
  try {
    for (let round = 0; round <= (bench.quick ? 2 : 7); round++) {
      for (const name of ['hono', 'keeping', 'intake', 'relay'] as const) {
        const result = await bench.load({ ...order, port: servers.of[name].port })
        await servers.settle(name)
        // The first round warms up.
        if (round > 0) results[name].push(result)
      }
    }
  } finally {
    await servers.stop()
  }
  const of = (name: keyof typeof results, what: 'p50Ms' | 'p99Ms' | 'worstMs') => ({
    name,
    values: results[name].map((result) => result[what]),
  })
  return [
    compare('1,000 a second: p50', 'ms', of('relay', 'p50Ms').values, of('hono', 'p50Ms')),
    compare('1,000 a second: p50, keeping', 'ms', of('keeping', 'p50Ms').values, of('hono', 'p50Ms')),
    compare('1,000 a second: p99, keeping', 'ms', of('keeping', 'p99Ms').values, of('hono', 'p99Ms')),
    compare('1,000 a second: p99, nothing judged', 'ms', of('intake', 'p99Ms').values, of('hono', 'p99Ms')),
    compare('1,000 a second: p99', 'ms', of('relay', 'p99Ms').values, of('hono', 'p99Ms'), { of: 'ratio', atMost: 3 }),
    compare('1,000 a second: worst', 'ms', of('relay', 'worstMs').values, of('hono', 'worstMs')),
    bad('1,000 a second: answers other than 200', [...results.intake, ...results.relay]),
  ]
}
