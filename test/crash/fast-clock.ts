/** How many of the relay's seconds fit into one of ours: its call timeout is then a third of a second, its settling half. */
export const SPEED = 30
const EPOCH_MS = Date.now()

/** The hour it is in the relays and the sandboxes: child/clock.mjs counts the same way. */
export function fastNowMs(): number {
  return Math.floor(EPOCH_MS + (performance.timeOrigin + performance.now() - EPOCH_MS) * SPEED)
}

/** Our ms for so many of theirs. */
export function toRealMs(fastMs: number): number {
  return fastMs / SPEED
}

export const CLOCK_ENV = { CRASH_SPEED: String(SPEED), CRASH_EPOCH_MS: String(EPOCH_MS) }
