import { existsSync } from 'node:fs'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { openStore } from '../../src/open-store.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { createDatabase } from '../postgres/database.ts'
import { createProxy } from '../postgres/proxy.ts'
import { afterwards, createPlace, EMPTY, idsIn, timed, type Place } from './spool-place.ts'
import { apply, event, must, plan } from './store-fixture.ts'
import { describeStore } from './store.ts'

// What is away is waited for, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

let place: Place
beforeEach(() => (place = createPlace()))

const urls = new WeakMap<Store, { url: string; spool: string }>()
/** Closed by the suite itself. */
async function openHealthy(url: string, spool: string): Promise<Store> {
  const options = { onFailure: () => {}, onNotice: () => {}, onHint: () => {} }
  const { store } = await openStore({ postgres: url, spool, retention_days: 30 }, options)
  urls.set(store, { url, spool })
  return store
}

describeStore('Postgres with a spool', {
  open: async () => openHealthy(await createDatabase(), createPlace().file),
  reopen: async (store) => {
    await store.close()
    const { url, spool } = must(urls.get(store))
    return openHealthy(url, spool)
  },
})

describe('a store that is opened while its Postgres is away', () => {
  it('takes events, refuses all else, and is whole as soon as it is there', async () => {
    const url = await createDatabase()
    const proxy = await createProxy(url)
    afterwards(() => proxy.close())
    await proxy.block()
    const { value, tookMs } = await timed(place.open(proxy.url))
    expect(tookMs).toBeLessThan(3_500)
    const { store, clock, late } = value
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(5_000)
    expect(await store.accept(event('e1'))).toMatchObject({ result: 'accepted' })
    await store.probe()
    await expect(store.unapplied({ limit: 1 })).rejects.toMatchObject({ reason: 'unavailable' })
    await proxy.unblock()
    await late
    await place.drained()
    expect((await store.unapplied({ limit: 5 })).map(({ id }) => id)).toEqual(['e1'])
    expect(await apply(store, plan('e1'))).toBe('applied')
  })

  it('is refused at once where waiting is no help, and leaves its spool free', async () => {
    const wrong = new URL(await createDatabase())
    wrong.password = 'canary-of-a-wrong-password'
    await expect(place.open(wrong.href)).rejects.toMatchObject({
      reason: 'unreadable',
      message: expect.stringContaining('correct store.postgres'),
    })
    expect(await place.look()).toEqual(EMPTY)
  })

  it('can be closed before it was ever there', async () => {
    const proxy = await createProxy(await createDatabase())
    await proxy.close()
    const { store } = await place.open(proxy.url)
    await store.accept(event('e1'))
    await store.close()
    await expect(store.accept(event('e2'))).rejects.toMatchObject({ reason: 'closed' })
    expect(await place.look()).toMatchObject({ events: 1 })
  })
})

describe('a spool', () => {
  it('is one relay’s: another is told to name its own', async () => {
    const url = await createDatabase()
    await place.open(url)
    await expect(place.open(url)).rejects.toMatchObject({
      reason: 'locked',
      message: expect.stringContaining('give each replica a store.spool of its own'),
    })
  })

  it('is not the database of a relay, whose history would go that way', async () => {
    const relays = await openSqlite({ file: place.file })
    await relays.accept(event('e1'))
    await apply(relays, plan('e1'))
    await relays.close()
    await expect(place.open(await createDatabase())).rejects.toMatchObject({
      reason: 'unreadable',
      message: expect.stringContaining('name another file in store.spool'),
    })
    expect((await place.look()).rows).toBe(1)
  })

  it('holds events of a process that was killed before it could say that they are through', async () => {
    const url = await createDatabase()
    const { store: there } = await openPostgres({ url })
    await there.accept(event('e1'))
    await there.close()
    const left = await openSqlite({ file: place.file })
    await left.accept(event('e1'))
    await left.accept(event('e2'))
    await left.close()
    await place.open(url)
    await place.drained()
    expect(await idsIn(url)).toEqual(['e1', 'e2'])
    expect(existsSync(place.file)).toBe(true)
  })
})
