import type { Outcome } from '../platform/platform.ts'

/** A first guess where the platform gave no time to wait: its servers need seconds, not milliseconds. */
const FIRST_WAIT_MS = 1_000
/** A lane is tried at least this often: a minute after the platform works again, the newest state is to be there. */
const LONGEST_WAIT_MS = 60_000
/** The longest wait of our own making after "slow down" without a time. */
const LONGEST_UNSAID_MS = 5 * 60_000
/** "Slow down" without saying how long. */
const UNSAID_LIMIT_MS = 30_000
/** Longer waits are tried before they are over: an absurd Retry-After must not freeze a channel. */
const LONGEST_SAID_WAIT_MS = 15 * 60_000
/** A wait of nothing, told by a platform that limits us, would be a hot loop. */
const SHORTEST_SAID_WAIT_MS = 1_000

/**
 * How long to wait before the next attempt, in whole ms. `attempts` counts the one that
 * just ended; `random` is in [0, 1) and spreads lanes that failed together.
 */
export function toWaitMs(outcome: Extract<Outcome, { kind: 'retry' }>, attempts: number, random: number): number {
  switch (outcome.reason) {
    case 'archived':
      return attempts > 3 ? growing(attempts, random) : 0
    case 'rate_limited':
      return toLimitWaitMs(outcome.afterMs, attempts, random)
    case 'server_error':
    case 'unreachable':
      return outcome.afterMs === undefined
        ? growing(attempts, random)
        : toLimitWaitMs(outcome.afterMs, attempts, random)
  }
}

function toLimitWaitMs(afterMs: number | undefined, attempts: number, random: number): number {
  if (afterMs === undefined || !Number.isFinite(afterMs) || afterMs < 0) {
    return Math.min(UNSAID_LIMIT_MS * 2 ** Math.min(attempts - 1, 10), LONGEST_UNSAID_MS)
  }
  const spread = Math.max(afterMs, SHORTEST_SAID_WAIT_MS) * (1 + random / 10)
  return Math.round(Math.min(spread, LONGEST_SAID_WAIT_MS))
}

function growing(attempts: number, random: number): number {
  const full = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 20), LONGEST_WAIT_MS)
  return Math.round(full * (0.75 + random / 2))
}

/** How long to leave an unclear outcome alone: the platform is in trouble, and asking or sending at once adds to it. */
export function toUnclearWaitMs(attempts: number, random: number): number {
  return growing(attempts, random)
}

/** What a circuit is open for: the channel, the account's token, or the way to the platform. */
export type Broken = 'channel_broken' | 'token_broken' | 'platform_down'

/**
 * Waits between probes: the first, doubled up to the longest.
 * A channel: at most 20 calls an hour, those that found it broken included. A token: one a minute, as everything
 * behind it waits. A platform that is down: often enough that all is shown again within a minute after it is back.
 */
const PROBES: Readonly<Record<Broken, { readonly firstMs: number; readonly longestMs: number }>> = {
  channel_broken: { firstMs: 60_000, longestMs: 240_000 },
  token_broken: { firstMs: 60_000, longestMs: 60_000 },
  platform_down: { firstMs: 2_000, longestMs: 30_000 },
}

/** How long what is broken is left alone. `failures` counts those in a row, this one included. */
export function toProbeWaitMs(broken: Broken, failures: number): number {
  const { firstMs, longestMs } = PROBES[broken]
  return Math.min(firstMs * 2 ** Math.min(failures - 1, 10), longestMs)
}

/** The longest any lane, delivery or circuit waits by itself. A wait beyond it comes from a clock that was wrong. */
export const LONGEST_OF_ALL_WAITS_MS = LONGEST_SAID_WAIT_MS
