import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openPostgres } from '../../src/store/postgres.ts'
import type { Store } from '../../src/store/store.ts'
import { createDatabase, query } from '../postgres/database.ts'
import { createProxy, type Proxy } from '../postgres/proxy.ts'
import { createPostgres } from '../postgres/server.ts'
import { apply, claim, event, held, LANE, must, plan, T } from './store-fixture.ts'

let url: string
let proxy: Proxy
let store: Store
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function open(at: string): Promise<Store> {
  const opened = await openPostgres({ url: at })
  closing.push(() => opened.store.close())
  return opened.store
}

/** Ask until it is answered, as a sender or the worker would. */
async function until<T>(ask: () => Promise<T>): Promise<T> {
  const giveUpAtMs = performance.now() + 15_000
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (performance.now() > giveUpAtMs) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

// A server of its own, and much that waits, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

describe('a store whose way to Postgres breaks', () => {
  beforeEach(async () => {
    url = await createDatabase()
    proxy = await createProxy(url)
    closing.push(() => proxy.close())
    store = await open(proxy.url)
  })

  it('goes on over a new one as if nothing had been', async () => {
    await store.accept(event('e1'))
    proxy.cut()
    expect(await store.accept(event('e2'))).toMatchObject({ result: 'accepted' })
    proxy.cut()
    expect((await store.unapplied({ limit: 5 })).map(({ id }) => id)).toEqual(['e1', 'e2'])
  })

  it('leaves nothing behind at the server of what it no longer waits for', async () => {
    const direct = await open(url)
    const blocker = new pg.Client({ connectionString: url })
    closing.push(() => blocker.end())
    await blocker.connect()
    await blocker.query('BEGIN; LOCK TABLE event IN ACCESS EXCLUSIVE MODE')
    await expect(direct.accept(event('e1'))).rejects.toThrow('Postgres')
    const waiting =
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INTO event%'"
    await expect.poll(() => query(url, waiting), { timeout: 5_000 }).toEqual([])
  })

  it('keeps a push once, and says so, when the answer to its commit is lost', async () => {
    const lost = proxy.loseAnswerTo(/INSERT INTO event/)
    expect(await store.accept(event('e1'))).toMatchObject({ result: 'duplicate', conflict: false })
    await lost
    expect(await store.unapplied({ limit: 5 })).toHaveLength(1)
  })

  it('carries a plan out once when the answer to its commit is lost', async () => {
    await store.accept(event('e1'))
    const lost = proxy.loseAnswerTo(/COMMIT\0/)
    expect(await apply(store, plan('e1'))).toBe('done')
    await lost
    expect((await store.incident({ id: 'inc-1' }))?.incident.version).toBe(1)
    expect(must(await claim(store)).deliveries).toHaveLength(2)
  })

  it('leaves it to the holder whether what it wrote is there, when the answer to its commit is lost', async () => {
    await store.accept(event('e1'))
    await apply(store, plan('e1'))
    const work = must(await claim(store))
    const patch = { ...held(work), deliveries: [{ key: 'card/1', state: 'sending', sentAtMs: T } as const] }
    const lost = proxy.loseAnswerTo(/COMMIT\0/)
    await expect(store.save(patch)).rejects.toMatchObject({ reason: 'unavailable' })
    await lost
    expect(must(await store.save(held(work))).deliveries[0]).toMatchObject({ state: 'sending' })
  })

  it('refuses a push soon if the way leads nowhere, and recovers by itself', async () => {
    await store.accept(event('e1'))
    proxy.hang()
    const startedAtMs = performance.now()
    await expect(store.accept(event('e2'))).rejects.toMatchObject({ reason: 'unavailable' })
    expect(performance.now() - startedAtMs).toBeLessThan(5_000)
    proxy.goOn()
    expect(await until(() => store.accept(event('e3')))).toMatchObject({ result: 'accepted' })
  })

  it('keeps nothing in a session that a pooling proxy would hand to another', async () => {
    await store.accept(event('e1'))
    await apply(store, plan('e1'))
    const work = must(await claim(store))
    await store.save(held(work))
    await store.expire({ beforeMs: T, openBeforeMs: 0, limit: 10 })
    const said = proxy.said()
    expect(said).toContain('SET LOCAL')
    expect(said).not.toMatch(/[;\0]\s*SET (?!LOCAL)/)
    expect(said).not.toMatch(/pg_(try_)?advisory_lock|LISTEN|PREPARE|DECLARE|TEMP(ORARY)? TABLE/)
    // A Parse message: its length, the name of what is prepared, the statement.
    const named = [...said.matchAll(/P[\s\S]{4}([\w-]*)\0\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)/g)].map(
      ([, name]) => name,
    )
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((name) => name !== '')).toEqual([])
  })
})

