import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Pace, type Subject } from '../../../src/delivery/pace.ts'

const perChannel = { kind: 'window', scope: 'channel', name: 'post', count: 2, perMs: 1_000 } as const
const perAccount = { kind: 'window', scope: 'account', name: 'post', count: 3, perMs: 1_000 } as const

describe('pace', () => {
  it('lets calls through until a budget is spent, then says when the next one fits', () => {
    const pace = new Pace()
    const a = subject('a')
    expect(pace.readyAtMs(a, 0)).toBe(0)
    pace.take(a, 0)
    pace.take(a, 100)
    expect(pace.readyAtMs(a, 200)).toBe(1_000)
    expect(pace.readyAtMs(a, 1_000)).toBe(1_000)
    pace.take(a, 1_000)
    expect(pace.readyAtMs(a, 1_001)).toBe(1_100)
  })

  it('counts channels apart and their account together', () => {
    const pace = new Pace()
    pace.take(subject('a'), 0)
    pace.take(subject('a'), 0)
    expect(pace.readyAtMs(subject('b'), 0)).toBe(0)
    pace.take(subject('b'), 0)
    expect(pace.readyAtMs(subject('c'), 0)).toBe(1_000)
    expect(pace.readyAtMs(subject('a', 'other'), 0)).toBe(0)
  })

  it('holds what the platform asked to slow down, and nothing else', () => {
    const pace = new Pace()
    pace.hold(subject('a'), 5_000)
    pace.hold(subject('a'), 3_000)
    expect(pace.readyAtMs(subject('a'), 0)).toBe(5_000)
    expect(pace.readyAtMs(subject('b'), 0)).toBe(0)
    expect(pace.readyAtMs(subject('a'), 6_000)).toBe(6_000)
  })

  it('refills a call at a time where a budget does', () => {
    const pace = new Pace()
    const drip = {
      account: 'acme',
      channel: 'a',
      budgets: [{ kind: 'refill', scope: 'channel', name: 'post', count: 3, perMs: 1_000 }],
    } as const
    const taken: number[] = []
    for (let nowMs = 0; nowMs <= 10_000; nowMs += 100) {
      if (pace.readyAtMs(drip, nowMs) > nowMs) continue
      pace.take(drip, nowMs)
      taken.push(nowMs)
    }
    expect(taken.slice(0, 6)).toEqual([0, 100, 200, 1_000, 2_000, 3_000])
    pace.take(drip, 86_400_000)
    expect(pace.readyAtMs(drip, 20_000)).toBeLessThanOrEqual(23_000)
  })

  it('moves along with the clock', () => {
    const pace = new Pace()
    pace.hold(subject('a'), 5_000)
    pace.take(subject('b'), 0)
    pace.take(subject('b'), 0)
    pace.shift(-86_400_000)
    expect(pace.readyAtMs(subject('a'), -86_400_000)).toBe(5_000 - 86_400_000)
    expect(pace.readyAtMs(subject('b'), -86_400_000)).toBe(1_000 - 86_400_000)
  })

  it('forgets calls dated in the future when the clock was set back', () => {
    const pace = new Pace()
    pace.take(subject('a'), 86_400_000)
    pace.take(subject('a'), 86_400_000)
    expect(pace.readyAtMs(subject('a'), 0)).toBe(0)
  })

  it('never lets more through than a budget holds, whatever the rhythm', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(700), { maxLength: 60 }), (pauses) => {
        const pace = new Pace()
        const taken: number[] = []
        let nowMs = 0
        for (const pause of pauses) {
          nowMs += pause
          if (pace.readyAtMs(subject('a'), nowMs) > nowMs) continue
          pace.take(subject('a'), nowMs)
          taken.push(nowMs)
        }
        for (const at of taken) {
          expect(taken.filter((other) => other >= at && other < at + 1_000).length).toBeLessThanOrEqual(
            perChannel.count,
          )
        }
      }),
    )
  })
})

function subject(channel: string, account = 'acme'): Subject {
  return { account, channel, budgets: [perChannel, perAccount] }
}
