import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fastNowMs } from '../crash/fast-clock.ts'
import { freePort, toYaml } from '../crash/world.ts'
import { createProxy, type Proxy } from '../postgres/proxy.ts'
import { createPostgres, type Server } from '../postgres/server.ts'
import { createHttpApp } from '../../src/http.ts'
import { startHttp } from '../../src/http-server.ts'
import { createLog } from '../../src/ops/log.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { createSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { SEATS } from './plan.ts'

/** Where a relay keeps what Postgres does not take. */
const STORE = '{ postgres: "${DATABASE_URL}", spool: ./spool.db }'

/** What one relay has to itself, whichever process it is: an address, a folder, a way to Postgres, a clock. */
export interface Seat {
  readonly index: number
  readonly folder: string
  /** Where it listens. */
  readonly port: number
  readonly proxy: Proxy
  readonly env: Readonly<Record<string, string>>
}

/** One Postgres, one Slack, one Discord, and room for some relays. */
export interface World {
  readonly server: Server
  /** The database, by no proxy. */
  readonly url: string
  readonly sandbox: Sandbox
  readonly seats: readonly Seat[]
  close(): Promise<void>
}

/** The clock of the last seat is off by so much. */
const SKEW = 'const now = Date.now\nDate.now = () => now() + Number(process.env.SKEW_MS)\n'

export async function createWorld(folder: string, skewMs: number): Promise<World> {
  mkdirSync(folder, { recursive: true })
  const server = await createPostgres()
  await server.start()
  // Slack promises nothing of the kind, and the nonce of Discord is trouble enough.
  const sandbox = createSandbox({ nowMs: fastNowMs, limits: false, deduplicates: false })
  const log = createLog({ level: 'silent', secrets: () => [] })
  const app = createHttpApp({ webhook: sandbox.app, metrics: createMetrics(), log, readiness: () => [] })
  const http = await startHttp(app, { host: '127.0.0.1', port: 0, log })
  const url = server.url('postgres')
  const preload = join(folder, 'skew.mjs')
  writeFileSync(preload, SKEW)
  const seats = await Promise.all(Array.from({ length: SEATS }, (_, index) => createSeat(index)))

  async function createSeat(index: number): Promise<Seat> {
    const own = join(folder, `relay-${index}`)
    mkdirSync(own)
    writeFileSync(join(own, 'config.yaml'), toYaml(sandbox, `http://127.0.0.1:${http.port}`, STORE))
    const proxy = await createProxy(url, { records: false })
    const isSkewed = index === SEATS - 1
    const skewed = { NODE_OPTIONS: `--import ${pathToFileURL(preload).href}`, SKEW_MS: String(skewMs) }
    const env = { DATABASE_URL: proxy.url, ...(isSkewed && skewed) }
    return { index, folder: own, port: await freePort(), proxy, env }
  }

  return {
    server,
    url,
    sandbox,
    seats,
    async close() {
      await Promise.all(seats.map(({ proxy }) => proxy.close()))
      await http.close(0)
      await server.remove()
    },
  }
}
