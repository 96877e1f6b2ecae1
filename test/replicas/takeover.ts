/** Something of which one process at a time has charge: a lane, an account. */
export interface Holding {
  readonly thing: string
  /** `host/pid/…`, as the relay names itself. */
  readonly owner: string
  /** What whoever goes on with it must have charge of as well. */
  readonly needs?: string
}

/** One thing that a process held when it died or stopped, and when somebody else had it, or nobody needed to. */
export interface Takeover {
  readonly thing: string
  readonly pid: number
  readonly tookMs: number
}

export interface Takeovers {
  /** A process does nothing any more: what it holds is for others to take. */
  gone(pid: number, atMs: number): void
  /** A process cannot do anything for a while: it keeps what it holds, or others take it. */
  hindered(pid: number, atMs: number): void
  /** What is held, as the database said when it was asked at `askedAtMs`. Gives what was taken over since, or is late. */
  look(askedAtMs: number, holdings: readonly Holding[]): readonly Takeover[]
  readonly all: readonly Takeover[]
}

interface Waiting extends Holding {
  readonly pid: number
  readonly sinceMs: number
}

interface Blow {
  readonly pid: number
  readonly atMs: number
  readonly isGone: boolean
}

/**
 * Measures how long what a process held waits for the next one. With a kill every few seconds the next one may go too
 * before it got so far: a lane whose account was held by that one waits for a third, and is counted from then on. Nor does
 * time count in which nobody could reach the database: there is nobody to say who holds what. `awayMs` gives how much of
 * a span that was.
 */
export function createTakeovers(awayMs: (fromMs: number, untilMs: number) => number): Takeovers {
  const all: Takeover[] = []
  let blows: Blow[] = []
  let waiting: Waiting[] = []

  return {
    all,
    gone: (pid, atMs) => void blows.push({ pid, atMs, isGone: true }),
    hindered: (pid, atMs) => void blows.push({ pid, atMs, isGone: false }),
    look(askedAtMs, holdings) {
      const ownerOf = new Map(holdings.map(({ thing, owner }) => [thing, owner]))
      const taken = waiting.filter(({ thing, owner }) => ownerOf.get(thing) !== owner)
      waiting = waiting.filter((one) => !taken.includes(one))
      for (const { pid, atMs, isGone } of blows.filter((blow) => blow.atMs <= askedAtMs)) {
        const held = holdings.filter(({ owner }) => owner.split('/')[1] === String(pid))
        const things = new Set(held.map(({ thing }) => thing))
        waiting = waiting.map((one) => (things.has(one.needs ?? '') ? { ...one, sinceMs: atMs } : one))
        if (isGone) waiting.push(...held.map((one) => ({ ...one, pid, sinceMs: atMs })))
      }
      blows = blows.filter(({ atMs }) => atMs > askedAtMs)
      const found = taken.map(({ thing, pid, sinceMs }) => ({
        thing,
        pid,
        tookMs: askedAtMs - sinceMs - awayMs(sinceMs, askedAtMs),
      }))
      all.push(...found)
      return found
    },
  }
}

/** The value below which so many of a list are, from 0 to 1; 0 of an empty one. */
export function quantile(values: readonly number[], of: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(of * sorted.length))] ?? 0
}
