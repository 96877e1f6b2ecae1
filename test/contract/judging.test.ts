import { describe, expect, it } from 'vitest'
import { StoreError } from '../../src/store/error.ts'
import type { AppliedPlan, Store } from '../../src/store/store.ts'
import { cards, createBench, only, toldIn, type Bench } from './worker.ts'

const SECOND_MS = 1_000
type Apply = Store['apply']

/** A relay whose worker finds events only once `open` is called, and whose plans go through `apply`. */
async function createHeldBench(apply: (real: Apply) => Apply = (real) => real) {
  let isOpen = false
  const calls: (readonly string[])[] = []
  const bench = await createBench({
    routes: [only('slack')],
    through(store) {
      const through = apply((plans) => store.apply(plans))
      return {
        ...store,
        unapplied: async (query) => (isOpen ? store.unapplied(query) : []),
        apply(plans) {
          calls.push(plans.map(({ eventId }) => eventId))
          return through(plans)
        },
      }
    },
  })
  return { bench, calls, open: () => (isOpen = true) }
}

/** One new incident and three changes of its title. */
async function tell(bench: Bench, incident = 'inc-1'): Promise<void> {
  const names = [1, 2, 3, 4].map((number) => `${incident} title ${number}.`)
  for (const [index, title] of names.entries()) {
    const type = index === 0 ? 'i_new' : 'i_r_title'
    await bench.accept(type, { incident_id: incident, title }, { id: `${incident}-${index + 1}` })
  }
}

/** Of one incident: the newest title in the card, and each change once in the thread, in order. */
function expectTold(bench: Bench, incident = 'inc-1'): void {
  const card = cards(bench, 'slack').find((one) => JSON.stringify(one).includes(`${incident} title`))
  const { thread, ...shown } = card ?? { thread: [] }
  expect(JSON.stringify(shown)).toContain(`${incident} title 4.`)
  const told = JSON.stringify(thread.map((reply) => ('blocks' in reply ? reply.blocks : [])))
  const changes = [...told.matchAll(/title (\d)\./g)].map(([, number]) => number)
  expect(changes.join('')).toMatch(/^1+2+3+4+$|^122334$/)
}

describe('events of one incident that wait together', () => {
  it('are judged with one commit and shown as one card, each told of in order', async () => {
    const { bench, calls, open } = await createHeldBench()
    await tell(bench)
    open()
    await bench.run(10 * SECOND_MS)
    expect(calls).toEqual([['inc-1-1', 'inc-1-2', 'inc-1-3', 'inc-1-4']])
    expect(cards(bench, 'slack')).toHaveLength(1)
    expect(bench.attempts.filter(({ operation }) => operation === 'card')).toHaveLength(1)
    expect(bench.attempts.filter(({ operation }) => operation === 'edit')).toHaveLength(0)
    expectTold(bench)
  })

  it('go one by one if the store refuses one: what is before it is judged, and other incidents are', async () => {
    let isRefused = true
    const refuses = (plans: readonly AppliedPlan[]): boolean => plans.some(({ eventId }) => eventId === 'inc-1-3')
    const { bench, open } = await createHeldBench((real) => async (plans) => {
      if (isRefused && refuses(plans)) throw new StoreError('bug', 'not this one')
      return real(plans)
    })
    await tell(bench)
    await tell(bench, 'inc-2')
    open()
    await bench.run(10 * SECOND_MS)
    expect(bench.warnings).toContain('event.failed: Error: inc-1-3')
    expect((await bench.store.unapplied({ limit: 10 })).map(({ id }) => id)).toEqual(['inc-1-3', 'inc-1-4'])
    expect((await bench.store.incident({ id: 'inc-1' }))?.incident.snapshot.title).toBe('inc-1 title 2.')
    expectTold(bench, 'inc-2')
    isRefused = false
    await bench.run(60 * SECOND_MS)
    expect(await bench.store.unapplied({ limit: 10 })).toEqual([])
    expectTold(bench)
  })

  it('are tried again soon although the clock was set back a day meanwhile', async () => {
    let isRefused = true
    const { bench, open } = await createHeldBench((real) => async (plans) => {
      if (isRefused) throw new StoreError('bug', 'not now')
      return real(plans)
    })
    await tell(bench)
    open()
    await bench.run(0.5 * SECOND_MS)
    expect(await bench.store.unapplied({ limit: 10 })).toHaveLength(4)
    bench.clock.jump(-24 * 60 * 60 * SECOND_MS)
    isRefused = false
    await bench.accept('i_new', { incident_id: 'inc-2', title: 'inc-2 title 4.' })
    await bench.run(10 * SECOND_MS)
    expect(await bench.store.unapplied({ limit: 10 })).toEqual([])
    expectTold(bench)
  })

  it('may be many behind one that the store refuses: other incidents are judged as if they were not there', async () => {
    let calls = 0
    const { bench, open } = await createHeldBench((real) => async (plans) => {
      calls++
      if (plans.some(({ eventId }) => eventId === 'inc-1-1')) throw new StoreError('bug', 'not this one')
      return real(plans)
    })
    await tell(bench)
    for (let count = 0; count < 30; count++) await bench.accept('i_comm', {}, { id: `behind-${count}` })
    for (let count = 0; count < 50; count++) await tell(bench, `other-${count}`)
    open()
    await bench.accept('i_comm', {}, { id: 'opens' })
    await bench.run(0.9 * SECOND_MS)
    const left = (await bench.store.unapplied({ limit: 500 })).map(({ incidentId }) => incidentId)
    expect(new Set(left)).toEqual(new Set(['inc-1']))
    expect(left).toHaveLength(35)
    // As often as it takes to find out, and not again within the second.
    expect(calls).toBeLessThan(2 + 2 * 50)
  })

  it('are planned again from where another writer left the incident', async () => {
    let isForestalled = false
    const { bench, calls, open } = await createHeldBench((real) => async (plans) => {
      const rest = plans.slice(1)
      if (isForestalled || rest.length === 0) return real(plans)
      isForestalled = true
      const [first = 'conflict'] = await real(plans.slice(0, 1))
      return [first, ...rest.map(() => 'conflict' as const)]
    })
    await tell(bench)
    open()
    await bench.run(10 * SECOND_MS)
    expect(calls).toEqual([
      ['inc-1-1', 'inc-1-2', 'inc-1-3', 'inc-1-4'],
      ['inc-1-2', 'inc-1-3', 'inc-1-4'],
    ])
    expectTold(bench)
    expect(toldIn(bench, 'slack').match(/title 4\./g)?.length).toBeGreaterThan(0)
  })
})
