import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { startServer, type Listening } from '../child.ts'
import { cpuMs } from '../usage.ts'
import { configure, judged, startChat, startRelay } from '../world.ts'

export type ServerName = 'http' | 'hono' | 'keeping' | 'off' | 'intake' | 'relay'

/**
 * - `http`    raw node:http that parses the JSON.
 * - `hono`    Hono that parses the JSON.
 * - `keeping` Hono that parses the JSON and keeps the body on disk: the least of whatever is durable.
 * - `off`     the relay's intake, its store switched off.
 * - `intake`  the relay's intake on SQLite; nothing is judged.
 * - `relay`   the real process, which also judges and delivers to both platforms.
 */
export interface Servers {
  readonly of: Readonly<Record<ServerName, Listening>>
  /** Wait until a server is done with what it was given. */
  settle(name: ServerName): Promise<void>
  stop(): Promise<void>
}

export async function startServers({ folder }: Bench): Promise<Servers> {
  const chat = await startChat()
  configure(folder, chat)
  const of = {
    http: await startServer('floor', 'raw'),
    hono: await startServer('floor', 'hono'),
    keeping: await startServer('keeping', join(folder, 'keeping.db')),
    off: await startServer('intake', 'off'),
    intake: await startServer('intake', join(folder, 'intake.db')),
    relay: await startRelay(folder),
  }
  return {
    of,
    settle: (name) => (name === 'relay' ? judged(of.relay) : Promise.resolve()),
    async stop() {
      await Promise.all([...Object.values(of), chat].map((server) => server.stop()))
    },
  }
}

/** CPU time a server spends, ms, from now until `work` is done and all it brought is settled. */
export async function cpuDuring(server: Listening, work: () => Promise<void>): Promise<number> {
  const before = cpuMs(server.pid)
  await work()
  return cpuMs(server.pid) - before
}
