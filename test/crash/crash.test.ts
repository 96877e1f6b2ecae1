import { describe, expect, it } from 'vitest'
import { crash } from './crash.ts'

/** Always the same plan, so that a new failure comes from the code. Chance is the long form's. */
const SEED = 20_261_124
/** Enough to see that the harness works and nothing is badly wrong; `npm run test:crash` is the proof. */
const SHORT = { runs: 12, failpoints: 6, eagerRounds: 0, controls: ['naive'], parallel: 2 } as const

describe('the real process, killed at random and at its awaits', () => {
  it('loses nothing and doubles nothing, and a careless one is found out', async () => {
    const said: string[] = []
    const { line, faults, unnoticed } = await crash({ ...SHORT, seed: SEED, write: (text) => said.push(text) })
    expect({ faults, unnoticed }, said.join('\n')).toEqual({ faults: 0, unnoticed: [] })
    expect(line).toMatch(/^crash: runs=12 kills=24 .* lost=0 doubled=0 out_of_order=0 /)
  }, 180_000)
})
