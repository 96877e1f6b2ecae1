import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toProbeWaitMs, toWaitMs } from '../../../src/delivery/backoff.ts'
import type { RetryReason } from '../../../src/platform/platform.ts'

describe('the wait before the next attempt', () => {
  it.each<[string, RetryReason, number | undefined, number, number]>([
    ['as long as the platform said', 'rate_limited', 7_000, 1, 7_000],
    ['never nothing at all', 'rate_limited', 0, 1, 1_000],
    ['30 s if it did not say', 'rate_limited', undefined, 1, 30_000],
    ['longer if it still does not say', 'rate_limited', undefined, 2, 60_000],
    ['but no more than 5 min', 'rate_limited', undefined, 40, 300_000],
    ['no more than 15 min of what it said', 'rate_limited', 1e12, 1, 900_000],
    ['30 s for a negative wait', 'rate_limited', -5, 1, 30_000],
    ['30 s for what is no number', 'rate_limited', Number.NaN, 1, 30_000],
    ['a second or so after a server error', 'server_error', undefined, 1, 750],
    ['doubled each time', 'server_error', undefined, 4, 6_000],
    ['up to a minute', 'unreachable', undefined, 1_000, 45_000],
    ['none once a thread was re-opened', 'archived', undefined, 1, 0],
    ['some if it does not stay open', 'archived', undefined, 5, 12_000],
  ])('%s', (_, reason, afterMs, attempts, waitMs) => {
    const outcome = { kind: 'retry', reason, detail: '', ...(afterMs !== undefined && { afterMs }) } as const
    expect(toWaitMs(outcome, attempts, 0)).toBe(waitMs)
  })

  it('differs between lanes that failed together', () => {
    const outcome = { kind: 'retry', reason: 'server_error', detail: '' } as const
    expect(toWaitMs(outcome, 3, 0)).toBeLessThan(toWaitMs(outcome, 3, 0.99))
  })

  it('is always a whole number of ms, which the store insists on', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<RetryReason>('rate_limited', 'server_error', 'unreachable', 'archived'),
        fc.option(fc.double(), { nil: undefined }),
        fc.integer({ min: 1, max: 5_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (reason, afterMs, attempts, random) => {
          const outcome = { kind: 'retry', reason, detail: '', ...(afterMs !== undefined && { afterMs }) } as const
          const waitMs = toWaitMs(outcome, attempts, random)
          expect(Number.isSafeInteger(waitMs) && waitMs >= 0 && waitMs <= 900_000).toBe(true)
        },
      ),
    )
  })

  it('knocks on a broken channel less and less often: at most 20 times in its first hour', () => {
    let [elapsedMs, probes] = [0, 0]
    while (elapsedMs < 3_600_000) elapsedMs += toProbeWaitMs('channel_broken', ++probes)
    expect(probes).toBeLessThanOrEqual(20)
    expect(toProbeWaitMs('channel_broken', 500)).toBe(240_000)
    expect(toProbeWaitMs('platform_down', 500)).toBe(30_000)
    expect(toProbeWaitMs('token_broken', 500)).toBe(60_000)
  })
})
