import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AppliedPlan, LaneKey, LaneWork, NewEvent, Store, StoredIncident } from '../../src/store/store.ts'

/** One engine, as the suite drives it. */
export interface Engine {
  /** An empty store. */
  open(): Promise<Store>
  /** The same data, opened anew, as after a restart. */
  reopen(store: Store): Promise<Store>
}

const T = 1_760_000_000_000
const LANE: LaneKey = { incidentId: 'inc-1', destination: 'sre' }

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
        await store.apply(plan('e1'))
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
        expect(await store.apply(plan('e1'))).toBe('applied')
        expect(await store.apply(plan('e1'))).toBe('done')
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
        await store.apply(plan('e1'))
        expect(await store.apply(plan('e2'))).toBe('conflict')
        expect((await store.incident({ id: 'inc-1' }))?.incident.version).toBe(1)
        expect((await store.unapplied({ limit: 10 })).map(({ id }) => id)).toEqual(['e2'])
        expect(await store.apply(plan('e2', 2))).toBe('applied')
      })

      it('of a stale event leave the incident alone', async () => {
        await store.accept(event('e1'))
        await store.accept(event('e2'))
        await store.apply(plan('e1'))
        const stale: AppliedPlan = {
          eventId: 'e2',
          verdict: 'stale',
          changes: {},
          expectedVersion: 1,
          lanes: [],
          nowMs: T,
        }
        expect(await store.apply(stale)).toBe('applied')
        expect((await store.incident({ id: 'inc-1' }))?.incident).toEqual(incident(1))
        expect(await store.unapplied({ limit: 10 })).toEqual([])
      })

      it('set and clear the end of a snooze', async () => {
        await store.accept(event('e1'))
        await store.accept(event('e2'))
        await store.apply({ ...plan('e1'), incident: { ...incident(1), snoozeEndsAtMs: T + 60_000 } })
        expect((await store.schedule({ destinations: [] })).snoozeEndsAtMs).toBe(T + 60_000)
        expect(await store.snoozesEnded({ nowMs: T + 59_999, limit: 5 })).toEqual([])
        const [ended] = await store.snoozesEnded({ nowMs: T + 60_000, limit: 5 })
        expect(ended).toEqual({ incident: { ...incident(1), snoozeEndsAtMs: T + 60_000 }, body: event('e1').body })
        await store.apply(plan('e2', 2))
        expect(await store.snoozesEnded({ nowMs: T + 60_000, limit: 5 })).toEqual([])
        expect(await store.schedule({ destinations: [] })).toEqual({ classes: [] })
      })
    })

    describe('lanes', () => {
      beforeEach(async () => {
        await store.accept(event('e1'))
        await store.accept(event('e2'))
        await store.apply(plan('e1'))
      })

      it('are due once, to one holder', async () => {
        expect(await dueKeys(store, T)).toEqual(['inc-1'])
        const claims = await Promise.all([claim(store, { owner: 'a' }), claim(store, { owner: 'b' })])
        expect(claims.filter((work) => work !== undefined)).toHaveLength(1)
        expect(await dueKeys(store, T)).toEqual([])
      })

      it('come back by class, oldest first', async () => {
        await store.accept(event('o1', { incidentId: 'inc-2' }))
        const other = { ...plan('o1'), nowMs: T - 1, incident: { ...incident(1), id: 'inc-2' } }
        await store.apply({ ...other, lanes: [{ destination: 'sre', card: true, urgency: 0, owed: [] }] })
        const classes = [0, 1, 2, 3].map((urgency) => ({ destination: 'sre', urgency: urgency as 0 | 1 | 2 | 3 }))
        expect(await store.due({ nowMs: T, classes, limit: 10 })).toEqual([
          { incidentId: 'inc-2', destination: 'sre', urgency: 0, dueAtMs: T - 1 },
          { incidentId: 'inc-1', destination: 'sre', urgency: 1, dueAtMs: T },
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
        store = await engine.reopen(store)
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
          mention: ['U1', 'here'],
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
        await store.apply(plan('e2', 2))
        await store.save({ ...held(work), nowMs: T + 7, release: { touched: work.touched, urgency: 3 } })
        const next = must(await claim(store, { nowMs: T + 7 }))
        expect(next.lane.wantedVersion).toBe(2)
      })

      it('owe each key once', async () => {
        const work = must(await claim(store))
        const owed = {
          key: 'card/2',
          kind: 'card',
          generation: 2,
          broadcast: false,
          mention: 'none',
          late: false,
          eventId: 'e1',
        } as const
        await store.save({ ...held(work), owed, deliveries: [{ key: 'card/1', state: 'superseded' }] })
        const after = must(await store.save({ ...held(work), owed }))
        expect(after.deliveries.map(({ key, generation }) => [key, generation])).toEqual([
          ['reply/e1', 1],
          ['card/2', 2],
        ])
      })
    })

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

    it('counts what is open', async () => {
      await store.accept(event('e1'))
      await store.accept(event('e2'))
      await store.apply(plan('e1'))
      const deliveries = { pending: 2, sending: 0, ambiguous: 0, dead: 0 }
      expect(await store.counts()).toEqual({ eventsUnapplied: 1, deliveries, lanesDue: 1, quarantined: 0 })
    })

    it('refuses calls after it was closed', async () => {
      const closed = await engine.open()
      await closed.close()
      await expect(closed.accept(event('e9'))).rejects.toMatchObject({ reason: 'closed' })
    })
  })
}

