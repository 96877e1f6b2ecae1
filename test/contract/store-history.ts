import { beforeEach, describe, expect, it } from 'vitest'
import { editKey } from '../../src/store/history.ts'
import type { LaneWork } from '../../src/store/lane.ts'
import type { Store } from '../../src/store/store.ts'
import { apply, claim, dueKeys, event, held, must, plan, T } from './store-fixture.ts'

const CARD = { channel: 'C1', message: '1.2' }
const EDIT = editKey({ incidentId: 'inc-1', destination: 'sre' })

/** What a store promises people who look into it. `open` gives the store of the test. */
export function describeHistory(open: () => Store): void {
  describe('work by hand', () => {
    let store: Store
    beforeEach(async () => {
      store = open()
      await store.accept(event('e1'))
      await store.accept(event('e2', { receivedAtMs: T + 1 }))
      await apply(store, plan('e1'))
    })

    /** The lane served once: what `change` says is written, and nothing more is due. */
    async function serve(
      change: Omit<Parameters<Store['save']>[0], 'lane' | 'epoch' | 'nowMs'>,
      nowMs = T,
    ): Promise<LaneWork> {
      const work = must(await claim(store, { nowMs }))
      return must(await store.save({ ...held(work), release: { touched: work.touched, urgency: 4 }, ...change }))
    }

    const dead = {
      key: 'card/1',
      state: 'dead',
      attempts: 3,
      detail: 'plain',
      reason: 'message_refused: invalid_blocks',
    } as const

    it('is listed with what it waits for, what waits for a person first', async () => {
      const nothing = await store.work({ limit: 1 })
      expect(nothing).toMatchObject({ total: 2, items: [{ key: 'card/1', state: 'pending', dueAtMs: T }] })
      await serve({
        set: { shownVersion: 1 },
        deliveries: [
          { key: 'card/1', state: 'pending', reason: 'rate_limited', dueAtMs: T + 9 },
          { ...dead, key: 'reply/e1' },
        ],
        release: { touched: 9, urgency: 1, dueAtMs: T + 9 },
      })
      const { items } = await store.work({ limit: 10 })
      const lane = { incidentId: 'inc-1', destination: 'sre', title: 'é 🔥', sinceMs: T }
      expect(items).toEqual([
        { ...lane, key: 'reply/e1', kind: 'reply', state: 'dead', seq: 2, attempts: 3, reason: dead.reason },
        {
          ...lane,
          key: 'card/1',
          kind: 'card',
          state: 'pending',
          seq: 1,
          attempts: 0,
          reason: 'rate_limited',
          dueAtMs: T + 9,
        },
      ])
      expect(await store.workKeys()).toEqual(
        expect.arrayContaining([
          { key: 'card/1', state: 'pending', destination: 'sre' },
          { key: 'reply/e1', state: 'dead', destination: 'sre' },
        ]),
      )
    })

    it('counts an edit that a card owes, which can be hastened and skipped', async () => {
      await serve({
        set: { card: CARD, shownVersion: 1 },
        deliveries: [
          { key: 'card/1', state: 'done' },
          { key: 'reply/e1', state: 'done' },
        ],
      })
      expect(await store.work({ limit: 10 })).toEqual({ items: [], total: 0 })
      await apply(store, { ...plan('e2', 2), lanes: [{ destination: 'sre', card: true, urgency: 2, owed: [] }] })
      await serve({
        set: { editAttempts: 2, editDueAtMs: T + 500 },
        release: { touched: 9, urgency: 2, dueAtMs: T + 500 },
      })
      expect((await store.work({ limit: 10 })).items).toMatchObject([
        { key: EDIT, kind: 'edit', attempts: 2, dueAtMs: T + 500 },
      ])
      expect(await dueKeys(store, T + 1)).toEqual([])
      expect(await store.retry({ keys: [EDIT], nowMs: T + 1 })).toEqual([{ key: EDIT, result: 'retried' }])
      expect(await dueKeys(store, T + 1)).toEqual(['inc-1'])
      expect(await store.drop({ keys: [EDIT, EDIT], nowMs: T + 1 })).toEqual([
        { key: EDIT, result: 'dropped' },
        { key: EDIT, result: 'unknown' },
      ])
      expect(must(await claim(store, { nowMs: T + 1 })).lane).toMatchObject({
        wantedVersion: 2,
        shownVersion: 2,
        frozen: false,
      })
    })

    it('can be retried from the first rendering on, a card with the replies that wait for it', async () => {
      await serve({
        set: { shownVersion: 1, frozen: true },
        deliveries: [
          { ...dead, unclearAtMs: T, sentAtMs: T },
          { ...dead, key: 'reply/e1' },
        ],
      })
      expect(await dueKeys(store, T + 9e9)).toEqual([])
      expect(await store.retry({ keys: ['reply/e1'], nowMs: T + 5 })).toEqual([{ key: 'reply/e1', result: 'no_card' }])
      expect(await store.retry({ keys: ['reply/e1', 'card/1', 'card/9'], nowMs: T + 5 })).toEqual([
        { key: 'reply/e1', result: 'retried' },
        { key: 'card/1', result: 'retried' },
        { key: 'card/9', result: 'unknown' },
      ])
      const { lane, deliveries } = must(await claim(store, { nowMs: T + 5 }))
      expect(lane).toMatchObject({ frozen: false, shownVersion: 0, urgency: 0 })
      expect(deliveries).toMatchObject([
        { key: 'card/1', state: 'pending', attempts: 0, detail: 'full', dueAtMs: T + 5 },
        { key: 'reply/e1', state: 'pending', attempts: 0 },
      ])
      expect(deliveries[0]).not.toHaveProperty('unclearAtMs')
      expect(deliveries[0]).not.toHaveProperty('reason')
    })

    it('hastens what waits and leaves alone what is being sent', async () => {
      await serve({
        deliveries: [{ key: 'card/1', state: 'ambiguous', dueAtMs: T + 99 }],
        release: { touched: 9, urgency: 0, dueAtMs: T + 99 },
      })
      expect(await store.retry({ keys: ['card/1'], nowMs: T + 5 })).toEqual([{ key: 'card/1', result: 'retried' }])
      const work = must(await claim(store, { nowMs: T + 5 }))
      expect(work.deliveries[0]).toMatchObject({ state: 'ambiguous', dueAtMs: T + 5 })
      await store.save({ ...held(work), deliveries: [{ key: 'card/1', state: 'sending' }] })
      for (const order of ['retry', 'drop'] as const) {
        expect(await store[order]({ keys: ['card/1'], nowMs: T + 6 })).toEqual([{ key: 'card/1', result: 'under_way' }])
      }
    })

    it('does not make a second card where a newer one took the place of a dead one', async () => {
      await serve({
        set: { card: CARD, generation: 2, shownVersion: 1 },
        deliveries: [dead, { key: 'reply/e1', state: 'done' }],
      })
      expect(await store.retry({ keys: ['card/1'], nowMs: T })).toEqual([{ key: 'card/1', result: 'replaced' }])
      expect(await store.work({ limit: 10 })).toEqual({ items: [], total: 0 })
    })

    it('that is dropped is not made again: a reply leaves the rest, a card takes its replies along', async () => {
      await serve({ set: { shownVersion: 1 }, deliveries: [dead] })
      expect(await store.drop({ keys: ['card/1', 'card/9'], nowMs: T })).toEqual([
        { key: 'card/1', result: 'dropped' },
        { key: 'card/9', result: 'unknown' },
      ])
      expect(await store.work({ limit: 10 })).toEqual({ items: [], total: 0 })
      await apply(store, { ...plan('e2', 2), lanes: [{ destination: 'sre', card: true, urgency: 1, owed: [] }] })
      expect(must(await claim(store)).lane).toMatchObject({ frozen: true, generation: 1, wantedVersion: 2 })
    })

    it('cannot be dropped while its lane is served, unless it was given up on', async () => {
      const work = must(await claim(store))
      await store.save({ ...held(work), deliveries: [{ ...dead, key: 'reply/e1' }] })
      expect(await store.drop({ keys: ['card/1', 'reply/e1'], nowMs: T })).toEqual([
        { key: 'card/1', result: 'under_way' },
        { key: 'reply/e1', result: 'dropped' },
      ])
    })

    it('of a card that was given up on is not revived while its lane is served', async () => {
      const work = must(await claim(store))
      await store.save({ ...held(work), deliveries: [dead] })
      expect(await store.retry({ keys: ['card/1'], nowMs: T })).toEqual([{ key: 'card/1', result: 'under_way' }])
      expect((await store.work({ limit: 1 })).items).toMatchObject([{ key: 'card/1', state: 'dead' }])
    })

    it('tells what is held apart from what is dead', async () => {
      await serve({ deliveries: [{ key: 'card/1', state: 'held', reason: 'it may have been posted' }] })
      expect((await store.work({ limit: 1 })).items).toMatchObject([{ key: 'card/1', state: 'held' }])
    })
  })

  describe('history', () => {
    it('keeps bodies that were no event until they are wanted no more', async () => {
      const store = open()
      const entry = { receivedAtMs: T, code: 'invalid_json', reason: 'no', body: new Uint8Array([0xff, 0, 7]) }
      await store.quarantine(entry)
      await store.quarantine({ ...entry, receivedAtMs: T + 1 })
      const [newest, oldest] = await store.quarantined({ limit: 10 })
      expect(newest).toEqual({ id: newest?.id, receivedAtMs: T + 1, code: 'invalid_json', reason: 'no', bytes: 3 })
      const id = must(oldest).id
      expect(must(await store.quarantinedBody({ id }))).toEqual({ ...entry, body: expect.anything() })
      expect([...must(await store.quarantinedBody({ id })).body]).toEqual([0xff, 0, 7])
      await store.unquarantine({ id })
      expect(await store.quarantinedBody({ id })).toBeUndefined()
      expect(await store.quarantined({ limit: 10 })).toHaveLength(1)
    })

    it('gives stored events of a stretch of time back, part by part, each once and in order', async () => {
      const store = open()
      const ids = Array.from({ length: 2_500 }, (_, index) => `e${index}`)
      await Promise.all(ids.map((id, index) => store.accept(event(id, { receivedAtMs: T + index }))))
      const found: string[] = []
      let after: number | undefined = 0
      while (after !== undefined) {
        const part: Awaited<ReturnType<Store['received']>> = await store.received({
          sinceMs: T + 10,
          untilMs: T + 2_400,
          after,
        })
        found.push(...part.events.map(({ id }) => id))
        after = part.next
      }
      expect(found).toEqual(ids.slice(10, 2_400))
    })
  })
}
