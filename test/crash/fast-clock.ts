/**
 * How many of the relay's seconds fit into one of ours on a machine with nothing else to do: its call timeout is then a
 * third of a second, its settling half of one, and a call on loopback still takes no time.
 */
const FASTEST = 30
/** What a start of the process takes there, ms. */
const QUICK_START_MS = 1_000
/** Slower than this nobody would wait for. */
const SLOWEST = 4

const EPOCH_MS = Date.now()
let speed = FASTEST

/**
 * Go as fast as this machine can follow, given how long a start of the process took: what takes it no time must take the
 * relay's clock next to none. To be called before anything asks for the time.
 */
export function setSpeed(startMs: number): number {
  speed = Math.round(Math.min(FASTEST, Math.max(SLOWEST, (FASTEST * QUICK_START_MS) / startMs)))
  return speed
}

/** Go as fast as the world does: a server that is no process of ours cannot be told to hurry. */
export function keepRealTime(): void {
  speed = 1
}

/** The hour it is in the relays and the sandboxes: child/clock.mjs counts the same way. */
export function fastNowMs(): number {
  return Math.floor(EPOCH_MS + (performance.timeOrigin + performance.now() - EPOCH_MS) * speed)
}

/** Our ms for so many of theirs. */
export function toRealMs(fastMs: number): number {
  return fastMs / speed
}

/** What child/clock.mjs must know. */
export function toClockEnv(): Readonly<Record<string, string>> {
  return { CRASH_SPEED: String(speed), CRASH_EPOCH_MS: String(EPOCH_MS) }
}
