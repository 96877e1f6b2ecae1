import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Moved } from '../../src/store/move.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { MOVED_TABLES } from '../../src/store/sql/moved.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { createDatabase, query } from '../postgres/database.ts'
import { createProxy } from '../postgres/proxy.ts'
import {
  columnsInFile,
  columnsInPostgres,
  exec,
  fill,
  move as moveFile,
  rowsInFile,
  rowsInPostgres,
} from './move-rows.ts'
import { realEvent } from './store-damage.ts'
import { event, must, T } from './store-fixture.ts'

vi.setConfig({ testTimeout: 60_000 })

let folder: string
let file: string
let url: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'relay-move-'))
  file = join(folder, 'relay.db')
  url = await createDatabase()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

let marks = 0
const move = (change: { url?: string; file?: string; atRows?: number } = {}): Promise<Moved> =>
  moveFile({ file, url, mark: ++marks, ...change })

async function withPostgres<T>(use: (store: Store) => Promise<T>): Promise<T> {
  const { store } = await openPostgres({ url })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

async function withSqlite<T>(use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openSqlite({ file })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

/** More rows than one batch, and each in every table. */
const MANY = 700

describe('a move to Postgres', () => {
  it('takes every row of every table along, as it is', async () => {
    await fill(file, 20)
    const before = await rowsInFile(file)
    for (const rows of Object.values(before)) expect(rows.length).toBeGreaterThan(0)
    const moved = await move()
    expect(moved).toMatchObject({ what: 'moved', aside: `${file}.migrated` })
    const after = await rowsInPostgres(url)
    // Whoever held a lane is no more.
    expect(after).toEqual(await rowsInFile(`${file}.migrated`))
    expect({ ...after, lane: [] }).toEqual({ ...before, lane: [] })
    expect(await query(url, 'SELECT 1 FROM lane WHERE owner IS NOT NULL')).toEqual([])
  })

  it('leaves a store that goes on where the old one ended', async () => {
    await fill(file, 3)
    const look = async (store: Store) => ({
      work: (await store.work({ limit: 100 })).items.toSorted((a, b) => a.key.localeCompare(b.key)),
      pauses: await store.pauses(),
      counts: await store.counts(),
      unapplied: (await store.unapplied({ limit: 100 })).map(({ seq, id }) => [seq, id]),
      quarantined: await store.quarantined({ limit: 10 }),
    })
    const before = await withSqlite(look)
    await move()
    await withPostgres(async (store) => {
      expect(await look(store)).toEqual({
        ...before,
        // As in every text of ours, what Postgres cannot hold is a character that stands for it.
        pauses: before.pauses.map((pause) => ({ ...pause, reason: pause.reason.replaceAll('\0', '\uFFFD') })),
      })
      expect(await store.accept(realEvent('inc-1/new', 'inc-1'))).toMatchObject({
        result: 'duplicate',
        conflict: false,
      })
      expect(await store.accept(realEvent('later', 'inc-1'))).toMatchObject({ result: 'accepted' })
      expect((await store.unapplied({ limit: 100 })).at(-1)?.id).toBe('later')
      await store.quarantine({ receivedAtMs: T, code: 'not_json', reason: '', body: Buffer.from('x') })
      const lane = { incidentId: 'inc-0', destination: 'sre' }
      const work = must(await store.claim({ lane, owner: 'c', nowMs: T, leaseUntilMs: T + 1 }))
      expect(work.deliveries[0]).toMatchObject({ state: 'ambiguous', sentAtMs: T })
    })
  })

  it('gives no number again that a row had which is no more', async () => {
    await fill(file, 1)
    await exec(file, 'DELETE FROM quarantine; DELETE FROM event WHERE seq > 1')
    await move()
    await withPostgres(async (store) => {
      await store.accept(event('later'))
      expect((await store.unapplied({ limit: 1 }))[0]?.seq).toBe(4)
      await store.quarantine({ receivedAtMs: T, code: 'not_json', reason: '', body: Buffer.from('x') })
      expect((await store.quarantined({ limit: 1 }))[0]?.id).toBe(4)
    })
  })

  it('goes on where it was, however often it is left off, and nothing is there before all is', async () => {
    await fill(file, MANY)
    const before = await rowsInFile(file)
    let left = 0
    while ((await move({ atRows: 900 })).what === 'left_off') {
      left++
      expect(await query(url, 'SELECT 1 FROM event')).toEqual([])
      await expect(openPostgres({ url })).rejects.toMatchObject({
        reason: 'unreadable',
        message: expect.stringMatching(/is being moved to this database.*migrate --from .*relay\.db.*DROP SCHEMA/),
      })
    }
    expect(left).toBeGreaterThan(3)
    expect({ ...(await rowsInPostgres(url)), lane: [] }).toEqual({ ...before, lane: [] })
    expect(await query(url, "SELECT to_regnamespace('relay_migration') AS left")).toEqual([{ left: null }])
    await withPostgres((store) => store.probe())
  })

  it('writes each row once when the answer to a commit is lost', async () => {
    await fill(file, MANY)
    const before = await rowsInFile(file)
    const proxy = await createProxy(url)
    const lost = (async () => {
      for (const table of ['incident', 'event', 'quarantine']) {
        await proxy.loseAnswerTo(new RegExp(`INSERT INTO ${table}`))
        await proxy.loseAnswerTo(/COMMIT\0/)
      }
      await proxy.loseAnswerTo(/DO \$\$/)
      await proxy.loseAnswerTo(/COMMIT\0/)
    })()
    await move({ url: proxy.url })
    await lost
    expect({ ...(await rowsInPostgres(url)), lane: [] }).toEqual({ ...before, lane: [] })
    await proxy.close()
  })

  it('begins anew if a relay has run on the file since', async () => {
    await fill(file, MANY)
    expect((await move({ atRows: 1_000 })).what).toBe('left_off')
    await withSqlite(async (store) => {
      await store.pause({ scope: 'account:a', reason: 'lifted', untilMs: 0, failures: 0 })
      await store.accept(realEvent('meanwhile', 'inc-1'))
    })
    const before = await rowsInFile(file)
    await move()
    expect({ ...(await rowsInPostgres(url)), lane: [] }).toEqual({ ...before, lane: [] })
  })

  it('that ended before the file was renamed is ended by the next', async () => {
    await fill(file, 2)
    await move()
    renameSync(`${file}.migrated`, file)
    await withPostgres((store) => store.accept(event('of the new relay')))
    expect(await move()).toEqual({ what: 'was_moved', aside: `${file}.migrated` })
    expect(existsSync(file)).toBe(false)
  })

  it('knows every column of every table', async () => {
    await fill(file, 1)
    await withPostgres((store) => store.probe())
    const inPostgres = await columnsInPostgres(url)
    const { probe: _, ...moved } = await columnsInFile(file)
    expect(Object.fromEntries(MOVED_TABLES.map(({ name, columns }) => [name, columns.toSorted()]))).toEqual(moved)
    for (const { name, columns } of MOVED_TABLES) expect(columns.toSorted(), name).toEqual(inPostgres[name])
  })
})

describe('a file whose rows were moved', () => {
  it('is not begun anew by a relay that still names it', async () => {
    await fill(file, 1)
    await move()
    await expect(openSqlite({ file })).rejects.toMatchObject({
      reason: 'unreadable',
      message: expect.stringMatching(/was moved to Postgres: set store\.postgres/),
    })
    expect(await move()).toEqual({ what: 'was_moved', aside: `${file}.migrated` })
    await expect(move({ url: await createDatabase() })).rejects.toThrow(/there is no database.*moved elsewhere/)
    renameSync(`${file}.migrated`, `${file}.old`)
    await withSqlite((store) => store.probe())
  })
})

describe('a move is refused', () => {
  it('while a relay uses the file', async () => {
    await fill(file, 1)
    await withSqlite(async () => {
      await expect(move()).rejects.toMatchObject({
        reason: 'locked',
        message: expect.stringContaining('stop it first'),
      })
    })
  })

  it('to a database that has rows of its own, whether they were there or came meanwhile', async () => {
    await fill(file, MANY)
    await withPostgres(async (store) => {
      expect((await move({ atRows: 1 })).what).toBe('left_off')
      await store.quarantine({ receivedAtMs: T, code: 'not_json', reason: '', body: Buffer.from('x') })
    })
    await expect(move()).rejects.toThrow(/has rows of a relay already/)
    await query(url, 'DELETE FROM quarantine')
    const proxy = await createProxy(url)
    const lost = proxy
      .loseAnswerTo(/INSERT INTO quarantine/)
      .then(() => query(url, "INSERT INTO pause VALUES ('a', '', 1, 1)"))
    await expect(move({ url: proxy.url })).rejects.toThrow(/has written to the database meanwhile/)
    await lost
    await proxy.close()
    expect(existsSync(file)).toBe(true)
  })

  it('to a database that another file is on its way to', async () => {
    await fill(file, MANY)
    expect((await move({ atRows: 1 })).what).toBe('left_off')
    const other = join(folder, 'other.db')
    await fill(other, 1)
    await expect(move({ file: other })).rejects.toThrow(/holds a part of .*relay\.db: go on with that/)
    // The same file under another name is the same.
    cpSync(file, join(folder, 'copy.db'))
    expect(await move({ file: join(folder, 'copy.db') })).toMatchObject({ what: 'moved' })
  })

  it('to a database of a newer release', async () => {
    await fill(file, 1)
    await withPostgres((store) => store.probe())
    await query(url, 'UPDATE relay_schema SET minor = minor + 1')
    await expect(move()).rejects.toThrow(/written by a newer release/)
  })

  it('if an event is not what was stored', async () => {
    await fill(file, 1)
    await exec(file, "UPDATE event SET body = body || ' ' WHERE state = 'new' AND body_hash <> 'no SHA'")
    await expect(move()).rejects.toMatchObject({
      reason: 'damaged',
      message: expect.stringContaining('start the relay'),
    })
  })

  it('to a database of somebody else, and needs no rights beyond those of an owner', async () => {
    await fill(file, 1)
    const role = `owner_${marks++}_${process.pid}`
    await query(url, `CREATE ROLE ${role} LOGIN PASSWORD 'theirs-1c9e'`)
    const theirs = new URL(url)
    Object.assign(theirs, { username: role, password: 'theirs-1c9e' })
    await expect(move({ url: theirs.href })).rejects.toThrow(/permission denied.*it must own the database/)
    await query(url, `ALTER DATABASE ${theirs.pathname.slice(1)} OWNER TO ${role}`)
    expect(await move({ url: theirs.href })).toMatchObject({ what: 'moved' })
    const { store } = await openPostgres({ url: theirs.href })
    expect(await store.accept(event('later'))).toMatchObject({ result: 'accepted' })
    await store.close()
    theirs.password = 'wrong'
    await expect(move({ url: theirs.href })).rejects.toThrow(/password authentication failed.*correct the URL$/)
  })

  it('from a file that is not there, or no database', async () => {
    await expect(move()).rejects.toThrow(/there is no database at/)
  })
})
