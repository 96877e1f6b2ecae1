import type { Units } from './words.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** A length of time in the units that count: `3 d 4 h`, `2 h`, `4 m`, `12 s`. Null for what is no number of ms. */
export function toDuration(value: unknown, units: Units): string | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return null
  const ms = Math.max(0, value)
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} ${units.second}`
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} ${units.minute}`
  if (ms < DAY_MS) return twoUnits(ms, [HOUR_MS, units.hour], [MINUTE_MS, units.minute])
  return twoUnits(ms, [DAY_MS, units.day], [HOUR_MS, units.hour])
}

function twoUnits(ms: number, [largeMs, large]: [number, string], [smallMs, small]: [number, string]): string {
  const rest = Math.floor((ms % largeMs) / smallMs)
  return `${Math.floor(ms / largeMs)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`
}
