import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AppliedPlan, Store } from '../../src/store/store.ts'
import { apply, claim, event, incident, LANE, must, plan, T } from './store-fixture.ts'
import { describeHistory } from './store-history.ts'
import { describeExpiry } from './store-expiry.ts'
import { describeLanes } from './store-lanes.ts'
import { describeWaits } from './store-waits.ts'

/** One engine, as the suite drives it. */
export interface Engine {
  /** An empty store. */
  open(): Promise<Store>
  /** The same data, opened anew, as after a restart. */
  reopen(store: Store): Promise<Store>
}

/** Every promise of the store's interface. An engine that passes this can carry the relay. */
export function describeStore(name: string, engine: Engine): void {
  describe(`${name} store`, () => {
    let store: Store
    beforeEach(async () => {
      store = await engine.open()
    })
    afterEach(() => store.close())

    describe('events', () => {
      it('keeps an event once, whatever happens to it later', async () => {
        expect(await store.accept(event('e1'))).toEqual({ result: 'accepted', conflict: false, latestAtMs: T })
        expect(await store.accept(event('e1'))).toMatchObject({ result: 'duplicate', conflict: false })
        await apply(store, plan('e1'))
        store = await engine.reopen(store)
        expect(await store.accept(event('e1'))).toMatchObject({ result: 'duplicate', conflict: false })
        expect(await store.unapplied({ limit: 10 })).toEqual([])
      })

      it('keeps the first body of an id and tells of a second one', async () => {
        await store.accept(event('e1', { body: '{"first":1}', bodyHash: 'a' }))
        expect(await store.accept(event('e1', { body: '{"second":1}', bodyHash: 'b' }))).toMatchObject({
          result: 'duplicate',
          conflict: true,
        })
        expect((await store.unapplied({ limit: 10 })).map(({ body }) => body)).toEqual(['{"first":1}'])
      })

      it('says "accepted" to one of many at once', async () => {
        const results = await Promise.all(Array.from({ length: 200 }, () => store.accept(event('e1'))))
        expect(results.filter(({ result }) => result === 'accepted')).toHaveLength(1)
        expect(await store.unapplied({ limit: 10 })).toHaveLength(1)
      })

      it('calls an event stale only if it is strictly older than its incident', async () => {
        await store.accept(event('e1', { effectiveAtMs: T + 5 }))
        expect((await store.accept(event('e2', { effectiveAtMs: T + 5 }))).result).toBe('accepted')
        expect(await store.accept(event('e3', { effectiveAtMs: T + 4 }))).toEqual({
          result: 'stale',
          conflict: false,
          latestAtMs: T + 5,
        })
        expect((await store.accept(event('e4', { incidentId: 'other', effectiveAtMs: T }))).result).toBe('accepted')
      })

      it('gives hostile text back as it came', async () => {
        const body = `{"title":"\\u0000 \\ud800 '; DROP TABLE event; -- $1 ? \u202e\ufffe 🔥"}`
        await store.accept(event('e1', { body, incidentId: "inc-1'$1?\\" }))
        const known = incident(1)
        const title = 'NUL \0, half \ud800, \u2028, $1 ? ?1 \\ \\x00 \' " `'
        const stored = { ...known, id: "inc-1'$1?\\", snapshot: { ...known.snapshot, title } }
        await apply(store, { ...plan('e1'), incident: stored, changes: { title: { from: title, to: '\0' } } })
        store = await engine.reopen(store)
        expect((await store.incident({ id: stored.id }))?.incident).toEqual(stored)
        const lane = { incidentId: stored.id, destination: 'sre' }
        const work = await store.claim({ lane, owner: 'a', nowMs: T, leaseUntilMs: T + 1 })
        expect(work?.deliveries[0]?.event).toMatchObject({ body, changes: { title: { from: title, to: '\0' } } })
        expect((await store.work({ limit: 1 })).items).toMatchObject([{ title }])
        await store.pause({ scope: 'account:a', reason: '🔥 and NUL \0', untilMs: T, failures: 1 })
        expect(await store.pauses()).toMatchObject([{ reason: expect.stringContaining('🔥') }])
      })

      it('gives events back whole and in the order they came', async () => {
        for (const id of ['b', 'a', 'c']) await store.accept(event(id))
        store = await engine.reopen(store)
        const events = await store.unapplied({ limit: 2 })
        expect(events.map(({ id }) => id)).toEqual(['b', 'a'])
        const { bodyHash: _, ...kept } = event('b')
        expect(events[0]).toMatchObject(kept)
      })
    })

    describe('plans', () => {
      it('are carried out once', async () => {
        await store.accept(event('e1'))
        expect(await apply(store, plan('e1'))).toBe('applied')
        expect(await apply(store, plan('e1'))).toBe('done')
        const known = await store.incident({ id: 'inc-1' })
        expect(known?.incident).toEqual(incident(1))
        expect(known?.lanes).toMatchObject([
          { ...LANE, wantedVersion: 1, shownVersion: 0, generation: 1, frozen: false },
        ])
        expect((await claim(store))?.deliveries.map(({ key, kind, state }) => [key, kind, state])).toEqual([
          ['card/1', 'card', 'pending'],
          ['reply/e1', 'reply', 'pending'],
        ])
      })

      it('are refused whole if another writer moved the incident', async () => {
        await store.accept(event('e1'))
        await store.accept(event('e2'))
        await apply(store, plan('e1'))
        expect(await apply(store, plan('e2'))).toBe('conflict')
        expect((await store.incident({ id: 'inc-1' }))?.incident.version).toBe(1)
        expect((await store.unapplied({ limit: 10 })).map(({ id }) => id)).toEqual(['e2'])
        expect(await apply(store, plan('e2', 2))).toBe('applied')
      })

      it('of one incident are carried out together, up to the first that another writer forestalled', async () => {
        for (const id of ['e1', 'e2', 'e3', 'e4']) await store.accept(event(id))
        const [first, second, third] = [plan('e1'), plan('e2', 2), plan('e3', 3)]
        expect(await store.apply([first, second])).toEqual(['applied', 'applied'])
        expect(await store.apply([first, second])).toEqual(['done', 'done'])
        // What another made of the second need not be what the third was planned for.
        expect(await store.apply([second, third])).toEqual(['done', 'conflict'])
        expect(await store.apply([third])).toEqual(['applied'])
        // The last would fit again; but it was made for what the one before it leaves.
        expect(await store.apply([plan('e4', 3), plan('e4', 4)])).toEqual(['conflict', 'conflict'])
        expect((await store.unapplied({ limit: 10, except: ['inc-1'] })).map(({ id }) => id)).toEqual([])
        expect((await store.unapplied({ limit: 10 })).map(({ id }) => id)).toEqual(['e4'])
        expect((await store.incident({ id: 'inc-1' }))?.incident.version).toBe(3)
        expect((await claim(store))?.deliveries.map(({ key }) => key)).toEqual([
          'card/1',
          'reply/e1',
          'reply/e2',
          'reply/e3',
        ])
      })

      it('carried out together leave lanes as if they had been carried out one after the other', async () => {
        const card = { card: true, owed: [] }
        const lanesOf: readonly AppliedPlan['lanes'][] = [
          [{ ...card, destination: 'sre', urgency: 2 }],
          [
            { ...card, destination: 'ops', urgency: 4 },
            { ...card, destination: 'sre', urgency: 4, card: false },
          ],
          [{ ...card, destination: 'ops', urgency: 0 }],
        ]
        const plansOf = (incidentId: string): readonly AppliedPlan[] =>
          lanesOf.map((lanes, at) => ({
            ...plan(`${incidentId}-${at}`, at + 1),
            incident: { ...incident(at + 1), id: incidentId },
            lanes,
          }))
        for (const incidentId of ['one-by-one', 'together'])
          for (const { eventId } of plansOf(incidentId)) await store.accept(event(eventId, { incidentId }))
        for (const one of plansOf('one-by-one')) expect(await apply(store, one)).toBe('applied')
        expect(await store.apply(plansOf('together'))).toEqual(['applied', 'applied', 'applied'])
        const lanesNow = async (id: string): Promise<object[]> =>
          must(await store.incident({ id })).lanes.map((lane) => ({ ...lane, incidentId: '' }))
        expect(await lanesNow('together')).toEqual(await lanesNow('one-by-one'))
        expect(await lanesNow('together')).toMatchObject([
          { destination: 'ops', wantedVersion: 3, urgency: 0 },
          { destination: 'sre', wantedVersion: 1, urgency: 3 },
        ])
      })

      it('of a stale event leave the incident alone', async () => {
        await store.accept(event('e1'))
        await store.accept(event('e2'))
        await apply(store, plan('e1'))
        const stale: AppliedPlan = {
          eventId: 'e2',
          verdict: 'stale',
          changes: {},
          expectedVersion: 1,
          lanes: [],
          nowMs: T,
        }
        expect(await apply(store, stale)).toBe('applied')
        expect((await store.incident({ id: 'inc-1' }))?.incident).toEqual(incident(1))
        expect(await store.unapplied({ limit: 10 })).toEqual([])
      })

      it('set and clear the end of a snooze', async () => {
        await store.accept(event('e1'))
        await store.accept(event('e2'))
        await apply(store, { ...plan('e1'), incident: { ...incident(1), snoozeEndsAtMs: T + 60_000 } })
        expect((await store.schedule({ destinations: [] })).snoozeEndsAtMs).toBe(T + 60_000)
        expect(await store.snoozesEnded({ nowMs: T + 59_999, limit: 5 })).toEqual([])
        const [ended] = await store.snoozesEnded({ nowMs: T + 60_000, limit: 5 })
        expect(ended).toEqual({ incident: { ...incident(1), snoozeEndsAtMs: T + 60_000 }, body: event('e1').body })
        await apply(store, plan('e2', 2))
        expect(await store.snoozesEnded({ nowMs: T + 60_000, limit: 5 })).toEqual([])
        expect(await store.schedule({ destinations: [] })).toEqual({ classes: [] })
      })
    })

    describeLanes(
      () => store,
      async () => (store = await engine.reopen(store)),
    )

    describeWaits(() => store)
    describeHistory(() => store)

    it('keeps pauses until they are lifted, over a restart too', async () => {
      const pause = { scope: 'destination:sre', reason: 'not_in_channel', untilMs: T + 5, failures: 2 }
      await store.pause(pause)
      store = await engine.reopen(store)
      expect(await store.pauses()).toEqual([pause])
      await store.pause({ ...pause, failures: 0 })
      expect(await store.pauses()).toEqual([])
    })

    it('keeps the newest bodies that were no event, inside its bound', async () => {
      const entry = { receivedAtMs: T, code: 'invalid_json', reason: 'no', body: new Uint8Array([0xff, 0]) }
      await Promise.all(Array.from({ length: 1_100 }, () => store.quarantine(entry)))
      expect((await store.counts()).quarantined).toBe(1_000)
    })

    it('can be asked whether it can store, as often as one likes', async () => {
      for (let count = 0; count < 2; count++) expect(await store.probe()).toBeUndefined()
    })

    it('counts what is open', async () => {
      await store.accept(event('e1'))
      await store.accept(event('e2'))
      await apply(store, plan('e1'))
      const deliveries = { pending: 2, sending: 0, ambiguous: 0, held: 0, dead: 0 }
      const counts = { eventsUnapplied: 1, deliveries, lanesDue: 1, quarantined: 0 }
      expect(await store.counts()).toEqual({ ...counts, oldestWaitingSinceMs: T })
    })

    it('has nothing waiting when everything is judged and shown', async () => {
      expect(await store.counts()).not.toHaveProperty('oldestWaitingSinceMs')
    })

    describeExpiry(() => store)

    it('refuses calls after it was closed', async () => {
      const closed = await engine.open()
      await closed.close()
      await expect(closed.accept(event('e9'))).rejects.toMatchObject({ reason: 'closed' })
    })
  })
}
