import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Admin } from '../../src/admin/calls.ts'
import { createAdmin } from '../../src/admin/direct.ts'
import { createIntake } from '../../src/flashduty/intake.ts'
import { createLog } from '../../src/ops/log.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { apply, claim, event, held, must, plan, T } from './store-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'relay-admin-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
let store: Store
let admin: Admin
let tried: string[]
let removed: string | undefined
beforeEach(async () => {
  store = await openSqlite({ file: join(folder, `${count++}.db`) })
  tried = []
  removed = undefined
  const log = createLog({ level: 'silent', secrets: () => [] })
  admin = createAdmin({
    store,
    intake: createIntake({ store, metrics: createMetrics(), log, onStoring: () => {}, isClockSure: () => true }),
    nowMs: () => T + 1_000,
    accountOf: (destination) => (destination === removed ? undefined : `account of ${destination}`),
    tryNow: async (destinations) => void tried.push(...destinations),
  })
})
afterEach(() => store.close())

describe('a body in quarantine', () => {
  const push = (change: object) =>
    Buffer.from(JSON.stringify({ event_id: 'q1', event_type: 'i_new', incident: { incident_id: 'inc-1' }, ...change }))
  const quarantine = (body: Uint8Array) => store.quarantine({ receivedAtMs: T - 60_000, code: 'x', reason: 'x', body })

  it('that has become an event is stored and leaves it; one that has not stays, once', async () => {
    await quarantine(push({}))
    await quarantine(Buffer.from('[]'))
    const ids = (await admin.quarantined({ limit: 5 })).items.map(({ id }) => id).toSorted((a, b) => a - b)
    expect((await admin.requeue({ ids: [...ids, 99] })).results).toEqual([
      { result: 'accepted', eventId: 'q1' },
      { result: 'refused', reason: 'The body must be a JSON object.' },
      { result: 'unknown', reason: 'there is no 99 in quarantine' },
    ])
    expect((await admin.quarantined({ limit: 5 })).items.map(({ id }) => id)).toEqual(ids.slice(1))
    expect(await store.unapplied({ limit: 5 })).toHaveLength(1)
  })

  it('without a time of its own happened when it came, and does not pass for news', async () => {
    await store.accept(event('e1'))
    await quarantine(push({}))
    const [kept] = (await admin.quarantined({ limit: 5 })).items
    expect((await admin.requeue({ ids: [must(kept).id] })).results).toMatchObject([{ result: 'stale' }])
  })
})

describe('what is shown of work', () => {
  beforeEach(async () => {
    await store.accept(event('e1'))
    await store.accept(event('e2', { receivedAtMs: T + 1 }))
    await apply(store, plan('e1'))
  })

  it('says of a reply that it waits for its card, and until when', async () => {
    const work = must(await claim(store))
    await store.save({
      ...held(work),
      deliveries: [{ key: 'card/1', state: 'pending', reason: 'rate_limited', dueAtMs: T + 9_000 }],
      release: { touched: work.touched, urgency: 0, dueAtMs: T + 9_000 },
    })
    expect((await admin.deliveries({ limit: 5 })).items).toMatchObject([
      { key: 'card/1', state: 'waiting', reason: 'rate_limited', nextAtMs: T + 9_000 },
      { key: 'reply/e1', state: 'waiting', reason: 'behind the card before it', nextAtMs: T + 9_000 },
    ])
  })

  it.each(['destination:sre', 'account:account of sre'])(
    'says that %s is broken, and when it is probed',
    async (scope) => {
      await store.pause({ scope, reason: 'not_in_channel', untilMs: T + 60_000, failures: 1 })
      await store.pause({ scope: 'destination:other', reason: 'x', untilMs: T + 90_000, failures: 1 })
      const [card] = (await admin.deliveries({ limit: 5 })).items
      expect(card).toMatchObject({
        state: 'waiting',
        nextAtMs: T + 60_000,
        reason: `${scope} is broken: not_in_channel`,
      })
    },
  )

  it('says that it leads nowhere any more', async () => {
    removed = 'sre'
    const [card] = (await admin.deliveries({ limit: 5 })).items
    expect(card).toMatchObject({ state: 'waiting', reason: 'the configuration has no such destination' })
    expect(card).not.toHaveProperty('nextAtMs')
  })

  it('says that nothing happens by itself where the card was given up on', async () => {
    const work = must(await claim(store))
    const set = { shownVersion: 1 }
    const deliveries = [{ key: 'card/1', state: 'dead', reason: 'x' } as const]
    await store.save({ ...held(work), set, deliveries, release: { touched: work.touched, urgency: 1 } })
    const [card, reply] = (await admin.deliveries({ limit: 5 })).items
    expect(card).not.toHaveProperty('nextAtMs')
    expect(reply).toMatchObject({ state: 'waiting', reason: 'its card was not posted' })
    expect(reply).not.toHaveProperty('nextAtMs')
  })

  it('has an id that names it, in part or as the whole key; what names nothing changes nothing', async () => {
    const [card, reply] = (await admin.deliveries({ limit: 5 })).items
    const id = must(card).id
    expect(id).toMatch(/^[\da-f]{10}$/)
    for (const named of [id, id.slice(0, 6), id.toUpperCase(), 'card/1']) {
      const { changes, problems } = await admin.retry({ ids: [named], allDead: false })
      expect([problems, changes]).toEqual([[], [{ id, key: 'card/1', result: 'retried' }]])
    }
    expect(tried).toEqual(['sre', 'sre', 'sre', 'sre'])
    const wrong = await admin.drop({ ids: [must(reply).id, id.slice(0, 5), 'zzz'] })
    expect(wrong).toEqual({
      changes: [],
      problems: [expect.stringContaining('too short'), expect.stringContaining('"zzz" is no id')],
    })
    expect((await admin.deliveries({ limit: 5 })).total).toBe(2)
  })
})