function event(id: string, change: Partial<NewEvent> = {}): NewEvent {
  const body = `{"event_id":"${id}","title":"é 🔥"}`
  return {
    id,
    incidentId: 'inc-1',
    type: 'i_new',
    effectiveAtMs: T,
    receivedAtMs: T,
    body,
    bodyHash: `hash of ${id}`,
    ...change,
  }
}

function incident(version: number): StoredIncident {
  const snapshot = {
    id: 'inc-1',
    title: 'é 🔥',
    severity: 'Critical',
    status: 'Critical',
    progress: 'Triggered',
    labels: [],
    fields: [],
    responders: [],
  }
  return {
    id: 'inc-1',
    version,
    snapshot,
    last: { id: `e${version}`, type: 'i_new', atMs: T },
    effectiveAtMs: T,
    firstAtMs: T,
  }
}

function plan(eventId: string, version = 1): AppliedPlan {
  const reply = {
    key: `reply/${eventId}`,
    kind: 'reply',
    generation: 1,
    broadcast: true,
    mention: ['U1', 'here'],
    late: false,
  } as const
  const card = { key: 'card/1', kind: 'card', generation: 1, broadcast: false, mention: 'none', late: false } as const
  return {
    eventId,
    verdict: 'applied',
    changes: { title: { from: 'a', to: 'b' } },
    incident: incident(version),
    expectedVersion: version - 1,
    lanes: [{ destination: 'sre', card: true, urgency: 1, owed: [card, reply] }],
    nowMs: T,
  }
}

function claim(
  store: Store,
  change: { owner?: string; nowMs?: number; leaseUntilMs?: number } = {},
): Promise<LaneWork | undefined> {
  return store.claim({ lane: LANE, owner: 'a', nowMs: T, leaseUntilMs: T + 60_000, ...change })
}

function held(work: LaneWork): { lane: LaneKey; epoch: number; nowMs: number } {
  return { lane: LANE, epoch: work.epoch, nowMs: T }
}

async function dueKeys(store: Store, nowMs: number): Promise<string[]> {
  const classes = [0, 1, 2, 3].map((urgency) => ({ destination: 'sre', urgency: urgency as 0 | 1 | 2 | 3 }))
  return (await store.due({ nowMs, classes, limit: 10 })).map(({ incidentId }) => incidentId)
}

function must<T>(value: T | undefined): T {
  expect(value).toBeDefined()
  return value as T
}
