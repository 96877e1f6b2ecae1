import { expect, it, onTestFinished } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
