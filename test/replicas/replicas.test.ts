import { describe, expect, it } from 'vitest'
import { runReplicas } from './replicas.ts'

/** Always the same plan, so that a new failure comes from the code. Chance is the long form's. */
const SEED = 20_261_124
/**
 * Every trouble once, and a kill every 5 s: enough to see that the harness works and nothing is badly wrong;
 * `npm run test:replicas` is the proof. That a lane is taken over in time is not for a machine that runs other tests too.
 */
const SHORT = { lengthMs: 26_000, controls: ['unfenced'], longestTakeoverMs: 60_000 } as const

describe('three relays on one Postgres, each of which goes now and then', () => {
  it('lose nothing and double nothing, and careless ones are found out', async () => {
    const said: string[] = []
    const { line, faults, unnoticed } = await runReplicas({ ...SHORT, seed: SEED, write: (text) => said.push(text) })
    expect({ faults, unnoticed }, said.join('\n')).toEqual({ faults: 0, unnoticed: [] })
    expect(line).toMatch(/^replicas: .* kills=5 stops=1 restarts=1 cuts=1 .* lost=0 doubled=0 out_of_order=0 /)
  }, 300_000)
})
