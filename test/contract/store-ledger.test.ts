import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ACCOUNT_LEASE_MS, UNTOLD_CALLS, type Owned, type OwnRequest } from '../../src/store/ledger.ts'
import { openPostgres, type PostgresStore } from '../../src/store/postgres.ts'
import { createDatabase, query } from '../postgres/database.ts'
import { event, must } from './store-fixture.ts'

const NAMES = ['bot', 'slack', 'team']

let url: string
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})
beforeEach(async () => {
  url = await createDatabase()
})

async function open(onHint?: () => void): Promise<PostgresStore> {
  const opened = await openPostgres({ url, ...(onHint && { onHint }) })
  closing.push(() => opened.store.close())
  return opened
}

/** A replica that knows these accounts and tells what it spent of those it has, as the worker does. */
async function createReplica(replica: string, names: readonly string[] = NAMES) {
  const { ledger, store } = await open()
  let held: Owned['accounts'] = []
  return {
    ledger,
    store,
    held: () => held.map(({ name }) => name),
    account: (name: string) => must(held.find((account) => account.name === name)),
    async own(change: Partial<OwnRequest> = {}): Promise<readonly string[]> {
      const leaving = held.filter(({ isLeaving }) => isLeaving).map(({ name }) => name)
      const accounts = names.map((name) => ({
        name,
        ...(held.some((one) => one.name === name) && !leaving.includes(name) && { spent: `of ${replica}` }),
      }))
      const letGo = leaving.map((name) => ({ name, spent: `last of ${replica}` }))
      const owned = await ledger.own({ replica, accounts, letGo, ...change })
      held = owned.accounts
      return held.map(({ name }) => name)
    },
    leave: (letGo = held.map(({ name }) => ({ name, spent: `last of ${replica}` }))) =>
      ledger.leave({ replica, letGo }),
  }
}

/** The time goes on, for the server: what is dated by it becomes older. */
async function pass(ms: number): Promise<void> {
  await query(url, 'UPDATE account SET lease_until_ms = lease_until_ms - $1', [ms])
  await query(url, 'UPDATE replica SET seen_at_ms = seen_at_ms - $1', [ms])
}

describe('accounts that replicas share', () => {
  it('are all of the one that is alone, and stay its own as long as it asks', async () => {
    const a = await createReplica('a')
    expect(await a.own()).toEqual(NAMES)
    const { turn } = a.account('bot')
    await pass(ACCOUNT_LEASE_MS - 1_000)
    expect(await a.own()).toEqual(NAMES)
    await pass(ACCOUNT_LEASE_MS - 1_000)
    expect(await a.own()).toEqual(NAMES)
    expect(a.account('bot')).toMatchObject({ turn, unsure: 0 })
  })

  it('are never two replicas’ at once, whenever those ask', async () => {
    const replicas = await Promise.all(['a', 'b', 'c'].map((name) => createReplica(name)))
    for (let round = 0; round < 8; round++) {
      await Promise.all(replicas.map((replica) => replica.own()))
      const all = replicas.flatMap((replica) => replica.held())
      expect(all.length).toBe(new Set(all).size)
    }
    expect(replicas.map((replica) => replica.held().length)).toEqual([1, 1, 1])
  })

  it.each([2, 3])('are shared out evenly when there come to be %i, and none is between two', async (count) => {
    const names = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6']
    const first = await createReplica('first', names)
    await first.own()
    const others = await Promise.all(
      Array.from({ length: count - 1 }, (_, index) => createReplica(`other-${index}`, names)),
    )
    for (const other of others) expect(await other.own()).toEqual([])
    await first.own()
    // It is still the first one's, which has to let it go: it may be in the middle of a call.
    for (const other of others) expect(await other.own()).toEqual([])
    for (let round = 0; round < 4; round++) for (const replica of [first, ...others]) await replica.own()
    for (const replica of [first, ...others]) expect(replica.held()).toHaveLength(6 / count)
    const settled = first.held()
    await first.own()
    expect(first.held()).toEqual(settled)
  })

  it('go over at once with all that was spent when their owner leaves', async () => {
    const [a, b] = [await createReplica('a'), await createReplica('b')]
    await a.own()
    expect(await b.own()).toEqual([])
    await a.leave()
    expect(await b.own()).toEqual(NAMES)
    expect(b.account('slack')).toMatchObject({ spent: 'last of a', unsure: 0 })
  })

  it('are left with the one that leaves as long as it does not let them go', async () => {
    const [a, b] = [await createReplica('a'), await createReplica('b')]
    await a.own()
    await a.leave([{ name: 'bot', spent: '' }])
    expect(await b.own()).toEqual(['bot'])
  })

  it('go over when the lease of an owner ends that went without a word, which may have spent more than it told', async () => {
    const [a, b] = [await createReplica('a'), await createReplica('b')]
    await a.own()
    const { turn } = a.account('slack')
    await a.own()
    await pass(ACCOUNT_LEASE_MS - 1_000)
    expect(await b.own()).toEqual([])
    await pass(1_000)
    expect(await b.own()).toEqual(NAMES)
    expect(b.account('slack')).toMatchObject({ turn: turn + 1, spent: 'of a', unsure: UNTOLD_CALLS })
    // Told of once, it is known.
    await b.own()
    expect(b.account('slack')).toMatchObject({ turn: turn + 1, spent: 'of b', unsure: 0 })
    // The old owner comes back, and believes that nothing happened.
    expect(await a.own()).toEqual([])
    await b.own()
    expect(b.account('slack').spent).toBe('of b')
  })

  it('tell when the next of them may be free', async () => {
    const [a, b] = [await createReplica('a'), await createReplica('b')]
    await a.own()
    await pass(20_000)
    const { freeInMs } = await b.ledger.own({ replica: 'b', accounts: [{ name: 'slack' }], letGo: [] })
    expect(freeInMs).toBeGreaterThan(1_000)
    expect(freeInMs).toBeLessThanOrEqual(2_000)
  })

  it('do not wait for a replica that was not heard of for a while', async () => {
    const [a, b] = [await createReplica('a'), await createReplica('b')]
    await b.own({ accounts: [] })
    await pass(9_000)
    expect(await a.own()).toEqual(NAMES)
  })

  it('do not wait for a replica that does not know them', async () => {
    const [a, b] = [await createReplica('a'), await createReplica('b', ['slack'])]
    await b.own()
    expect(await a.own()).toEqual(['bot', 'team'])
    for (let round = 0; round < 3; round++) {
      expect(await b.own()).toEqual(['slack'])
      expect(await a.own()).toEqual(['bot', 'team'])
    }
  })

  it('are known at once by whoever looks for what another let go', async () => {
    let heard = (): void => {}
    const free = new Promise<void>((resolve) => (heard = resolve))
    let isListening = (): void => {}
    const listening = new Promise<void>((resolve) => (isListening = resolve))
    const watching = await open(() => isListening())
    watching.ledger.watch(() => heard())
    const telling = await openPostgres({ url, onHint: () => {} })
    closing.push(() => telling.store.close())
    await telling.store.accept(event('e1'))
    await listening
    await telling.ledger.leave({ replica: 'a', letGo: [] })
    await free
  })

  it('keep what nobody knows yet: the answer to a request was lost', async () => {
    const a = await createReplica('a')
    const request = { replica: 'a', accounts: [{ name: 'slack' }], letGo: [] }
    const first = await a.ledger.own(request)
    expect(await a.ledger.own(request)).toEqual(first)
  })
})

