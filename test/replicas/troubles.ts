import { pause } from '../crash/relay.ts'
import type { Server } from '../postgres/server.ts'
import type { Outages } from './outages.ts'
import type { Trouble } from './plan.ts'
import type { Replica } from './replica.ts'

export interface TroublesOptions {
  readonly server: Server
  readonly replicas: readonly Replica[]
  readonly outages: Outages
  /** Told of what is done, as it is done. */
  readonly note: (line: string) => void
  /** A process does nothing from now on, or cannot for a while. */
  readonly gone: (pid: number) => void
  readonly hindered: (pid: number) => void
}

/** Let everything of a plan happen at its time. Resolves when all of it is over, and everything is there again. */
export async function makeTrouble(plan: readonly Trouble[], options: TroublesOptions): Promise<void> {
  const startedAtMs = performance.now()
  const underWay: Promise<void>[] = []
  for (const trouble of plan) {
    await pause(Math.max(0, trouble.atMs - (performance.now() - startedAtMs)))
    underWay.push(happen(trouble, options))
  }
  await Promise.all(underWay)
}

async function happen(
  trouble: Trouble,
  { server, replicas, outages, note, gone, hindered }: TroublesOptions,
): Promise<void> {
  const replica = 'seat' in trouble ? replicas[trouble.seat] : undefined
  const who = replica === undefined ? 'Postgres' : `relay ${replica.seat.index} (process ${replica.pid})`
  switch (trouble.kind) {
    case 'kill': {
      note(`${who} is killed`)
      if (replica !== undefined) gone(replica.pid)
      return replica?.kill()
    }
    case 'roll':
      note(`${who} is asked to end`)
      await replica?.roll()
      return note(`${who} has ended`)
    case 'stop':
      note(`${who} stands still for ${trouble.forMs} ms`)
      replica?.stop()
      if (replica !== undefined) gone(replica.pid)
      await pause(trouble.forMs)
      replica?.goOn()
      return note(`${who} goes on`)
    case 'cut': {
      note(`${who} is cut off for ${trouble.forMs} ms`)
      const end = outages.begin(trouble.seat)
      replica?.seat.proxy.hang()
      if (replica !== undefined) hindered(replica.pid)
      await pause(trouble.forMs)
      replica?.seat.proxy.goOn()
      end()
      return note(`${who} can be reached again`)
    }
    case 'restart': {
      note(`${who} ends (${trouble.how}) for ${trouble.forMs} ms`)
      const end = outages.begin()
      await server.stop(trouble.how)
      await pause(trouble.forMs)
      await server.start()
      end()
      return note(`${who} is back`)
    }
  }
}
