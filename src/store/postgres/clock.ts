/**
 * The server's clock, as far as it can be known from here: all replicas go by it, so that one whose own clock is wrong
 * neither takes lanes that others hold nor waits for what is due. Between two looks it is carried on by this machine's
 * monotonic clock, which nobody sets.
 */
export interface ServerClock {
  /** ms since 1970 on the server, now. */
  readonly now: () => number
  /** Look at the server's clock. Rejects if it cannot be asked; then the last look holds. */
  look(): Promise<void>
}

export const SERVER_TIME = 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms'

export function createServerClock(ask: () => Promise<number>): ServerClock {
  let offsetMs = 0
  let withinMs = Infinity
  return {
    now: () => Math.round(performance.now() + offsetMs),
    async look() {
      const askedAtMs = performance.now()
      const serverMs = await ask()
      const answeredAtMs = performance.now()
      const halfMs = (answeredAtMs - askedAtMs) / 2
      const seenMs = serverMs - (askedAtMs + halfMs)
      // A slow answer tells less than an earlier quick one, unless it contradicts it.
      if (halfMs > withinMs * 2 && Math.abs(seenMs - offsetMs) <= halfMs) return
      offsetMs = seenMs
      withinMs = halfMs
    },
  }
}
