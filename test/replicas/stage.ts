import { unleash, type Chaos, type Rates } from '../crash/chaos.ts'
import type { Random } from '../crash/random.ts'
import { createDatabase, type Database } from './database.ts'
import { createOutages, type Outages } from './outages.ts'
import { createReplica, type Replica } from './replica.ts'
import { createWorld, type World } from './world.ts'

/** Three relays at work, and all they need. */
export interface Stage {
  readonly folder: string
  readonly world: World
  readonly replicas: readonly Replica[]
  readonly database: Database
  readonly outages: Outages
  /** How the platforms answer. */
  readonly chaos: Chaos
  close(): Promise<void>
}

export interface StageOptions {
  /** The program: what was built, or a copy of it. */
  readonly main: string
  readonly folder: string
  readonly random: Random
  readonly rates: Rates
  readonly died: (detail: string) => void
}

/** By so much the clock of one relay is wrong, in either direction. */
const SKEW_MS = 10 * 60_000

/** As shells say of what an interrupt ended. */
const BROKEN_OFF = 130

/** Start everything. The relays are started together, on an empty database: they make its tables in a race. */
export async function setStage({ main, folder, random, rates, died }: StageOptions): Promise<Stage> {
  const closing: (() => Promise<void>)[] = []
  /** Also where the run is broken off: what was started must not go on without us. */
  const close = async (): Promise<void> => {
    process.off('SIGINT', breakOff).off('SIGTERM', breakOff)
    for (const one of closing.splice(0).toReversed()) await one()
  }
  const breakOff = (): void => void close().finally(() => process.exit(BROKEN_OFF))
  process.on('SIGINT', breakOff).on('SIGTERM', breakOff)
  const world = await createWorld(folder, random.chance(0.5) ? SKEW_MS : -SKEW_MS)
  closing.push(() => world.close())
  const { sandbox } = world
  const chaos = unleash(sandbox.faults, random, rates)
  const outages = createOutages()
  const database = createDatabase(world.url)
  closing.push(() => database.end())
  const replicas = world.seats.map((seat) => createReplica({ main, seat, sandbox, died }))
  closing.push(async () => void (await Promise.all(replicas.map((replica) => replica.close()))))
  await Promise.all(replicas.map(({ ready }) => ready))
  return {
    folder,
    world,
    replicas,
    database,
    outages,
    chaos,
    close,
  }
}
