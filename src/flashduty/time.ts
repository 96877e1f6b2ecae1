import { MAX_AHEAD_MS } from '../incident/sequence.ts'

/** The last instant a Date can hold. */
const LAST_INSTANT_MS = 8.64e15

/**
 * An instant of the source, in ms, whatever unit it is in: seconds up to 1e11
 * (the year 5138), then ms, µs, ns. 0, negative and unreadable ones are
 * undefined. Digits in a string count as a number.
 */
export function toTimeMs(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,20}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !(number > 0) || !Number.isFinite(number)) return undefined
  const ms = Math.round(
    number < 1e11 ? number * 1e3 : number < 1e14 ? number : number < 1e17 ? number / 1e3 : number / 1e6,
  )
  return ms > 0 && ms <= LAST_INSTANT_MS ? ms : undefined
}

/**
 * The instant an event is ordered by, ms: the source's, but no later than five
 * minutes after we received it, so that one wrong clock cannot make all later
 * events stale. Without a time of the source, when we received it.
 */
export function effectiveTimeMs(timeMs: number | undefined, receivedAtMs: number): number {
  return timeMs === undefined ? receivedAtMs : Math.min(timeMs, receivedAtMs + MAX_AHEAD_MS)
}

/** Wrong clocks of machines are seldom off by more; a source's is not to be believed for longer. */
const MAX_BEHIND_MS = 3_600_000

/**
 * When an event was received, ms, by a clock that may be behind: no earlier than it happened by the source's, within an
 * hour. Else what one relay received by such a clock would seem older than what others did before.
 */
export function receivedTimeMs(timeMs: number | undefined, nowMs: number): number {
  return timeMs === undefined ? nowMs : Math.max(nowMs, Math.min(timeMs, nowMs + MAX_BEHIND_MS))
}