describe('a store whose server', () => {
  it('restarts says "unavailable" meanwhile, loses nothing, and goes on by itself', async () => {
    const server = await createPostgres([])
    closing.push(() => server.remove())
    await server.start()
    store = await open(server.url('postgres'))
    await store.accept(event('e1'))
    await server.stop('kill')
    await expect(store.accept(event('e2'))).rejects.toMatchObject({ reason: 'unavailable' })
    await expect(store.unapplied({ limit: 1 })).rejects.toMatchObject({ reason: 'unavailable' })
    await server.start()
    expect(await until(() => store.accept(event('e1')))).toMatchObject({ result: 'duplicate', conflict: false })
    expect(await until(() => store.accept(event('e3')))).toMatchObject({ result: 'accepted' })
  })

  const troubles = [
    ['takes no writes', 'SET default_transaction_read_only = on', 'RESET default_transaction_read_only'],
    ['ends what takes long', "SET statement_timeout = '1ms'", 'RESET statement_timeout'],
    ['takes no more connections', 'CONNECTION LIMIT 0', 'CONNECTION LIMIT -1'],
  ] as const
  it.each(troubles)('%s says "unavailable", and all is well once it is over', async (_, begin, end) => {
    const admin = await createDatabase()
    const name = new URL(admin).pathname.slice(1)
    const drop =
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()'
    await query(admin, `CREATE ROLE ${name} LOGIN PASSWORD 'p'; GRANT ALL ON SCHEMA public TO ${name}`)
    const own = new URL(admin)
    own.username = name
    own.password = 'p'
    store = await open(own.href)
    await store.accept(event('e1'))
    await query(admin, `ALTER DATABASE ${name} ${begin}; ${drop}`)
    // What takes a millisecond is many at once.
    const pushes = Array.from({ length: 300 }, (__, index) => event(`x${index}`, { body: 'x'.repeat(20_000) }))
    const refused = (await Promise.allSettled(pushes.map((push) => store.accept(push)))).filter(
      ({ status }) => status === 'rejected',
    )
    expect(refused.length).toBeGreaterThan(0)
    for (const one of refused) expect(one).toMatchObject({ reason: { reason: 'unavailable' } })
    await query(admin.replace(name, 'postgres'), `ALTER DATABASE ${name} ${end}`)
    await query(admin, drop)
    expect(await until(() => store.accept(event('e2')))).toMatchObject({ result: 'accepted' })
    expect(await until(() => apply(store, plan('e2')))).toBe('applied')
  })

  it('does not know the password, or the database, is refused at the start with what to correct, and no secret', async () => {
    const wrong = new URL(await createDatabase())
    wrong.password = 'canary-of-a-wrong-password'
    const error = await open(wrong.href).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ reason: 'unreadable', message: expect.stringContaining('correct store.postgres') })
    expect(String(error)).not.toContain('canary')
    const missing = new URL(await createDatabase())
    missing.pathname = '/nowhere'
    await expect(open(missing.href)).rejects.toMatchObject({ reason: 'unreadable' })
  })

  it('holds something else, or what a newer release wrote, is left as it is', async () => {
    const other = await createDatabase()
    await query(other, 'CREATE TABLE event (id int)')
    await expect(open(other)).rejects.toMatchObject({
      reason: 'unreadable',
      message: expect.stringContaining('its own'),
    })
    const newer = await createDatabase()
    await (await openPostgres({ url: newer })).store.close()
    await query(newer, 'UPDATE relay_schema SET minor = 99')
    await (await openPostgres({ url: newer })).store.close()
    await query(newer, 'UPDATE relay_schema SET major = 2')
    await expect(open(newer)).rejects.toMatchObject({
      reason: 'unreadable',
      message: expect.stringContaining('upgrade'),
    })
  })
})

