import { beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { apply, claim, dueKeys, event, held, incident, must, plan, T } from './store-fixture.ts'

/** What a store promises of lanes. `open` gives the store of the test, `reopen` the same data as after a restart. */
export function describeLanes(open: () => Store, reopen: () => Promise<Store>): void {
  describe('lanes', () => {
    let store: Store
    beforeEach(async () => {
      store = open()
      await store.accept(event('e1'))
      await store.accept(event('e2'))
      await apply(store, plan('e1'))
    })

    it('are due once, to one holder', async () => {
      expect(await dueKeys(store, T)).toEqual(['inc-1'])
      const claims = await Promise.all([claim(store, { owner: 'a' }), claim(store, { owner: 'b' })])
      expect(claims.filter((work) => work !== undefined)).toHaveLength(1)
      expect(await dueKeys(store, T)).toEqual([])
    })

    it("take the intent of a create along with the claim, once, and only if it is the holder's", async () => {
      const intent = 'card/1'
      const claims = await Promise.all([claim(store, { owner: 'a', intent }), claim(store, { owner: 'b', intent })])
      const works = claims.filter((work) => work !== undefined)
      expect(works).toHaveLength(1)
      const [card, reply] = must(works[0]).deliveries
      expect(card).toMatchObject({ key: intent, state: 'sending', attempts: 1, sentAtMs: T })
      expect(reply).toMatchObject({ state: 'pending', attempts: 0 })
      store = await reopen()
      const later = must(await claim(store, { nowMs: T + 100_000, leaseUntilMs: T + 200_000, intent }))
      expect(later.deliveries[0]).toMatchObject({ key: intent, state: 'ambiguous', unclearAtMs: T, attempts: 1 })
    })

    it('leave a create that was tried or ended as it is', async () => {
      const work = must(await claim(store))
      const release = { touched: work.touched, urgency: 1, dueAtMs: T } as const
      await store.save({ ...held(work), deliveries: [{ key: 'card/1', state: 'done' }], release })
      const again = must(await claim(store, { intent: 'card/1' }))
      expect(again.deliveries.map(({ key }) => key)).toEqual(['reply/e1'])
    })

    it('come back by class, oldest first', async () => {
      await store.accept(event('o1', { incidentId: 'inc-2' }))
      const other = { ...plan('o1'), nowMs: T - 1, incident: { ...incident(1), id: 'inc-2' } }
      await apply(store, { ...other, lanes: [{ destination: 'sre', card: true, urgency: 0, owed: [] }] })
      const classes = [0, 1, 2, 3].map((urgency) => ({ destination: 'sre', urgency: urgency as 0 | 1 | 2 | 3 }))
      expect(await store.due({ nowMs: T, classes, limit: 10 })).toEqual([
        { incidentId: 'inc-2', destination: 'sre', urgency: 0, owedSinceMs: T - 1 },
        { incidentId: 'inc-1', destination: 'sre', urgency: 1, owedSinceMs: T },
      ])
      expect(await store.due({ nowMs: T, classes: classes.slice(1), limit: 10 })).toHaveLength(1)
      expect((await store.schedule({ destinations: ['sre', 'none'] })).classes).toEqual([
        { destination: 'sre', urgency: 0, dueAtMs: T - 1 },
        { destination: 'sre', urgency: 1, dueAtMs: T },
      ])
    })

    it('remember what their holder wrote, over a restart too', async () => {
      const work = must(await claim(store))
      const card = { channel: 'C1', message: '1.2', thread: '1.2' }
      const set = { card, shownVersion: 1, shownHash: 'h', editAttempts: 2, editDueAtMs: T + 9, frozen: true }
      const after = must(
        await store.save({
          ...held(work),
          set,
          deliveries: [{ key: 'card/1', state: 'done', ref: card, sentAtMs: T }],
        }),
      )
      expect(after.lane).toMatchObject(set)
      expect(after.deliveries.map(({ key }) => key)).toEqual(['reply/e1'])
      store = await reopen()
      const again = must(await claim(store))
      expect(again.lane).toMatchObject(set)
      const { lane } = must(await store.save({ ...held(again), set: { card: null, shownHash: null } }))
      expect(lane.card).toBeUndefined()
      expect(lane.shownHash).toBeUndefined()
    })

    it('give a reply all it needs to be told', async () => {
      const [, reply] = must(await claim(store)).deliveries
      expect(reply).toMatchObject({
        broadcast: true,
        mention: [{ kind: 'user', id: 'U1' }, { kind: 'here' }],
        attempts: 0,
        detail: 'full',
        event: {
          id: 'e1',
          body: event('e1').body,
          receivedAtMs: T,
          effectiveAtMs: T,
          changes: { title: { from: 'a', to: 'b' } },
          late: false,
        },
      })
    })

    it('fence a former holder', async () => {
      const late = must(await claim(store, { leaseUntilMs: T + 10 }))
      const now = must(await claim(store, { nowMs: T + 10, leaseUntilMs: T + 60_000 }))
      expect(now.epoch).toBe(late.epoch + 1)
      expect(await store.save({ ...held(late), set: { shownVersion: 1 } })).toBeUndefined()
      expect(must(await store.save(held(now))).lane.shownVersion).toBe(0)
    })

    it('hand over what was being sent as ambiguous', async () => {
      const work = must(await claim(store, { leaseUntilMs: T + 10 }))
      await store.save({ ...held(work), deliveries: [{ key: 'card/1', state: 'sending', attempts: 1, sentAtMs: T }] })
      const next = must(await claim(store, { nowMs: T + 10 }))
      expect(next.deliveries[0]).toMatchObject({ key: 'card/1', state: 'ambiguous', attempts: 1, sentAtMs: T })
    })

    it('are held as long as the lease is extended', async () => {
      const work = must(await claim(store, { leaseUntilMs: T + 10 }))
      await store.save({ ...held(work), leaseUntilMs: T + 1_000 })
      expect(await claim(store, { nowMs: T + 10 })).toBeUndefined()
      expect(await claim(store, { nowMs: T + 1_000 })).toBeDefined()
    })

    it('rest until they are due again', async () => {
      const work = must(await claim(store))
      await store.save({ ...held(work), release: { touched: work.touched, urgency: 3, dueAtMs: T + 500 } })
      expect(await dueKeys(store, T + 499)).toEqual([])
      expect(await dueKeys(store, T + 500)).toEqual(['inc-1'])
      const later = must(await claim(store, { nowMs: T + 500 }))
      await store.save({ ...held(later), release: { touched: later.touched, urgency: 3 } })
      expect(await dueKeys(store, T + 9e9)).toEqual([])
    })

    it('are due at once if a plan touched them while they were held', async () => {
      const work = must(await claim(store))
      await apply(store, plan('e2', 2))
      await store.save({ ...held(work), nowMs: T + 7, release: { touched: work.touched, urgency: 3 } })
      const next = must(await claim(store, { nowMs: T + 7 }))
      expect(next.lane.wantedVersion).toBe(2)
    })

    describe('told whom else to call', () => {
      const ann = { kind: 'person', name: 'Ann', email: 'ann@example.com' } as const
      const call = {
        key: 'call/e2',
        kind: 'reply',
        generation: 1,
        broadcast: false,
        mention: [ann],
        late: false,
      } as const
      const calling = {
        ...plan('e2', 2),
        lanes: [{ destination: 'sre', card: true, urgency: 1, owed: [{ ...call, unlessCard: true }] }],
      } as const
      const mentions = async (): Promise<unknown> =>
        must(await claim(store, { nowMs: T + 60_000, leaseUntilMs: T + 120_000 })).deliveries.map((owed) => [
          owed.key,
          owed.mention,
        ])
      const reply = ['reply/e1', plan('e1').lanes[0]?.owed[1]?.mention]

      it('let the card do it that is still to be posted', async () => {
        await apply(store, calling)
        await apply(store, calling)
        expect(await mentions()).toEqual([['card/1', [ann]], reply])
      })

      it.each([
        ['is being posted', { state: 'sending', attempts: 1, sentAtMs: T }],
        ['may have been posted', { state: 'pending', attempts: 1, sentAtMs: T, unclearAtMs: T }],
      ] as const)('owe a line where the card %s', async (_, patch) => {
        const work = must(await claim(store))
        await store.save({ ...held(work), deliveries: [{ key: 'card/1', ...patch }] })
        await apply(store, calling)
        expect(await mentions()).toEqual(expect.arrayContaining([['card/1', []], reply, ['call/e2', [ann]]]))
      })

      it('owe a line where the card was posted', async () => {
        const work = must(await claim(store))
        await store.save({ ...held(work), deliveries: [{ key: 'card/1', state: 'done' }] })
        await apply(store, calling)
        expect(await mentions()).toEqual([reply, ['call/e2', [ann]]])
      })
    })

    it('owe each key once', async () => {
      const work = must(await claim(store))
      const owed = {
        key: 'card/2',
        kind: 'card',
        generation: 2,
        broadcast: false,
        mention: [],
        late: false,
        eventId: 'e1',
      } as const
      await store.save({ ...held(work), owed, deliveries: [{ key: 'card/1', state: 'superseded' }] })
      const after = must(await store.save({ ...held(work), owed }))
      expect(after.deliveries.map(({ key, generation }) => [key, generation])).toEqual([
        ['card/2', 2],
        ['reply/e1', 1],
      ])
    })
  })
}
