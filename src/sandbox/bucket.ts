/**
 * - `sliding`  at most `count` calls in any `perMs`.
 * - `window`   at most `count` calls in a window of `perMs` that starts with its first call.
 * - `refill`   `count` calls at once, and one more every `perMs`.
 */
export interface Rate {
  readonly kind: 'sliding' | 'window' | 'refill'
  readonly count: number
  readonly perMs: number
}

/** One bucket a call draws from. */
export interface Draw {
  readonly key: string
  readonly rate: Rate
}

/** What is left after a call, of the bucket that has least. */
export interface Drawn {
  readonly allowed: boolean
  readonly limit: number
  readonly remaining: number
  /** How long until a call is possible; 0 if one is possible now. */
  readonly retryAfterMs: number
  /** How long until the bucket is as new. */
  readonly resetAfterMs: number
}

/** Rate limits of a sandbox platform. Time comes from the caller and never goes back. */
export class Buckets {
  /** When each call that still counts was made, oldest first, by bucket. */
  readonly #calls = new Map<string, readonly number[]>()

  /** Draw one call from each bucket, or from none if one of them is empty: a refused call costs nothing. */
  take(draws: readonly Draw[], nowMs: number): Drawn {
    const before = draws.map((draw) => this.#look(draw, nowMs))
    const empty = before.filter(({ remaining }) => remaining === 0)
    if (empty.length > 0) {
      const worst = empty.reduce((a, b) => (b.retryAfterMs > a.retryAfterMs ? b : a))
      return { ...worst, allowed: false }
    }
    for (const { key, rate } of draws) {
      const counting = stillCounting(rate, this.#calls.get(key) ?? [], nowMs)
      this.#calls.set(key, [...counting, startOfCost(rate, counting, nowMs)])
    }
    const after = draws.map((draw) => this.#look(draw, nowMs))
    return after.reduce((a, b) => (b.remaining < a.remaining ? b : a), UNLIMITED)
  }

  #look({ key, rate }: Draw, nowMs: number): Drawn {
    const counting = stillCounting(rate, this.#calls.get(key) ?? [], nowMs)
    const first = counting[0] ?? nowMs
    const last = counting.at(-1) ?? nowMs
    const remaining = Math.max(0, rate.count - counting.length)
    return {
      allowed: true,
      limit: rate.count,
      remaining,
      retryAfterMs: remaining > 0 ? 0 : first + rate.perMs - nowMs,
      resetAfterMs: counting.length === 0 ? 0 : (rate.kind === 'window' ? first : last) + rate.perMs - nowMs,
    }
  }
}

const UNLIMITED: Drawn = { allowed: true, limit: Infinity, remaining: Infinity, retryAfterMs: 0, resetAfterMs: 0 }

function stillCounting({ kind, perMs }: Rate, calls: readonly number[], nowMs: number): readonly number[] {
  if (kind === 'window') return (calls[0] ?? -Infinity) + perMs > nowMs ? calls : []
  return calls.filter((at) => at + perMs > nowMs)
}

/** A refilling bucket pays its calls back one after another, so each starts to count when the one before is paid. */
function startOfCost({ kind, perMs }: Rate, counting: readonly number[], nowMs: number): number {
  return kind === 'refill' ? Math.max(nowMs, (counting.at(-1) ?? -Infinity) + perMs) : nowMs
}
