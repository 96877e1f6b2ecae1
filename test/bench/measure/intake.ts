import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { compare, type Figure } from '../figure.ts'
import type { LoadResult } from '../load.ts'
import { cpuDuring, startServers, type ServerName, type Servers } from './servers.ts'

const NAMES: readonly ServerName[] = ['http', 'hono', 'keeping', 'off', 'intake', 'relay']
/** Idle: a push finds nothing of the last one under way, with all it brings to chat. */
const IDLE_GAP_MS = 110
/** So few incidents that none waits for its place in a channel. */
const IDLE_EVENTS_PER_INCIDENT = 100

interface Round extends LoadResult {
  readonly cpuUsPerEvent: number
}
type Rounds = Readonly<Record<ServerName, readonly Round[]>>

/** Closed loop at 64 connections, at 1, and at 1 with pauses: throughput, latency and CPU time beside the floors. */
export async function measureIntake(bench: Bench): Promise<readonly Figure[]> {
  return [...(await measureLoaded(bench)), ...(await measureIdle({ ...bench, folder: join(bench.folder, 'idle') }))]
}

async function measureLoaded(bench: Bench): Promise<readonly Figure[]> {
  const servers = await startServers(bench)
  try {
    const ms = bench.quick ? 700 : 3_000
    await alternate(bench, servers, { connections: 64, ms: bench.quick ? 500 : 2_000, rounds: 1 })
    const busy = await alternate(bench, servers, { connections: 64, ms, rounds: bench.quick ? 3 : 7 })
    const single = await alternate(bench, servers, { connections: 1, ms, rounds: bench.quick ? 1 : 3 })
    return [...busyFigures(busy), ...singleFigures(single)]
  } finally {
    await servers.stop()
  }
}

/** By servers of its own, that have nothing left to do. */
async function measureIdle(bench: Bench): Promise<readonly Figure[]> {
  const servers = await startServers(bench)
  const order = { connections: 1, gapMs: IDLE_GAP_MS, eventsPerIncident: IDLE_EVENTS_PER_INCIDENT }
  try {
    await alternate(bench, servers, { ...order, ms: 3_000, rounds: 1 })
    const rounds = await alternate(bench, servers, { ...order, ms: 3_000, rounds: bench.quick ? 2 : 7 })
    return [...idleFigures(rounds), bad('idle: answers other than 200', Object.values(rounds).flat())]
  } finally {
    await servers.stop()
  }
}

function busyFigures(rounds: Rounds): readonly Figure[] {
  const speed = (name: ServerName) => ({ name, values: pick(rounds[name], 'perSecond') })
  const p99 = (name: ServerName) => ({ name, values: pick(rounds[name], 'p99Ms') })
  const cpu = (name: ServerName) => ({ name, values: pick(rounds[name], 'cpuUsPerEvent') })
  return [
    compare('64 connections: hono', 'a second', speed('hono').values, speed('http')),
    compare('64 connections: keeping', 'a second', speed('keeping').values, speed('hono')),
    compare('64 connections: store off', 'a second', speed('off').values, speed('hono')),
    compare('64 connections: intake', 'a second', speed('intake').values, speed('hono'), { of: 'ratio', atLeast: 0.6 }),
    compare('64 connections: intake', 'a second', speed('intake').values, speed('off'), { of: 'ratio', atLeast: 0.8 }),
    compare('64 connections: intake', 'a second', speed('intake').values, speed('keeping')),
    compare('64 connections: relay', 'a second', speed('relay').values, speed('hono'), { of: 'ratio', atLeast: 0.6 }),
    compare('64 connections: relay', 'a second', speed('relay').values, speed('http')),
    compare('64 connections: keeping p99', 'ms', p99('keeping').values, p99('hono')),
    compare('64 connections: relay p99', 'ms', p99('relay').values, p99('hono'), { of: 'ratio', atMost: 3 }),
    compare('CPU an event: store off', 'us', cpu('off').values, cpu('hono')),
    compare('CPU an event: keeping', 'us', cpu('keeping').values, cpu('hono')),
    compare('CPU an event: intake', 'us', cpu('intake').values, cpu('hono')),
    compare('CPU an event: relay, judged too', 'us', cpu('relay').values, cpu('hono')),
    bad('64 connections: answers other than 200', Object.values(rounds).flat()),
  ]
}

function singleFigures(rounds: Rounds): readonly Figure[] {
  const of = (name: ServerName, what: 'perSecond' | 'p50Ms' | 'p99Ms') => ({ name, values: pick(rounds[name], what) })
  return [
    compare('1 connection: relay', 'a second', of('relay', 'perSecond').values, of('hono', 'perSecond')),
    compare('1 connection: relay p50', 'ms', of('relay', 'p50Ms').values, of('hono', 'p50Ms')),
    compare('1 connection: relay p99', 'ms', of('relay', 'p99Ms').values, of('hono', 'p99Ms')),
  ]
}

function idleFigures(rounds: Rounds): readonly Figure[] {
  const p50 = (name: ServerName) => ({ name, values: pick(rounds[name], 'p50Ms') })
  return [
    compare('idle: accepted p50, keeping', 'ms', p50('keeping').values, p50('hono')),
    compare('idle: accepted p50, intake', 'ms', p50('intake').values, p50('hono')),
    compare('idle: accepted p50, relay', 'ms', p50('relay').values, p50('hono'), { of: 'ratio', atMost: 4 }),
    compare('idle: accepted p50, relay', 'ms', p50('relay').values, p50('http')),
  ]
}

export function bad(name: string, results: readonly LoadResult[]): Figure {
  const value = results.reduce((sum, result) => sum + result.bad, 0)
  return { name, unit: '', value, goal: { of: 'value', atMost: 0 } }
}

async function alternate(
  bench: Bench,
  servers: Servers,
  { rounds, ...order }: { connections: number; ms: number; rounds: number; gapMs?: number; eventsPerIncident?: number },
): Promise<Rounds> {
  const all: Record<ServerName, Round[]> = { http: [], hono: [], keeping: [], off: [], intake: [], relay: [] }
  for (let round = 0; round < rounds; round++) {
    for (const name of NAMES) {
      const { port } = servers.of[name]
      let result: LoadResult | undefined
      const spentMs = await cpuDuring(servers.of[name], async () => {
        result = await bench.load({ kind: 'closed', port, ...order })
        await servers.settle(name)
      })
      if (result !== undefined) all[name].push({ ...result, cpuUsPerEvent: (spentMs * 1000) / result.answers })
    }
    const speeds = NAMES.map((name) => `${name} ${Math.round(all[name].at(-1)?.perSecond ?? 0)}`)
    bench.say(`${order.connections} connections, round ${round + 1} of ${rounds}, a second: ${speeds.join(', ')}`)
  }
  return all
}

function pick(rounds: readonly Round[], what: keyof Round): readonly number[] {
  return rounds.map((round) => round[what])
}
