import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openStore } from '../../src/open-store.ts'
import type { StoreNotice } from '../../src/store/notice.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { createDatabase, query } from '../postgres/database.ts'
import { createProxy, type Proxy } from '../postgres/proxy.ts'
import { event, must, plan, T } from './store-fixture.ts'
import { describeStore } from './store.ts'

// What is away is waited for, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const closing: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

let folder: string
let file: string
let notices: StoreNotice[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-spool-'))
  file = join(folder, 'data', 'spool.db')
  notices = []
  closing.push(() => rmSync(folder, { recursive: true, force: true }))
})

async function open(url: string, spool = file) {
  const onFailure = (error: Error): void => expect.fail(String(error))
  const onNotice = (notice: StoreNotice): void => void notices.push(notice)
  const config = { postgres: url, spool, retention_days: 30 }
  const opened = await openStore(config, { onFailure, onNotice, onHint: () => {} })
  closing.push(() => opened.store.close())
  return opened
}

async function timed<T>(asked: Promise<T>): Promise<{ readonly value: T; readonly tookMs: number }> {
  const startedAtMs = performance.now()
  return { value: await asked, tookMs: performance.now() - startedAtMs }
}

const told = (what: StoreNotice['what']) => notices.filter((notice) => notice.what === what)
const until = (look: () => unknown) => expect.poll(look, { timeout: 20_000, interval: 20 })
const drained = () => until(() => told('drained').length).toBeGreaterThan(0)

async function idsIn(url: string): Promise<readonly string[]> {
  const rows = await query(url, 'SELECT id FROM event ORDER BY seq')
  return (rows as readonly { id: string }[]).map(({ id }) => id)
}

/** What is in the spool, which nobody may have open. */
async function look() {
  const spool = await openSqlite({ file })
  const { eventsUnapplied, quarantined } = await spool.counts()
  const { events } = await spool.received({ sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER, after: 0 })
  await spool.close()
  return { eventsUnapplied, quarantined, kept: events.length }
}

const EMPTY = { eventsUnapplied: 0, quarantined: 0, kept: 0 }

const urls = new WeakMap<Store, { url: string; spool: string }>()
let count = 0
async function openHealthy(url: string, spool: string): Promise<Store> {
  const options = { onFailure: () => {}, onNotice: () => {}, onHint: () => {} }
  const { store } = await openStore({ postgres: url, spool, retention_days: 30 }, options)
  urls.set(store, { url, spool })
  return store
}

describeStore('Postgres with a spool', {
  open: async () => openHealthy(await createDatabase(), join(folder, `${count++}.db`)),
  reopen: async (store) => {
    await store.close()
    const { url, spool } = must(urls.get(store))
    return openHealthy(url, spool)
  },
})

