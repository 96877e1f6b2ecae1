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

  it('is gone on with by another, to whom only what still counts is told', () => {
    const [first, second] = [new Pace(), new Pace()]
    const drip = { kind: 'refill', scope: 'channel', name: 'drip', count: 3, perMs: 1_000 } as const
    const both = { account: 'acme', channel: 'a', budgets: [perChannel, perAccount, drip] }
    first.take(both, 0)
    first.take(both, 5_000)
    first.take(both, 5_100)
    first.take(subject('a', 'acme too'), 5_100)
    const spent = first.spent('acme', 5_200)
    expect(Object.values(spent.calls)).toEqual([
      [5_000, 5_100],
      [5_000, 5_100],
    ])
    second.takeOver(JSON.parse(JSON.stringify(spent)))
    for (const one of [both, subject('a'), subject('b')])
      for (const nowMs of [5_200, 5_500, 6_000]) expect(second.readyAtMs(one, nowMs)).toBe(first.readyAtMs(one, nowMs))
    first.forget('acme')
    expect(first.readyAtMs(both, 5_200)).toBe(5_200)
    expect(Object.keys(first.spent('acme too', 5_200).calls)).toHaveLength(2)
  })

  it('keeps the budgets of an account that goes from one to another between any two calls', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(700), fc.boolean()), { maxLength: 60 }), (pauses) => {
        let pace = new Pace()
        const taken: number[] = []
        let nowMs = 0
        for (const [pause, goesOver] of pauses) {
          nowMs += pause
          if (goesOver) {
            const spent = pace.spent('acme', nowMs)
            pace = new Pace()
            pace.takeOver(spent)
          }
          if (pace.readyAtMs(subject('a'), nowMs) > nowMs) continue
          pace.take(subject('a'), nowMs)
          taken.push(nowMs)
        }
        for (const at of taken)
          expect(taken.filter((other) => other >= at && other < at + 1_000).length).toBeLessThanOrEqual(
            perChannel.count,
          )
      }),
    )
  })

  it('counts a call as of when it was made, and in a channel as of when it was answered', () => {
    const pace = new Pace()
    const a = subject('a')
    pace.take(a, 0)
    pace.take(a, 0)
    // What was to be on disk first took its time.
    pace.made(a, 400)
    pace.made(a, 500)
    expect(pace.readyAtMs(a, 600)).toBe(1_400)
    pace.answered(a, 700)
    expect(pace.readyAtMs(a, 800)).toBe(1_500)
    pace.answered(a, 900)
    expect(pace.readyAtMs(a, 1_000)).toBe(1_700)
    expect(pace.readyAtMs(subject('b'), 1_000)).toBe(1_000)
    pace.take(subject('b'), 1_000)
    expect(pace.readyAtMs(subject('c'), 1_000)).toBe(1_400)
    // One that was never made counts as of when it was to be, and no longer.
    pace.take(a, 3_000)
    pace.take(a, 3_000)
    pace.made(a, 3_100)
    expect(pace.readyAtMs(a, 3_200)).toBe(4_000)
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