describe('events that replicas share', () => {
  const incidents = Array.from({ length: 40 }, (_, index) => `inc-${index}`)

  async function accept(receivedAtMs: (nowMs: number) => number): Promise<void> {
    const { store, clock } = await open()
    const at = receivedAtMs(clock.now())
    for (const incidentId of incidents) {
      for (const id of [`${incidentId}/1`, `${incidentId}/2`])
        await store.accept(event(id, { incidentId, receivedAtMs: at }))
    }
  }

  const idsOf = async ({ store }: { store: PostgresStore['store'] }, limit = 200) =>
    (await store.unapplied({ limit })).map(({ id }) => id)

  it('are judged by one each, all of an incident by the same', async () => {
    await accept((nowMs) => nowMs + 60_000)
    const replicas = await Promise.all(['a', 'b', 'c'].map((name) => createReplica(name)))
    for (const replica of [...replicas, ...replicas]) await replica.own()
    const parts = await Promise.all(replicas.map((replica) => idsOf(replica)))
    expect(parts.flat().toSorted()).toEqual(incidents.flatMap((id) => [`${id}/1`, `${id}/2`]).toSorted())
    for (const part of parts) {
      expect(part.length).toBeGreaterThan(0)
      for (const id of part) expect(part).toContain(id.replace(/.$/, (number) => (number === '1' ? '2' : '1')))
    }
  })

  it('are judged by whoever has nothing left to do when their judge is gone', async () => {
    await accept((nowMs) => nowMs - 10_000)
    const [a, b] = [await createReplica('a'), await createReplica('b')]
    for (const replica of [a, b, a]) await replica.own()
    expect(await idsOf(a)).toHaveLength(80)
    // Its own come first: where there is more than enough for all, nobody does what another is about to do.
    const [mine, theirs] = [await idsOf(a, 20), await idsOf(b, 20)]
    expect(mine.filter((id) => theirs.includes(id))).toEqual([])
  })

  it('are all judged by one that is alone, and by one that owns nothing', async () => {
    await accept((nowMs) => nowMs + 60_000)
    expect(await idsOf(await open())).toHaveLength(80)
    const [a, b] = [await createReplica('a'), await createReplica('b')]
    for (const replica of [a, b, a]) await replica.own()
    expect((await idsOf(a)).length).toBeLessThan(80)
    await b.leave()
    await a.own()
    expect(await idsOf(a)).toHaveLength(80)
  })
})
