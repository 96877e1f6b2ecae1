/** Time, as the worker knows it. The real one is in app.ts; tests bring their own and move it by hand. */
export interface Clock {
  /** ms since 1970, as the machine believes now. */
  now(): number
  /** ms since some instant; unlike `now` it never jumps. */
  monotonic(): number
  /** Resolves at `atMs` or as soon as `signal` aborts, whichever is first; never rejects. */
  waitUntil(atMs: number, signal: AbortSignal): Promise<void>
}

/** Two clocks drift apart by less than this between two looks; more is somebody moving one of them. */
const JUMP_MS = 5_000

/** A function that tells by how much the wall clock was moved since it was last asked, ms; 0 if it was not. */
export function createJumpWatch(clock: Clock): () => number {
  let apartMs = clock.now() - clock.monotonic()
  return () => {
    const nowApartMs = clock.now() - clock.monotonic()
    const byMs = Math.round(nowApartMs - apartMs)
    apartMs = nowApartMs
    return Math.abs(byMs) < JUMP_MS ? 0 : byMs
  }
}
