import { createWorld, toPush, type RelayProcess, type StartOptions, type World } from './relay.ts'

/** A world whose relays keep what they know in one database. */
export interface PostgresWorld extends World {
  readonly file: string
  /** Start one more relay, with a spool of its own; SPOOL names one that was there before. */
  up(options?: StartOptions): Promise<RelayProcess>
  /** Titles of all cards, each with how often it is there. */
  cards(): ReadonlyMap<string, number>
}

export async function createPostgresWorld(url: string, { limits = false } = {}): Promise<PostgresWorld> {
  const world = await createWorld({ limits })
  const store = '{ postgres: "${DATABASE_URL}", spool: "./${SPOOL:-spool}.db" }'
  const file = world.configure((yaml) => yaml.replace('{ sqlite: ./relay.db }', () => store))
  let count = 0
  return {
    ...world,
    file,
    up: (options = {}) =>
      world.start({ ...options, env: { DATABASE_URL: url, SPOOL: `spool-${count++}`, ...options.env } }),
    cards() {
      const { slack, discord } = world.sandbox
      const channels = [...slack.state().channels, ...discord.state().channels]
      const found = channels
        .flatMap(({ messages }): readonly object[] => messages)
        .flatMap((card) => /Disk \d+[a-z ]*/.exec(JSON.stringify(card)) ?? [])
      return new Map(found.map((title) => [title, found.filter((other) => other === title).length]))
    },
  }
}

/** What happens to a disk, of which both platforms are told. */
export function disk(index: number, state: string, eventTimeMs: number) {
  const incident = { incident_id: `i${index}`, title: `Disk ${index} ${state}` }
  return toPush(state === 'full' ? 'i_new' : 'i_ack', {
    event_id: `${state}-${index}`,
    event_time: eventTimeMs,
    incident,
  })
}

export const twiceEach = (titles: readonly string[]) => new Map(titles.map((title) => [title, 2]))

export function isSame(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...b].every(([title, count]) => a.get(title) === count)
}