describe('a store whose Postgres is away', () => {
  let url: string
  let proxy: Proxy
  let store: Store
  beforeEach(async () => {
    url = await createDatabase()
    proxy = await createProxy(url)
    closing.push(() => proxy.close())
    store = (await open(proxy.url)).store
  })

  const away = [
    ['refuses', () => proxy.block(), () => proxy.unblock()],
    ['says nothing', async () => proxy.hang(), async () => proxy.goOn()],
  ] as const
  it.each(away)(
    'that %s keeps events within the time of their sender, and brings them there in order',
    async (_, cut, mend) => {
      await store.accept(event('before'))
      await cut()
      const first = await timed(store.accept(event('e0')))
      expect(first.value).toMatchObject({ result: 'accepted', conflict: false })
      expect(first.tookMs).toBeLessThan(1_900)
      // From then on nobody waits for what is known to be away.
      const ids = Array.from({ length: 250 }, (__, index) => `e${index + 1}`)
      for (const id of ids.slice(0, 50)) {
        const { value, tookMs } = await timed(store.accept(event(id)))
        expect(value).toMatchObject({ result: 'accepted' })
        expect(tookMs).toBeLessThan(900)
      }
      await Promise.all(ids.slice(50).map((id) => store.accept(event(id))))
      expect(notices.findLast(({ what }) => what === 'spooled')).toMatchObject({ events: 251, isAway: true })
      await expect(store.unapplied({ limit: 1 })).rejects.toMatchObject({ reason: 'unavailable' })
      await mend()
      await drained()
      expect(await idsIn(url)).toEqual(['before', 'e0', ...ids])
      expect(told('drained')).toEqual([{ what: 'drained', events: 251, bodies: 0 }])
      expect(told('conflict')).toEqual([])
      expect(await store.accept(event('e7'))).toMatchObject({ result: 'duplicate', conflict: false })
      await store.close()
      // No body stays behind on a disk nobody thinks of.
      expect(await look()).toEqual(EMPTY)
    },
  )

  it('lets nothing that comes while it drains overtake what waits', async () => {
    await proxy.block()
    const ids = Array.from({ length: 600 }, (_, index) => `e${index}`)
    await Promise.all(ids.map((id) => store.accept(event(id))))
    await proxy.unblock()
    // One after the other, as the sender of one incident does.
    for (let index = 0; told('drained').length === 0; index++) {
      ids.push(`late${index}`)
      expect((await timed(store.accept(event(`late${index}`)))).tookMs).toBeLessThan(1_900)
    }
    ids.push('straight')
    await store.accept(event('straight'))
    expect(await idsIn(url)).toEqual(ids)
  })

  it('keeps the order of those that wait for one commit when that fails', async () => {
    await store.accept(event('before'))
    proxy.hang()
    const ids = Array.from({ length: 40 }, (_, index) => `e${index}`)
    const pushes: Promise<unknown>[] = []
    for (const id of ids) {
      pushes.push(store.accept(event(id)))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await Promise.all(pushes)
    proxy.goOn()
    await drained()
    expect(await idsIn(url)).toEqual(['before', ...ids])
  })

  it('has an event once that was written there although the answer was lost', async () => {
    const lost = proxy.loseAnswerTo(/INSERT INTO event/)
    const accepting = store.accept(event('e1'))
    await lost
    await proxy.block()
    expect(await accepting).toMatchObject({ result: 'accepted' })
    expect(await idsIn(url)).toEqual(['e1'])
    await proxy.unblock()
    await drained()
    expect(await idsIn(url)).toEqual(['e1'])
    expect(told('conflict')).toEqual([])
  })

  it('has an event once that was sent before, during and after, and tells of another body', async () => {
    await store.accept(event('e1'))
    await proxy.block()
    await store.accept(event('e1'))
    expect(await store.accept(event('e2'))).toMatchObject({ result: 'accepted' })
    expect(await store.accept(event('e2'))).toMatchObject({ result: 'duplicate' })
    expect(await store.accept(event('e2', { effectiveAtMs: T - 1, bodyHash: 'other' }))).toMatchObject({
      conflict: true,
    })
    expect(await store.accept(event('e3', { effectiveAtMs: T - 1 }))).toMatchObject({ result: 'stale', latestAtMs: T })
    await proxy.unblock()
    await drained()
    expect(await store.accept(event('e2'))).toMatchObject({ result: 'duplicate', conflict: false })
    expect(await idsIn(url)).toEqual(['e1', 'e2', 'e3'])
    await proxy.block()
    await store.accept(event('e1', { bodyHash: 'forged' }))
    await proxy.unblock()
    await until(() => told('conflict')).toEqual([{ what: 'conflict', id: 'e1', incidentId: 'inc-1' }])
  })

  it('brings bodies that were no event there too', async () => {
    await proxy.block()
    for (const code of ['a', 'b']) {
      const entry = { receivedAtMs: T, code, reason: 'r', body: Buffer.from([0xff, 0]) }
      expect((await timed(store.quarantine(entry))).tookMs).toBeLessThan(1_900)
    }
    await proxy.unblock()
    await drained()
    const found = await store.quarantined({ limit: 5 })
    expect(found.map(({ code, bytes }) => [code, bytes])).toEqual([
      ['b', 2],
      ['a', 2],
    ])
  })

  it('puts aside what Postgres will never take, and goes on with the rest', async () => {
    await proxy.block()
    // Longer than an index takes.
    const id = Array.from({ length: 9_000 }, (_, index) => (index * 7919 + (index ^ 31) * 104_729).toString(36)).join(
      '',
    )
    await store.accept(event(id))
    await store.accept(event('e1'))
    await proxy.unblock()
    await drained()
    expect(await idsIn(url)).toEqual(['e1'])
    expect(told('refused')).toHaveLength(1)
    const [aside] = await store.quarantined({ limit: 5 })
    expect(aside).toMatchObject({ code: 'store_refused', receivedAtMs: T })
    expect(must(await store.quarantinedBody({ id: must(aside).id })).body.toString()).toBe(event(id).body)
    // One that it would not take although it is there, is no reason to think it away.
    notices.length = 0
    expect(await store.accept(event(`${id}2`))).toMatchObject({ result: 'accepted' })
    await drained()
    expect([told('away'), told('refused').length]).toEqual([[], 1])
  })

  it('keeps what waits when it is closed, and the next one brings it there', async () => {
    await proxy.block()
    await store.accept(event('e1'))
    await store.accept(event('e2'))
    expect((await timed(store.close())).tookMs).toBeLessThan(8_000)
    expect(told('left')).toEqual([{ what: 'left', file, events: 2, bodies: 0 }])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await proxy.unblock()
    store = (await open(proxy.url)).store
    expect(await store.accept(event('e3'))).toMatchObject({ result: 'accepted' })
    await drained()
    expect(await idsIn(url)).toEqual(['e1', 'e2', 'e3'])
  })

  it('empties its spool before it closes, if it can', async () => {
    await proxy.block()
    await store.accept(event('e1'))
    await proxy.unblock()
    await store.close()
    expect(await idsIn(url)).toEqual(['e1'])
    expect(told('left')).toEqual([])
    expect(await look()).toEqual(EMPTY)
  })

  it('is ready for events all the same, and knows that it is away before one comes', async () => {
    await proxy.block()
    await store.probe()
    await until(() => told('away').length).toBeGreaterThan(0)
    expect((await timed(store.accept(event('e1')))).tookMs).toBeLessThan(900)
    await proxy.unblock()
    await until(() => told('back').length).toBe(1)
  })
})

describe('a store that is opened while its Postgres is away', () => {
  it('takes events, refuses all else, and is whole as soon as it is there', async () => {
    const url = await createDatabase()
    const proxy = await createProxy(url)
    closing.push(() => proxy.close())
    await proxy.block()
    const { value, tookMs } = await timed(open(proxy.url))
    expect(tookMs).toBeLessThan(3_500)
    const { store, clock, late } = value
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(5_000)
    expect(await store.accept(event('e1'))).toMatchObject({ result: 'accepted' })
    await store.probe()
    await expect(store.unapplied({ limit: 1 })).rejects.toMatchObject({ reason: 'unavailable' })
    await proxy.unblock()
    await late
    await drained()
    expect((await store.unapplied({ limit: 5 })).map(({ id }) => id)).toEqual(['e1'])
    expect(await store.apply(plan('e1'))).toBe('applied')
  })

  it('is refused at once where waiting is no help, and leaves its spool free', async () => {
    const wrong = new URL(await createDatabase())
    wrong.password = 'canary-of-a-wrong-password'
    await expect(open(wrong.href)).rejects.toMatchObject({
      reason: 'unreadable',
      message: expect.stringContaining('correct store.postgres'),
    })
    expect(await look()).toEqual(EMPTY)
  })

  it('can be closed before it was ever there', async () => {
    const proxy = await createProxy(await createDatabase())
    await proxy.close()
    const { store } = await open(proxy.url)
    await store.accept(event('e1'))
    await store.close()
    await expect(store.accept(event('e2'))).rejects.toMatchObject({ reason: 'closed' })
    expect(await look()).toMatchObject({ eventsUnapplied: 1 })
  })
})

describe('a spool', () => {
  it('is one relay’s: another is told to name its own', async () => {
    const url = await createDatabase()
    await open(url)
    await expect(open(url)).rejects.toMatchObject({
      reason: 'locked',
      message: expect.stringContaining('give each replica a store.spool of its own'),
    })
  })

  it('is not the database of a relay, whose history would go that way', async () => {
    const relays = await openSqlite({ file })
    await relays.accept(event('e1'))
    await relays.apply(plan('e1'))
    await relays.close()
    await expect(open(await createDatabase())).rejects.toMatchObject({
      reason: 'unreadable',
      message: expect.stringContaining('name another file in store.spool'),
    })
    expect((await look()).kept).toBe(1)
  })

  it('holds events of a process that was killed before it could say that they are through', async () => {
    const url = await createDatabase()
    const { store: there } = await openPostgres({ url })
    await there.accept(event('e1'))
    await there.close()
    const left = await openSqlite({ file })
    await left.accept(event('e1'))
    await left.accept(event('e2'))
    await left.close()
    await open(url)
    await drained()
    expect(await idsIn(url)).toEqual(['e1', 'e2'])
    expect(existsSync(file)).toBe(true)
  })
})
