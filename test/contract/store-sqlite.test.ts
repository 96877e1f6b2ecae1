import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadSqlite } from '../../src/store/sqlite/driver.ts'
import { LOG_BYTES } from '../../src/store/sqlite/log-room.ts'
import { MIGRATIONS } from '../../src/store/sqlite/schema.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { describeStore } from './store.ts'
import { event } from './store-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'relay-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const files = new WeakMap<Store, string>()
let count = 0

async function open(file: string): Promise<Store> {
  const store = await openSqlite({ file })
  files.set(store, file)
  return store
}

describeStore('SQLite', {
  open: () => open(join(folder, `${count++}`, 'relay.db')),
  reopen: async (store) => {
    await store.close()
    return open(files.get(store) ?? '')
  },
})

describe('SQLite file', () => {
  it('is readable by its owner only', async () => {
    const file = join(folder, 'mode', 'relay.db')
    const store = await open(file)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await store.close()
  })

  it('serves one process at a time', async () => {
    const file = join(folder, 'lock', 'relay.db')
    const store = await open(file)
    await expect(openSqlite({ file })).rejects.toMatchObject({
      reason: 'locked',
      message: expect.stringContaining('another relay is using'),
    })
    await store.close()
    await (await open(file)).close()
  })

  it('has a log of its full length soon, so that no commit waits for it to grow; a copy of both has all', async () => {
    const file = join(folder, 'log', 'relay.db')
    const store = await openSqlite({ file, reserveBytes: 1 })
    await store.accept(event('e1'))
    await expect.poll(() => statSync(`${file}-wal`).size).toBe(LOG_BYTES)
    // As if the process had died now.
    const copy = join(folder, 'log-copy', 'relay.db')
    cpSync(join(folder, 'log'), join(folder, 'log-copy'), { recursive: true })
    const again = await open(copy)
    expect(await again.accept(event('e1'))).toMatchObject({ result: 'duplicate' })
    expect(await again.accept(event('e2'))).toMatchObject({ result: 'accepted' })
    await again.close()
    await store.close()
  })

  it('of an earlier release is brought up to date: what waits in it is found, and counted by its severity', async () => {
    const file = join(folder, 'earlier', 'relay.db')
    mkdirSync(join(folder, 'earlier'))
    const db = (await loadSqlite())(file)
    for (const script of MIGRATIONS.slice(0, 3)) db.exec(script)
    db.exec(`
      PRAGMA user_version = 3;
      INSERT INTO incident (id, version, severity, snapshot_json, last_json, effective_at_ms, first_at_ms)
        VALUES ('inc-1', 1, 'Info', '{"title":"Disk full"}', '{}', 1, 1);
      INSERT INTO lane (incident_id, destination, urgency, due_at_ms, owed_since_ms) VALUES ('inc-1', 'sre', 1, 5, 5);`)
    db.close()
    const store = await open(file)
    expect(await store.backlog({ destination: 'sre', named: 2 })).toEqual({
      groups: [{ severity: 'Info', count: 1, first: [{ title: 'Disk full' }] }],
      isTold: false,
    })
    const due = await store.due({ nowMs: 5, classes: [{ destination: 'sre', urgency: 1 }], limit: 2 })
    expect(due.map(({ incidentId }) => incidentId)).toEqual(['inc-1'])
    await store.close()
  })

  it('refuses what cannot be handed to it, and that alone', async () => {
    const store = await open(join(folder, 'handed', 'relay.db'))
    const body = (() => {}) as unknown as string
    // The first is sent at once, the others go over together.
    const asked = [event('e1'), event('e2', { body }), event('e3')]
    const [first, spoilt, last] = await Promise.allSettled(asked.map((each) => store.accept(each)))
    expect(spoilt).toMatchObject({ reason: { reason: 'bug', message: expect.stringContaining('accept') } })
    for (const whole of [first, last]) expect(whole).toMatchObject({ value: { result: 'accepted' } })
    await store.close()
  })

  it('that is damaged is left as it is by who only wants to look', async () => {
    const file = join(folder, 'damaged', 'relay.db')
    const store = await open(file)
    await store.close()
    const bytes = readFileSync(file)
    bytes.fill(0x5a, 4_096)
    writeFileSync(file, bytes)
    await expect(openSqlite({ file, leaveDamaged: true })).rejects.toMatchObject({
      reason: 'damaged',
      message: expect.stringContaining('start the relay'),
    })
    expect(readFileSync(file).equals(bytes)).toBe(true)
  })

  it('is refused, with its name, if it is no database', async () => {
    const file = join(folder, 'notes.txt')
    writeFileSync(file, 'these are not the rows you are looking for\n'.repeat(100))
    await expect(openSqlite({ file })).rejects.toMatchObject({
      reason: 'unreadable',
      message: expect.stringContaining('notes.txt'),
    })
  })
})
