import { describe, expect, it } from 'vitest'
import type { LaneKey } from '../../src/store/lane.ts'
import type { Store } from '../../src/store/store.ts'
import { cards, createBench, only, toldIn } from './worker.ts'
import type { TestClock } from './test-clock.ts'

const LEASE_MS = 30_000
const MINUTE_MS = 60_000

/**
 * A worker that stands still for a while after the store did something, as a process or a machine may at any instruction;
 * meanwhile another one takes the lane, whose lease is over, and is gone before it did anything.
 */
function standStill(forMs: number) {
  let after: 'claim' | 'intent' | undefined
  const through = (store: Store, clock: TestClock): Store => {
    async function stand(lane: LaneKey): Promise<void> {
      after = undefined
      clock.moveTo(clock.nowMs + forMs)
      await store.claim({ lane, owner: 'other', nowMs: clock.nowMs, leaseUntilMs: clock.nowMs + LEASE_MS })
    }
    return {
      ...store,
      async claim(request) {
        const work = await store.claim(request)
        if (after === 'claim') await stand(request.lane)
        return work
      },
      async save(patch) {
        const work = await store.save(patch)
        if (after === 'intent' && patch.deliveries?.[0]?.state === 'sending') await stand(patch.lane)
        return work
      },
    }
  }
  return { through, strikeAfter: (step: typeof after) => (after = step) }
}

describe('a worker that stands still until its lane is another’s', () => {
  it.each([
    ['the claim of a lane', 'claim', ['edit', 'reply', 'find']],
    ['the intent of a reply', 'intent', ['reply', 'find']],
  ] as const)('makes no call when it goes on after %s', async (_, step, held) => {
    const still = standStill(LEASE_MS)
    const bench = await createBench({ routes: [only('slack')], through: still.through })
    const made = () =>
      bench.attempts.map(({ operation }) => operation).filter((one) => held.some((what) => what === one))
    await bench.accept('i_new')
    await bench.run(MINUTE_MS)
    still.strikeAfter(step)
    await bench.accept('i_ack', { progress: 'Processing' })
    await bench.run(0)
    expect(made()).toEqual([])
    await bench.run(3 * MINUTE_MS)
    expect(made()).toContain('reply')
    expect(cards(bench, 'slack').map(({ thread }) => thread?.length)).toEqual([1])
    expect(bench.warnings).toEqual([])
  })

  it('makes no call when it goes on after the claim of a new card, and the card is there once', async () => {
    const still = standStill(LEASE_MS)
    const bench = await createBench({ routes: [only('slack')], through: still.through })
    still.strikeAfter('claim')
    await bench.accept('i_new')
    await bench.run(0)
    expect(bench.attempts).toEqual([])
    await bench.run(3 * MINUTE_MS)
    expect(cards(bench, 'slack')).toHaveLength(1)
  })

  it('calls as if nothing had been while there is time for it', async () => {
    const still = standStill(LEASE_MS - 12_000)
    const bench = await createBench({ routes: [only('slack')], through: still.through })
    still.strikeAfter('claim')
    await bench.accept('i_new')
    await bench.run(0)
    expect(bench.attempts.map(({ operation, attempt, outcome }) => [operation, attempt, outcome])).toEqual([
      ['card', 1, 'sent'],
    ])
  })

  it('owes as before what it could not send in time, and does not count it as tried', async () => {
    const still = standStill(LEASE_MS - 10_000)
    const bench = await createBench({ routes: [only('slack')], through: still.through })
    still.strikeAfter('claim')
    await bench.accept('i_new')
    await bench.run(0)
    expect(bench.attempts.map(({ operation, attempt, outcome }) => [operation, attempt, outcome])).toEqual([
      ['card', 1, 'sent'],
    ])
    still.strikeAfter('intent')
    await bench.accept('i_ack', { progress: 'Processing' })
    await bench.run(MINUTE_MS)
    expect(bench.attempts.filter(({ attempt }) => attempt > 1)).toEqual([])
    expect(toldIn(bench, 'slack')).toMatch(/acknowledged/i)
    expect(bench.warnings).toEqual([])
  })
})
