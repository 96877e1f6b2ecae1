import type { Clock } from './clock.ts'

/**
 * A flood of pushes goes first, since their sender waits 2 s and chat can wait longer: the pause it makes us take
 * between two rounds. A round judges 20 events, so some 80 a second go on being judged however long it lasts, and
 * half as many while new connections come without end.
 */
const FLOOD_PAUSE_MS = 250
/** A pause ends so soon after the flood does. */
const FLOOD_LOOK_MS = 50

/** Resolves once there is no flood, after a pause if it lasts, and at once if `signal` aborts. */
export async function giveWay(flooded: () => boolean, clock: Clock, signal: AbortSignal): Promise<void> {
  const untilMs = clock.monotonic() + FLOOD_PAUSE_MS
  while (!signal.aborted && flooded() && clock.monotonic() < untilMs)
    await clock.waitUntil(clock.now() + FLOOD_LOOK_MS, signal)
}
