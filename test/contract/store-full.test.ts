import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { loadSqlite, type SqliteDatabase } from '../../src/store/sqlite/driver.ts'
import { accept } from '../../src/store/sqlite/events.ts'
import { toStoreError } from '../../src/store/sqlite/error.ts'
import { createKeeper, rollback } from '../../src/store/sqlite/keeper.ts'
import type { FromThread } from '../../src/store/sqlite/protocol.ts'
import { createReserve } from '../../src/store/sqlite/reserve.ts'
import { event } from './store-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'relay-full-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('the reserve is given back when SQLite says the disk is full, and the event is stored after all', async () => {
  const openFile = await loadSqlite()
  const opened: SqliteDatabase[] = []
  const said: FromThread[] = []
  const file = join(folder, 'bounded.db')
  const keeper = createKeeper({
    file,
    reserveBytes: 2 * 1_048_576,
    open: (path, options) => {
      const db = openFile(path, options)
      if (path === file) opened.push(db)
      return db
    },
    say: (message) => said.push(message),
  })
  await expect.poll(() => said).toEqual([{ kind: 'notice', notice: { what: 'reserve', held: true } }])
  opened[0]?.exec('PRAGMA max_page_count = 60')
  const store = (id: string): void => {
    keeper.db.exec('BEGIN IMMEDIATE')
    accept(keeper.statements, event(id, { body: 'x'.repeat(20_000) }))
    keeper.db.exec('COMMIT')
  }
  let stored = 0
  let error: unknown
  while (error === undefined && stored < 100) {
    try {
      store(`e${stored}`)
      stored++
    } catch (failure) {
      rollback(keeper.db)
      error = failure
    }
  }
  expect(toStoreError(error, '').reason).toBe('full')
  expect(keeper.rescue(toStoreError(error, ''))).toBe(true)
  expect(existsSync(`${file}.reserve`)).toBe(false)
  expect(said.at(-1)).toEqual({ kind: 'notice', notice: { what: 'reserve', held: false } })
  // What the disk gained by it.
  opened[0]?.exec('PRAGMA max_page_count = 600')
  store(`e${stored}`)
  expect(keeper.statements.get('SELECT count(*) AS n FROM event')).toMatchObject({ n: stored + 1 })
  // There is none left to give.
  expect(keeper.rescue(toStoreError(error, ''))).toBe(false)
  keeper.close()
})

it('a reserve is whole, private, kept over restarts, and made anew if it was left unfinished', async () => {
  const file = join(folder, 'kept.db')
  const bytes = 3 * 1_048_576
  const told: boolean[] = []
  const start = () => createReserve({ file, bytes, changed: (held) => told.push(held) })
  writeFileSync(`${file}.reserve`, 'unfinished', { mode: 0o600 })
  const first = start()
  await expect.poll(() => told).toEqual([true])
  const { size, mode, blocks } = statSync(`${file}.reserve`)
  expect([size, mode & 0o777, blocks * 512 >= bytes]).toEqual([bytes, 0o600, true])
  first.stop()
  const again = start()
  expect(told).toEqual([true, true])
  expect(again.giveBack()).toBe(true)
  expect(again.giveBack()).toBe(false)
  expect(told).toEqual([true, true, false])
  // And as there is room, it comes back by itself.
  await expect.poll(() => told, { timeout: 10_000 }).toEqual([true, true, false, true])
  again.stop()
})
