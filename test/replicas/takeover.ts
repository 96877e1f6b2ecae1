/** Something of which one process at a time has charge: a lane, an account. */
export interface Holding {
  readonly thing: string
  /** `host/pid/…`, as the relay names itself. */
  readonly owner: string
}

/** One thing that a process held when it died or stopped, and when somebody else had it, or nobody needed to. */
export interface Takeover {
  readonly thing: string
  readonly pid: number
  readonly tookMs: number
}

export interface Takeovers {
  /** A process does nothing any more. */
  gone(pid: number, atMs: number): void
  /** What is held, as the database said when it was asked at `askedAtMs`. Gives what was taken over since, or is late. */
  look(askedAtMs: number, holdings: readonly Holding[]): readonly Takeover[]
  readonly all: readonly Takeover[]
}

interface Waiting {
  readonly thing: string
  readonly owner: string
  readonly pid: number
  readonly sinceMs: number
}

/**
 * Measures how long what a process held waits for the next one. Time in which nobody could reach the database does not
 * count: there is nobody to say who holds what. `awayMs` gives how much of a span that was.
 */
export function createTakeovers(awayMs: (fromMs: number, untilMs: number) => number): Takeovers {
  const all: Takeover[] = []
  let gone: { readonly pid: number; readonly atMs: number }[] = []
  let waiting: Waiting[] = []

  return {
    all,
    gone: (pid, atMs) => void gone.push({ pid, atMs }),
    look(askedAtMs, holdings) {
      const ownerOf = new Map(holdings.map(({ thing, owner }) => [thing, owner]))
      const taken = waiting.filter(({ thing, owner }) => ownerOf.get(thing) !== owner)
      waiting = waiting.filter((one) => !taken.includes(one))
      for (const { pid, atMs } of gone.filter((one) => one.atMs <= askedAtMs)) {
        const left = holdings.filter(({ owner }) => owner.split('/')[1] === String(pid))
        waiting.push(...left.map(({ thing, owner }) => ({ thing, owner, pid, sinceMs: atMs })))
      }
      gone = gone.filter(({ atMs }) => atMs > askedAtMs)
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
