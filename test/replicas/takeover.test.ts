import { describe, expect, it } from 'vitest'
import { createTakeovers } from './takeover.ts'

const held = (thing: string, pid: number) => ({ thing, owner: `host/${pid}/some-name` })

describe('how long what a process held waits for the next one', () => {
  it('is counted from when it was gone until another has it, or nobody needs to', () => {
    const takeovers = createTakeovers(() => 0)
    takeovers.gone(7, 1_000)
    expect(takeovers.look(1_100, [held('a', 7), held('b', 7), held('c', 8)])).toEqual([])
    expect(takeovers.look(3_000, [held('a', 9), held('b', 7), held('c', 8)])).toEqual([
      { thing: 'a', pid: 7, tookMs: 2_000 },
    ])
    expect(takeovers.look(5_000, [])).toEqual([{ thing: 'b', pid: 7, tookMs: 4_000 }])
    expect(takeovers.all).toHaveLength(2)
  })

  it('is counted anew when the one goes, or can do nothing, that would have gone on', () => {
    const lane = (pid: number) => ({ ...held('lane', pid), needs: 'account' })
    const takeovers = createTakeovers(() => 0)
    takeovers.gone(7, 1_000)
    takeovers.look(1_100, [lane(7), held('account', 8), held('other account', 9)])
    takeovers.gone(8, 2_000)
    takeovers.look(2_100, [lane(7), held('account', 8), held('other account', 9)])
    takeovers.hindered(9, 3_000)
    takeovers.look(3_100, [lane(7), held('account', 8), held('other account', 9)])
    expect(takeovers.look(5_000, [lane(9), held('account', 9), held('other account', 9)])).toEqual([
      { thing: 'lane', pid: 7, tookMs: 3_000 },
      { thing: 'account', pid: 8, tookMs: 3_000 },
    ])
  })

  it('leaves out what it let go before, and the time in which nobody could take anything', () => {
    const takeovers = createTakeovers((fromMs, untilMs) => (fromMs === 1_000 && untilMs === 9_000 ? 5_000 : 0))
    takeovers.gone(7, 1_000)
    // Asked before it was gone: what it held then, it may have let go since.
    expect(takeovers.look(900, [held('early', 7)])).toEqual([])
    expect(takeovers.look(1_200, [held('a', 7)])).toEqual([])
    expect(takeovers.look(9_000, [])).toEqual([{ thing: 'a', pid: 7, tookMs: 3_000 }])
  })
})
