import { setImmediate as turn } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LEASE_MS } from '../../src/delivery/held.ts'
import { watchFlood, type WatchedStore } from '../../src/store/flood.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { event } from './store-fixture.ts'
import { cards, createBench, only } from './worker.ts'

/** Pushes go first whenever the store cannot keep up; all other time chat is served too. */

let count = 0

async function watch(): Promise<WatchedStore> {
  const folder = mkdtempSync(join(tmpdir(), 'flood-'))
  const store = await openSqlite({ file: join(folder, 'relay.db') })
  onTestFinished(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return watchFlood(store)
}

it('a store is flooded while more waits than it takes at once, and not any more once that is kept', async () => {
  const watched = await watch()
  const kept = Array.from({ length: 20 }, () => watched.store.accept(event(`e${count++}`)))
  expect(watched.flooded()).toBe(true)
  await Promise.all(kept)
  expect(watched.flooded()).toBe(false)
})

it('chat is served a quarter of a second later in a flood, however long it lasts, and soon after its end', async () => {
  let isFlooded = true
  const bench = await createBench({ routes: [only('slack')], flooded: () => isFlooded })
  await bench.run(10_000)
  await bench.accept('i_new', { incident_id: 'inc-1' })
  await bench.run(200)
  expect(cards(bench, 'slack')).toHaveLength(0)
  await bench.run(200)
  expect(cards(bench, 'slack')).toHaveLength(1)
  await bench.accept('i_new', { incident_id: 'inc-2' })
  isFlooded = false
  await bench.run(60)
  expect(cards(bench, 'slack')).toHaveLength(2)
})

/** Those who connect go first, from `hold` to `release`. */
function createDoor() {
  let held: Promise<void> | undefined
  let letGo = (): void => {}
  let waiting = 0
  return {
    nextTurn: async (): Promise<void> => {
      waiting++
      await held
      await turn()
      waiting--
    },
    hold: () => void (held = new Promise((resolve) => (letGo = resolve))),
    /** Somebody waits, and has for a while. */
    async isWaitedAt(): Promise<void> {
      while (waiting === 0) await turn()
      for (let turns = 0; turns < 100; turns++) await turn()
    },
    release(): void {
      held = undefined
      letGo()
    },
  }
}

/** A relay with a new incident, that waits for those who connect. */
async function besiege() {
  const door = createDoor()
  const bench = await createBench({ routes: [only('slack')], nextTurn: door.nextTurn })
  await bench.run(1_000)
  door.hold()
  await bench.accept('i_new')
  await door.isWaitedAt()
  return { door, bench }
}

it('chat makes no call while those who connect go first, and then goes on where it was', async () => {
  const { door, bench } = await besiege()
  expect(bench.attempts).toHaveLength(0)
  door.release()
  await bench.run(10_000)
  expect(cards(bench, 'slack')).toHaveLength(1)
  door.hold()
  await bench.accept('i_comm')
  await door.isWaitedAt()
  expect(bench.attempts).toHaveLength(1)
  door.release()
  await bench.run(10_000)
  expect(bench.attempts.map(({ operation }) => operation)).toEqual(['card', 'edit', 'reply'])
})

it('a card that gave way for longer than its lane was held is posted once', async () => {
  const { door, bench } = await besiege()
  bench.clock.nowMs += 3 * LEASE_MS
  door.release()
  await bench.run(120_000)
  expect(cards(bench, 'slack')).toHaveLength(1)
  expect(bench.attempts.filter(({ operation }) => operation === 'card')).toHaveLength(1)
})