describe('several stores on one database', () => {
  let stores: readonly Store[]
  beforeEach(async () => {
    url = await createDatabase()
    stores = await Promise.all([open(url), open(url), open(url)])
  })

  it('keep an event that all are sent at once one time', async () => {
    const pushes = Array.from({ length: 100 }, (_, index) => event(`e${index}`))
    const results = await Promise.all(
      stores.flatMap((one, index) =>
        (index === 1 ? pushes.toReversed() : pushes).map(async (push) => (await one.accept(push)).result),
      ),
    )
    expect(results.filter((result) => result === 'accepted')).toHaveLength(100)
    expect(results.filter((result) => result === 'duplicate')).toHaveLength(200)
  })

  it('judge an event one time, and give its lane to one', async () => {
    const [first] = stores
    await must(first).accept(event('e1'))
    const verdicts = await Promise.all(stores.map((one) => apply(one, plan('e1'))))
    expect(verdicts.toSorted()).toEqual(['applied', 'done', 'done'])
    const claims = await Promise.all(stores.map((one, index) => claim(one, { owner: String(index) })))
    expect(claims.filter((work) => work !== undefined)).toHaveLength(1)
  })

  it('see two events of a new incident one after the other', async () => {
    const [first] = stores
    await must(first).accept(event('e1'))
    await must(first).accept(event('e2'))
    const verdicts = await Promise.all(stores.map((one, index) => apply(one, plan(index === 0 ? 'e1' : 'e2'))))
    expect(verdicts.filter((verdict) => verdict === 'applied')).toHaveLength(1)
    expect(verdicts.filter((verdict) => verdict === 'conflict').length).toBeGreaterThan(0)
    expect((await must(first).incident({ id: 'inc-1' }))?.incident.version).toBe(1)
  })

  it('that lock the same lanes the other way round all get through', async () => {
    const [first] = stores
    const ids = Array.from({ length: 30 }, (_, index) => `e${index}`)
    for (const id of ids) await must(first).accept(event(id, { incidentId: `inc-${id}` }))
    const done = await Promise.all(
      ids.flatMap((id, index) => {
        const incident = { ...must(plan(id).incident), id: `inc-${id}` }
        const lanes = ['a', 'b', 'c'].map((destination) => ({ destination, card: true, urgency: 1 as const, owed: [] }))
        const one = { ...plan(id), incident, lanes: index % 2 === 0 ? lanes : lanes.toReversed() }
        const hasten = { destinations: index % 2 === 0 ? ['a', 'b', 'c'] : ['c', 'b', 'a'], nowMs: T }
        return [apply(must(stores[index % 3]), one), must(stores[(index + 1) % 3]).hasten(hasten)]
      }),
    )
    expect(done.filter((result) => result === 'applied')).toHaveLength(30)
  })

  it('hand lanes over when one of them closes, and not before', async () => {
    const { store: leaving } = await openPostgres({ url })
    await leaving.accept(event('e1'))
    await apply(leaving, plan('e1'))
    must(await claim(leaving))
    const [staying] = stores
    expect(await claim(must(staying), { owner: 'b' })).toBeUndefined()
    await leaving.close()
    expect(must(await claim(must(staying), { owner: 'b' })).lane).toMatchObject(LANE)
  })

  it('wake each other, and go by the clock of the server', async () => {
    let woken = (): void => {}
    const hint = new Promise<void>((resolve) => (woken = resolve))
    const listening = await openPostgres({ url, onHint: () => woken() })
    closing.push(() => listening.store.close())
    const told = await openPostgres({ url, onHint: () => {} })
    closing.push(() => told.store.close())
    await told.store.accept(event('e1'))
    await hint
    const [row] = await query(url, 'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now_ms')
    const apartMs = Number((row as { now_ms: string }).now_ms) - listening.clock.now()
    expect(Math.abs(apartMs)).toBeLessThan(1_000)
  })
})
