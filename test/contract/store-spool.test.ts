import { statSync } from 'node:fs'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { createDatabase } from '../postgres/database.ts'
import { createProxy, type Proxy } from '../postgres/proxy.ts'
import { afterwards, createPlace, EMPTY, idsIn, soon, timed, type Place } from './spool-place.ts'
import { event, must, T } from './store-fixture.ts'

// What is away is waited for, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

let place: Place

describe('a store whose Postgres is away', () => {
  let url: string
  let proxy: Proxy
  let store: Store
  beforeEach(async () => {
    place = createPlace()
    url = await createDatabase()
    proxy = await createProxy(url)
    afterwards(() => proxy.close())
    store = (await place.open(proxy.url)).store
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
      expect(place.notices.findLast(({ what }) => what === 'spooled')).toMatchObject({ events: 251, isAway: true })
      await expect(store.unapplied({ limit: 1 })).rejects.toMatchObject({ reason: 'unavailable' })
      await mend()
      await place.drained()
      expect(await idsIn(url)).toEqual(['before', 'e0', ...ids])
      expect(place.told('drained')).toEqual([{ what: 'drained', events: 251, bodies: 0 }])
      expect(place.told('conflict')).toEqual([])
      expect(await store.accept(event('e7'))).toMatchObject({ result: 'duplicate', conflict: false })
      await store.close()
      // No body stays behind on a disk nobody thinks of.
      expect(await place.look()).toEqual(EMPTY)
    },
  )

  it('lets nothing that comes while it drains overtake what waits', async () => {
    await proxy.block()
    const ids = Array.from({ length: 600 }, (_, index) => `e${index}`)
    await Promise.all(ids.map((id) => store.accept(event(id))))
    await proxy.unblock()
    // One after the other, as the sender of one incident does.
    for (let index = 0; place.told('drained').length === 0; index++) {
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
    await place.drained()
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
    await place.drained()
    expect(await idsIn(url)).toEqual(['e1'])
    expect(place.told('conflict')).toEqual([])
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
    await place.drained()
    expect(await store.accept(event('e2'))).toMatchObject({ result: 'duplicate', conflict: false })
    expect(await idsIn(url)).toEqual(['e1', 'e2', 'e3'])
    await proxy.block()
    await store.accept(event('e1', { bodyHash: 'forged' }))
    await proxy.unblock()
    await soon(() => place.told('conflict')).toEqual([{ what: 'conflict', id: 'e1', incidentId: 'inc-1' }])
  })

  it('brings bodies that were no event there too', async () => {
    await proxy.block()
    for (const code of ['a', 'b']) {
      const entry = { receivedAtMs: T, code, reason: 'r', body: Buffer.from([0xff, 0]) }
      expect((await timed(store.quarantine(entry))).tookMs).toBeLessThan(1_900)
    }
    await proxy.unblock()
    await place.drained()
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
    await place.drained()
    expect(await idsIn(url)).toEqual(['e1'])
    expect(place.told('refused')).toHaveLength(1)
    const [aside] = await store.quarantined({ limit: 5 })
    expect(aside).toMatchObject({ code: 'store_refused', receivedAtMs: T })
    expect(must(await store.quarantinedBody({ id: must(aside).id })).body.toString()).toBe(event(id).body)
    // One that it would not take although it is there, is no reason to think it away.
    place.notices.length = 0
    expect(await store.accept(event(`${id}2`))).toMatchObject({ result: 'accepted' })
    await place.drained()
    expect([place.told('away'), place.told('refused').length]).toEqual([[], 1])
  })

  it('keeps what waits when it is closed, and the next one brings it there', async () => {
    await proxy.block()
    await store.accept(event('e1'))
    await store.accept(event('e2'))
    expect((await timed(store.close())).tookMs).toBeLessThan(8_000)
    expect(place.told('left')).toEqual([{ what: 'left', file: place.file, events: 2, bodies: 0 }])
    expect(statSync(place.file).mode & 0o777).toBe(0o600)
    await proxy.unblock()
    store = (await place.open(proxy.url)).store
    expect(await store.accept(event('e3'))).toMatchObject({ result: 'accepted' })
    await place.drained()
    expect(await idsIn(url)).toEqual(['e1', 'e2', 'e3'])
  })

  it('empties its spool before it closes, if it can', async () => {
    await proxy.block()
    await store.accept(event('e1'))
    await proxy.unblock()
    await store.close()
    expect(await idsIn(url)).toEqual(['e1'])
    expect(place.told('left')).toEqual([])
    expect(await place.look()).toEqual(EMPTY)
  })

  it('is ready for events all the same, and knows that it is away before one comes', async () => {
    await proxy.block()
    await store.probe()
    await soon(() => place.told('away').length).toBeGreaterThan(0)
    expect((await timed(store.accept(event('e1')))).tookMs).toBeLessThan(900)
    await proxy.unblock()
    await soon(() => place.told('back').length).toBe(1)
  })
})
