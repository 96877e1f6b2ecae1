import { beforeEach, describe, expect, it } from 'vitest'
import type { ExpiryPlace } from '../../src/store/expiry.ts'
import type { AppliedPlan, Store } from '../../src/store/store.ts'
import { apply, event, incident, plan, T } from './store-fixture.ts'

const DAY_MS = 86_400_000
const OLD = T
const NOW = T + 400 * DAY_MS
const BEFORE = T + DAY_MS

/** What goes when its time is over, and what stays. */
export function describeExpiry(store: () => Store): void {
  describe('what is past its time', () => {
    const toPlan = (incidentId: string, eventId: string, version: number, progress: string): AppliedPlan => {
      const known = incident(version)
      return {
        ...plan(eventId, version),
        incident: {
          ...known,
          id: incidentId,
          snapshot: { ...known.snapshot, id: incidentId, progress },
          last: { id: eventId, type: 'i_new', atMs: T },
        },
        lanes: [
          {
            destination: 'sre',
            card: true,
            urgency: 1,
            owed: ['card', 'reply'].map((kind) => ({
              key: `${kind}/${eventId}`,
              kind: kind as 'card' | 'reply',
              generation: 1,
              broadcast: false,
              mention: [],
              late: false,
            })),
          },
        ],
      }
    }

    async function tell(incidentId: string, eventId: string, version: number, progress: string, receivedAtMs = OLD) {
      await store().accept(event(eventId, { incidentId, receivedAtMs, effectiveAtMs: OLD }))
      await apply(store(), toPlan(incidentId, eventId, version, progress))
    }

    /** Send what a lane owes, or give it up: then it owes nothing more. */
    async function settle(incidentId: string, state: 'done' | 'dead' = 'done'): Promise<void> {
      const lane = { incidentId, destination: 'sre' }
      const work = await store().claim({ lane, owner: 'a', nowMs: T, leaseUntilMs: T + 60_000 })
      if (work === undefined) throw new Error('the lane is not due')
      await store().save({
        lane,
        epoch: work.epoch,
        nowMs: T,
        deliveries: work.deliveries.map(({ key }) => ({ key, state })),
        release: { touched: work.touched, urgency: 2 },
      })
    }

    async function expireAll(openBeforeMs = 0, limit = 3): Promise<number> {
      let rows = 0
      let from: ExpiryPlace | undefined
      do {
        const step = await store().expire({ beforeMs: BEFORE, openBeforeMs, limit, ...(from && { from }) })
        rows += step.deleted
        from = step.next
      } while (from !== undefined)
      return rows
    }

    const isKnown = async (id: string, incidentId: string): Promise<boolean> =>
      (await store().accept(event(id, { incidentId, receivedAtMs: NOW }))).result === 'duplicate'
    const hasIncident = async (id: string): Promise<boolean> => (await store().incident({ id })) !== undefined

    beforeEach(() => tell('other', 'o1', 1, 'Triggered', NOW))

    it('goes whole with a closed incident, in steps, and the rest stays', async () => {
      for (const [version, id] of ['a1', 'a2', 'a3', 'a4', 'a5'].entries())
        await tell('inc-a', id, version + 1, version === 4 ? 'Closed' : 'Triggered')
      await settle('inc-a')
      // 5 events, 5 cards and replies each, one lane, one incident.
      expect(await expireAll()).toBe(5 + 10 + 1 + 1)
      expect(await hasIncident('inc-a')).toBe(false)
      expect(await hasIncident('other')).toBe(true)
      for (const id of ['a1', 'a5']) expect(await isKnown(id, 'inc-a'), id).toBe(false)
      expect(await isKnown('o1', 'other')).toBe(true)
      expect(await expireAll()).toBe(0)
    })

    it('is looked at in steps no larger than asked for', async () => {
      for (let count = 1; count <= 20; count++) await tell('inc-a', `a${count}`, count, 'Closed')
      await settle('inc-a')
      let from: ExpiryPlace | undefined
      const sizes: number[] = []
      do {
        const step = await store().expire({ beforeMs: BEFORE, openBeforeMs: 0, limit: 4, ...(from && { from }) })
        sizes.push(step.deleted)
        from = step.next
      } while (from !== undefined)
      expect(sizes.length).toBeGreaterThan(10)
      // Each event may take its card and its reply with it.
      expect(Math.max(...sizes)).toBeLessThanOrEqual(4 * 3)
      expect(sizes.reduce((sum, size) => sum + size)).toBe(20 * 3 + 2)
    })

    it('leaves an open incident its last event and its card, and takes the rest', async () => {
      await tell('inc-a', 'a1', 1, 'Triggered')
      await tell('inc-a', 'a2', 2, 'Triggered')
      await settle('inc-a')
      expect(await expireAll()).toBe(3)
      expect([await isKnown('a1', 'inc-a'), await isKnown('a2', 'inc-a')]).toEqual([false, true])
      expect((await store().incident({ id: 'inc-a' }))?.lanes).toHaveLength(1)
    })

    it('includes an open incident after its own, longer time', async () => {
      await tell('inc-a', 'a1', 1, 'Triggered')
      expect(await expireAll(BEFORE)).toBe(1 + 2 + 1 + 1)
      expect(await hasIncident('inc-a')).toBe(false)
    })

    it('does not include what is still owed, nor its event', async () => {
      await tell('inc-a', 'a1', 1, 'Closed')
      await tell('inc-a', 'a2', 2, 'Closed')
      expect(await expireAll()).toBe(0)
      const work = await store().claim({
        lane: { incidentId: 'inc-a', destination: 'sre' },
        owner: 'a',
        nowMs: T,
        leaseUntilMs: T + 1,
      })
      expect(work?.deliveries).toHaveLength(4)
    })

    it('includes dead letters', async () => {
      await tell('inc-a', 'a1', 1, 'Closed')
      await settle('inc-a', 'dead')
      expect((await store().counts()).deliveries.dead).toBe(2)
      expect(await expireAll()).toBe(5)
      expect((await store().counts()).deliveries.dead).toBe(0)
    })

    it('does not include a closed incident of which something came lately', async () => {
      await tell('inc-a', 'a1', 1, 'Triggered')
      await tell('inc-a', 'a2', 2, 'Closed', NOW)
      await settle('inc-a')
      expect(await expireAll()).toBe(3)
      expect(await hasIncident('inc-a')).toBe(true)
    })

    it('does not include what was never judged', async () => {
      await store().accept(event('a1', { incidentId: 'inc-a', receivedAtMs: OLD }))
      expect(await expireAll()).toBe(0)
      expect((await store().unapplied({ limit: 5 })).map(({ id }) => id)).toEqual(['a1'])
    })

    it('is found behind an event whose time was told by a wrong clock', async () => {
      await tell('other', 'o2', 2, 'Triggered', NOW)
      for (const id of ['a1', 'a2', 'a3', 'a4']) await store().accept(event(id, { incidentId: 'x', receivedAtMs: OLD }))
      for (const eventId of ['a1', 'a2', 'a3', 'a4'])
        await apply(store(), { eventId, verdict: 'stale', changes: {}, expectedVersion: 0, lanes: [], nowMs: T })
      expect(await expireAll()).toBe(4)
    })
  })
}
