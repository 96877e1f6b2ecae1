import type { Death } from './group.ts'
import type { Random } from './random.ts'

/** So many deaths share a database before it is looked at: enough for doubt to pile up, few enough to find out what was wrong. */
const DEATHS_PER_GROUP = 15

/** Few share a database: much is done only where little is in it. */
const EAGER_DEATHS = 4

/** Deaths at random moments: some while the process starts, most soon after, some when it has settled old doubts. */
export function randomDeaths(count: number, random: Random): readonly Death[] {
  return Array.from({ length: count }, () => {
    if (random.chance(0.15)) return { by: 'chance', since: 'start', afterMs: random.between(0, 15_000) }
    const [from, to] = random.chance(0.6)
      ? ([0, 9_000] as const)
      : random.chance(0.75)
        ? ([9_000, 30_000] as const)
        : ([30_000, 75_000] as const)
    return { by: 'chance', since: 'ready', afterMs: random.between(from, to) }
  })
}

/** Deaths late enough for a doubt to come up and be settled in one life: where carelessness shows. */
export function lateDeaths(count: number, random: Random): readonly Death[] {
  return Array.from({ length: count }, () => ({
    by: 'chance',
    since: 'ready',
    afterMs: random.between(20_000, 75_000),
  }))
}

/** A death at every point: the first time it is passed, and a later time. */
export function pointDeaths(points: readonly string[], random: Random): readonly Death[] {
  const first = points.map((point): Death => ({ by: 'point', point, hit: 1 }))
  const later = points.map((point): Death => ({ by: 'point', point, hit: random.between(2, 6) }))
  return [...first, ...later]
}

export function toGroups(deaths: readonly Death[], most = DEATHS_PER_GROUP): readonly (readonly Death[])[] {
  const count = Math.ceil(deaths.length / most)
  const size = Math.ceil(deaths.length / Math.max(1, count))
  return Array.from({ length: count }, (_, at) => deaths.slice(at * size, (at + 1) * size))
}

/** Points that only a new database passes: each gets the first death of a group. */
const FRESH = /:migrate#/

const isFresh = (death: Death): boolean => death.by === 'point' && FRESH.test(death.point)

export function toPointGroups(deaths: readonly Death[]): readonly (readonly Death[])[] {
  const fresh = deaths.filter(isFresh)
  const groups = toGroups(deaths.filter((death) => !isFresh(death)))
  const led = groups.map((group, at) => [...fresh.slice(at, at + 1), ...group])
  return [...led, ...fresh.slice(groups.length).map((death) => [death])]
}

/** Deaths at points that are hard to come by, each time in other company. */
export function toEagerGroups(points: readonly string[], random: Random): readonly (readonly Death[])[] {
  const shuffled = points.map((point) => ({ point, place: random.next() })).toSorted((a, b) => a.place - b.place)
  const deaths = shuffled.map(({ point }): Death => ({ by: 'point', point, hit: 1 }))
  const fresh = deaths.filter(isFresh)
  const others = deaths.filter((death) => !isFresh(death))
  return [...toGroups(others, EAGER_DEATHS), ...fresh.map((death) => [death])]
}

/** So many of a list, spread over all of it. */
export function sample<T>(list: readonly T[], count: number, random: Random): readonly T[] {
  if (count >= list.length) return list
  const offset = random.next()
  return Array.from({ length: count }, (_, at) => list[Math.floor(((at + offset) * list.length) / count)]).filter(
    (item) => item !== undefined,
  )
}
