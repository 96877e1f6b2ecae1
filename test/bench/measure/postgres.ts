import { chmodSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { openPostgres } from '../../../src/store/postgres.ts'
import { createPostgres } from '../../postgres/server.ts'
import { createLoad, type Bench } from '../bench.ts'
import { startChild, startServer } from '../child.ts'
import { compare, type Figure } from '../figure.ts'
import { claimAll, fillLanes, LANES } from '../postgres-lanes.ts'
import { keepBare, keepInStore } from '../postgres-keep.ts'
import { median } from '../stats.ts'
import { configure, startChat, startRelay } from '../world.ts'
import { bad } from './intake.ts'

const CONNECTIONS = 64
const REPLICAS = 3
/** A look is made every 10 s at the latest. */
const IDLE_MS = 20_000

/** Several replicas share a database: what it costs to keep an event there, what three bring, what a claim costs, and what idle ones ask. */
export async function measurePostgres(bench: Bench): Promise<readonly Figure[]> {
  // The server may be run by another account than ours.
  for (const folder of [dirname(bench.folder), bench.folder]) chmodSync(folder, 0o755)
  // What is acknowledged is on the disk, as in production.
  const server = await createPostgres(['fsync=on'], bench.folder)
  await server.start()
  const admin = new pg.Client({ connectionString: server.url('postgres') })
  await admin.connect()
  const create = async (name: string): Promise<string> => {
    await admin.query(`CREATE DATABASE ${name} TEMPLATE template0`)
    return server.url(name)
  }
  try {
    return [
      ...(await measureKeep(bench, await create('keep'))),
      ...(await measureReplicas(bench, await create('replicas'))),
      ...(await measureClaims(bench, create)),
      await measureIdle(bench, await create('idle')),
    ]
  } finally {
    await admin.end()
    await server.remove()
  }
}

async function measureKeep(bench: Bench, url: string): Promise<readonly Figure[]> {
  const { quick } = bench
  const { store } = await openPostgres({ url })
  const rates = { store: new Array<number>(), bare: new Array<number>() }
  for (let round = 0; round <= (quick ? 2 : 6); round++) {
    const count = quick ? 5_000 : 20_000
    const bare = await keepBare(url, round, count)
    const own = await keepInStore(store, round, count)
    // The first round warms up.
    if (round > 0) {
      rates.bare.push(bare)
      rates.store.push(own)
    }
    bench.say(`events kept a second: bare pg ${Math.round(bare)}, store ${Math.round(own)}`)
  }
  await store.close()
  return [compare('Postgres: events kept, store', 'a second', rates.store, { name: 'bare pg', values: rates.bare })]
}

async function measureReplicas(bench: Bench, url: string): Promise<readonly Figure[]> {
  const servers = await Promise.all(Array.from({ length: REPLICAS }, () => startServer('intake', url)))
  const loaders = await Promise.all(servers.map(() => startChild('loader')))
  const loads = loaders.map((loader, index) => createLoad(loader, (index + 1) * 1_000))
  const ms = bench.quick ? 1_000 : 4_000
  const one = new Array<Awaited<ReturnType<Bench['load']>>>()
  const three = new Array<Awaited<ReturnType<Bench['load']>>>()
  const rates = { one: new Array<number>(), three: new Array<number>() }
  for (let round = 0; round <= (bench.quick ? 2 : 5); round++) {
    const [server] = servers
    const [load] = loads
    if (server === undefined || load === undefined) throw new Error('no replica was started')
    const alone = await load({ kind: 'closed', port: server.port, connections: CONNECTIONS, ms })
    const together = await Promise.all(
      loads.map((each, index) =>
        each({
          kind: 'closed',
          port: servers[index]?.port ?? 0,
          connections: Math.floor(CONNECTIONS / REPLICAS),
          ms,
        }),
      ),
    )
    one.push(alone)
    three.push(...together)
    if (round === 0) continue
    rates.one.push(alone.perSecond)
    rates.three.push(together.reduce((sum, { perSecond }) => sum + perSecond, 0))
    bench.say(
      `pushes a second: one replica ${Math.round(rates.one.at(-1) ?? 0)}, three ${Math.round(rates.three.at(-1) ?? 0)}`,
    )
  }
  await Promise.all([...servers, ...loaders].map((child) => child.stop()))
  return [
    compare('Postgres: intake, three replicas', 'a second', rates.three, { name: 'one replica', values: rates.one }),
    { name: 'Postgres: one replica, p99', unit: 'ms', value: median(one.map(({ p99Ms }) => p99Ms)) },
    bad('Postgres: answers other than 200', [...one, ...three]),
  ]
}

async function measureClaims(bench: Bench, create: (name: string) => Promise<string>): Promise<readonly Figure[]> {
  const costs = new Map<number, readonly number[]>()
  for (const lanes of LANES) {
    const url = await create(`claims_${lanes}`)
    const opened = await openPostgres({ url })
    await fillLanes(url, lanes, opened.clock.now())
    await claimAll(opened, bench.quick ? 20 : 100)
    const rounds = new Array<number>()
    for (let round = 0; round < 5; round++) rounds.push(await claimAll(opened, bench.quick ? 20 : 100))
    await opened.store.close()
    bench.say(`${lanes} lanes wait: ${median(rounds).toFixed(2)} ms a claim`)
    costs.set(lanes, rounds)
  }
  const [fewest, ...more] = LANES
  const floor = { name: `of ${fewest} lanes`, values: costs.get(fewest) ?? [] }
  return more.map((lanes) =>
    compare(`Postgres: look, claim and release, of ${lanes} lanes`, 'ms', costs.get(lanes) ?? [], floor, {
      of: 'ratio',
      atMost: 1.5,
    }),
  )
}

async function measureIdle({ folder }: Bench, url: string): Promise<Figure> {
  const chat = await startChat()
  const at = join(folder, 'idle')
  configure(at, chat, 1, `{ postgres: "${url}", retention_days: 30 }`)
  const relay = await startRelay(at)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const asked = async (): Promise<number> => {
    const sql = 'SELECT xact_commit::int AS n FROM pg_stat_database WHERE datname = current_database()'
    return Number((await client.query<{ n: number }>(sql)).rows[0]?.n)
  }
  const before = await asked()
  const startedAtMs = performance.now()
  await sleep(IDLE_MS)
  const value = ((await asked()) - before) / ((performance.now() - startedAtMs) / 1_000)
  await client.end()
  await Promise.all([relay.stop(), chat.stop()])
  return {
    name: 'Postgres: transactions of an idle replica',
    unit: 'a second',
    value,
    goal: { of: 'value', atMost: 5 },
  }
}
