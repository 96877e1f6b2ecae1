/** When Postgres could not be reached, by whom. Instants are of performance.now. */
export interface Outages {
  /** `seat` cannot reach it from now on; undefined: nobody can. Gives what to call when it can again. */
  begin(seat?: number): () => void
  /** Whether `seat` could not reach it at some instant from `fromMs` to `untilMs`. */
  touched(seat: number, fromMs: number, untilMs: number): boolean
  /** For how long nobody could, from `fromMs` to `untilMs`. */
  ofAllMs(fromMs: number, untilMs: number): number
}

interface Outage {
  readonly seat: number | undefined
  readonly fromMs: number
  untilMs: number
}

export function createOutages(): Outages {
  const all: Outage[] = []
  return {
    begin(seat) {
      const outage: Outage = { seat, fromMs: performance.now(), untilMs: Infinity }
      all.push(outage)
      return () => void (outage.untilMs = performance.now())
    },
    touched: (seat, fromMs, untilMs) =>
      all.some((one) => (one.seat ?? seat) === seat && one.fromMs <= untilMs && one.untilMs >= fromMs),
    ofAllMs: (fromMs, untilMs) =>
      all
        .filter(({ seat }) => seat === undefined)
        .reduce((sum, one) => sum + Math.max(0, Math.min(one.untilMs, untilMs) - Math.max(one.fromMs, fromMs)), 0),
  }
}
