import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { AppliedPlan, Store, StoredIncident } from '../../src/store/store.ts'
import { boardPrefix } from '../../src/incident/board.ts'
import { apply, claim, dueKeys, event, held, incident, must, plan, T } from './store-fixture.ts'

const HOUR_MS = 3_600_000

/** What waits, and what is told of it. */
export function describeWaits(current: () => Store): void {
  describe('replies told together', () => {
    it('keep the key of their message until they part, and are remembered by it when the sender is gone', async () => {
      const store = current()
      await store.accept(event('e1'))
      await store.accept(event('e2'))
      await apply(store, plan('e1'))
      await apply(store, plan('e2', 2))
      const work = must(await claim(store))
      const fold = { state: 'sending', fold: 'reply/e1', sentAtMs: T } as const
      const sending = [
        { key: 'reply/e1', ...fold },
        { key: 'reply/e2', ...fold },
      ]
      await store.save({ ...held(work), deliveries: sending })
      const later = must(await claim(store, { owner: 'b', nowMs: T + 60_000, leaseUntilMs: T + 120_000 }))
      const lost = later.deliveries.filter(({ state }) => state === 'ambiguous')
      expect(lost.map(({ key, fold: of }) => [key, of])).toEqual([
        ['reply/e1', 'reply/e1'],
        ['reply/e2', 'reply/e1'],
      ])
      const parted = must(
        await store.save({ ...held(later), deliveries: [{ key: 'reply/e2', state: 'pending', fold: null }] }),
      )
      expect(parted.deliveries.find(({ key }) => key === 'reply/e2')).not.toHaveProperty('fold')
    })
  })

  it('gives up all that is pending in a lane at once, and nothing that may have been sent', async () => {
    const store = current()
    await store.accept(event('e1'))
    await apply(store, plan('e1'))
    const work = must(await claim(store))
    const sent = [{ key: 'card/1', state: 'ambiguous' } as const]
    const left = must(await store.save({ ...held(work), deliveries: sent, supersede: 'the card was deleted' }))
    expect(left.deliveries.map(({ key, state }) => [key, state])).toEqual([['card/1', 'ambiguous']])
  })

  describe('the changes that a card does not show', () => {
    it('begin with the first after it was shown', async () => {
      const store = current()
      for (const [index, id] of ['e1', 'e2', 'e3', 'e4'].entries()) {
        await store.accept(event(id))
        await apply(store, { ...plan(id, index + 1), nowMs: T + index * 1_000 })
        if (index !== 1) continue
        const work = must(await claim(store, { nowMs: T + 1_500, leaseUntilMs: T + 9_000 }))
        const set = { shownVersion: 2, shownAtMs: T + 1_500 }
        const release = { touched: work.touched, urgency: 2 } as const
        await store.save({ ...held(work), set, release })
      }
      const work = must(await claim(store, { nowMs: T + 4_000, leaseUntilMs: T + 9_000 }))
      expect(work.lane).toMatchObject({ shownAtMs: T + 1_500, changedSinceMs: T + 2_000, changedAtMs: T + 3_000 })
    })
  })

  it('gives what may have been sent before what was not, so that a message that tells many is never cut in two', async () => {
    const store = current()
    for (const [index, id] of ['e1', 'e2', 'e3'].entries()) {
      await store.accept(event(id))
      await apply(store, plan(id, index + 1))
    }
    const work = must(await claim(store))
    const deliveries = [{ key: 'reply/e3', state: 'ambiguous' } as const]
    const left = must(await store.save({ ...held(work), deliveries }))
    expect(left.deliveries.map(({ key }) => key)).toEqual(['card/1', 'reply/e3', 'reply/e1', 'reply/e2'])
  })

  it('dates the doubt about a create by when it was sent, also after the clock was moved meanwhile', async () => {
    const store = current()
    await store.accept(event('e1'))
    await apply(store, plan('e1'))
    const work = must(await claim(store))
    await store.save({ ...held(work), deliveries: [{ key: 'card/1', state: 'sending', sentAtMs: T }] })
    await store.shift({ byMs: -HOUR_MS, latestMs: T + HOUR_MS })
    const unclear = must(await store.save({ ...held(work), deliveries: [{ key: 'card/1', state: 'ambiguous' }] }))
    const [card] = unclear.deliveries
    expect([card?.sentAtMs, card?.unclearAtMs]).toEqual([T - HOUR_MS, T - HOUR_MS])
    const again = must(
      await store.save({ ...held(work), deliveries: [{ key: 'card/1', state: 'sending', sentAtMs: T }] }),
    )
    expect(again.deliveries[0]?.unclearAtMs).toBe(T - HOUR_MS)
  })

  it('lets nobody hold a lane beyond the longest wait', async () => {
    const store = current()
    await store.accept(event('e1'))
    await apply(store, plan('e1'))
    must(await claim(store, { leaseUntilMs: T + HOUR_MS }))
    await store.shift({ byMs: 0, latestMs: T + 1_000 })
    expect(await claim(store, { owner: 'b', nowMs: T + 999 })).toBeUndefined()
    expect(await claim(store, { owner: 'b', nowMs: T + 1_000 })).toBeDefined()
  })

  describe('waits', () => {
    const waiting = async (store: Store): Promise<void> => {
      await store.accept(event('e1'))
      await apply(store, plan('e1'))
      const work = must(await claim(store))
      const deliveries = [{ key: 'card/1', state: 'pending', dueAtMs: T + HOUR_MS } as const]
      const release = { touched: work.touched, urgency: 1, dueAtMs: T + HOUR_MS } as const
      await store.save({ ...held(work), deliveries, set: { editDueAtMs: T + HOUR_MS }, release })
      await store.pause({ scope: 'account:a', reason: 'x', untilMs: T + HOUR_MS, failures: 1 })
    }

    it('move along with the clock, and none is longer than the longest', async () => {
      const store = current()
      await waiting(store)
      await store.shift({ byMs: -HOUR_MS, latestMs: T + HOUR_MS })
      expect(await dueKeys(store, T)).toEqual(['inc-1'])
      expect(await store.pauses()).toMatchObject([{ untilMs: T }])
      await store.shift({ byMs: 100 * HOUR_MS, latestMs: T + 5_000 })
      expect(await dueKeys(store, T + 4_999)).toEqual([])
      expect(await dueKeys(store, T + 5_000)).toEqual(['inc-1'])
      const work = must(await claim(store, { nowMs: T + 5_000, leaseUntilMs: T + 9_000 }))
      expect(work.deliveries[0]?.dueAtMs).toBeLessThanOrEqual(T + 5_000)
      expect(work.lane.editDueAtMs).toBeLessThanOrEqual(T + 5_000)
    })

    it('are over where their destination works again, and nowhere else', async () => {
      const store = current()
      await waiting(store)
      await store.hasten({ destinations: ['other'], nowMs: T })
      expect(await dueKeys(store, T)).toEqual([])
      await store.hasten({ destinations: ['sre'], nowMs: T })
      expect(await dueKeys(store, T)).toEqual(['inc-1'])
      const work = must(await claim(store))
      expect([work.lane.editDueAtMs, work.deliveries[0]?.dueAtMs]).toEqual([T, T])
    })
  })

  describe('the backlog of a destination', () => {
    it('counts the new incidents that wait for a card by severity and names the oldest; boards are not among them', async () => {
      const store = current()
      for (const [index, severity] of ['Info', 'Info', 'Critical', 'Info'].entries()) {
        const id = `inc-${index + 1}`
        await store.accept(event(`e-${id}`, { incidentId: id }))
        await apply(store, newIncident(id, severity, T + index))
      }
      const prefix = boardPrefix('sre')
      await store.accept(event('board', { incidentId: `${prefix}1` }))
      await apply(store, { ...newIncident(`${prefix}1`, 'Critical', T), eventId: 'board' })
      const { groups, board, isTold } = await store.backlog({ destination: 'sre', named: 2 })
      expect(isTold).toBe(false)
      expect(groups).toEqual([
        { severity: 'Critical', count: 1, first: [{ title: 'inc-3', url: 'https://example.com/inc-3' }] },
        {
          severity: 'Info',
          count: 3,
          first: [
            { title: 'inc-1', url: 'https://example.com/inc-1' },
            { title: 'inc-2', url: 'https://example.com/inc-2' },
          ],
        },
      ])
      expect(board?.id).toBe(`${prefix}1`)
      expect(await store.backlog({ destination: 'other', named: 2 })).toEqual({ groups: [], isTold: false })
    })

    it('counts what no index would take whole', async () => {
      const store = current()
      // Not to be compressed, or any index would take it.
      const severity = Array.from({ length: 200 }, (_, index) =>
        createHash('sha256').update(`${index}`).digest('base64'),
      ).join('')
      await store.accept(event('e-inc-1'))
      expect(await apply(store, newIncident('inc-1', severity, T))).toBe('applied')
      const { groups } = await store.backlog({ destination: 'sre', named: 1 })
      expect(groups.map(({ severity: name, count }) => [severity.startsWith(name), name !== '', count])).toEqual([
        [true, true, 1],
      ])
    })

    it('follows the severity of an incident, and is not counted while a board waits to be judged', async () => {
      const store = current()
      await store.accept(event('e-inc-1'))
      await apply(store, newIncident('inc-1', 'Info', T))
      await store.accept(event('e-2', { effectiveAtMs: T + 1 }))
      const worse = newIncident('inc-1', 'Warning', T + 1)
      const stored = must(worse.incident)
      await apply(store, { ...worse, eventId: 'e-2', expectedVersion: 1, incident: { ...stored, version: 2 } })
      const first = [{ title: 'inc-1', url: 'https://example.com/inc-1' }]
      const query = { destination: 'sre', named: 2 }
      expect(await store.backlog(query)).toEqual({ groups: [{ severity: 'Warning', count: 1, first }], isTold: false })
      await store.accept(event('board', { incidentId: `${boardPrefix('sre')}1`, effectiveAtMs: T + 1 }))
      expect(await store.backlog(query)).toEqual({ groups: [], isTold: true })
    })
  })
}

function newIncident(id: string, severity: string, nowMs: number): AppliedPlan {
  const base = incident(1)
  const snapshot = { ...base.snapshot, id, severity, title: id, detailUrl: `https://example.com/${id}` }
  const stored: StoredIncident = { ...base, id, snapshot }
  const card = { kind: 'card', generation: 1, broadcast: false, mention: [], late: false } as const
  return {
    ...plan(`e-${id}`),
    incident: stored,
    lanes: [{ destination: 'sre', card: true, urgency: 1, owed: [{ key: `card/${id}`, ...card }] }],
    nowMs,
  }
}
