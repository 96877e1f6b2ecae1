import { describe, expect, it } from 'vitest'
import { createRandom } from '../crash/random.ts'
import { SEATS, toPlan, type Trouble } from './plan.ts'

const MINUTE_MS = 60_000

function endMs(trouble: Trouble): number {
  return trouble.atMs + ('forMs' in trouble ? trouble.forMs : 0)
}

describe('the troubles of a run', () => {
  it.each([0.5, 2, 20])('are all there in %d minutes, one long one at a time, and over before the end', (minutes) => {
    const lengthMs = minutes * MINUTE_MS
    for (let seed = 0; seed < 50; seed++) {
      const plan = toPlan(lengthMs, createRandom(seed))
      expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(['kill', 'roll', 'stop', 'cut', 'restart']))
      const long = plan.filter(({ kind }) => kind !== 'kill')
      for (const [index, one] of long.entries()) {
        expect(one.atMs).toBeGreaterThan(index === 0 ? 0 : endMs(long[index - 1] ?? one))
        expect(endMs(one)).toBeLessThan(lengthMs)
      }
    }
  })

  it('kill one every five seconds, and never the one that stands still: it is to go on', () => {
    for (let seed = 0; seed < 50; seed++) {
      const plan = toPlan(20 * MINUTE_MS, createRandom(seed))
      const kills = plan.filter(({ kind }) => kind === 'kill')
      expect(kills).toHaveLength(239)
      const stops = plan.filter(({ kind }) => kind === 'stop')
      for (const stop of stops) {
        const meanwhile = kills.filter(({ atMs }) => atMs >= stop.atMs && atMs <= endMs(stop))
        expect(meanwhile.filter((kill) => 'seat' in kill && 'seat' in stop && kill.seat === stop.seat)).toEqual([])
      }
      expect(new Set(kills.map((kill) => 'seat' in kill && kill.seat)).size).toBe(SEATS)
    }
  })
})
