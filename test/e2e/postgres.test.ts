import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { createDatabase, query } from '../postgres/database.ts'
import { createPostgres, PASSWORD } from '../postgres/server.ts'
import { createPostgresWorld, disk, isSame, twiceEach } from './postgres-world.ts'
import { run } from './relay.ts'

// Two relays and a server on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 })

/** A lane whose holder was killed waits for the end of its lease. */
const LEASE_MS = 30_000

describe('a relay on Postgres', () => {
  it('has one card each, right to the last event, after it was killed and started again', async () => {
    const world = await createPostgresWorld(await createDatabase())
    const first = await world.up()
    const indexes = [0, 1, 2, 3, 4]
    const nowMs = Date.now()
    for (const index of indexes) expect((await first.push(disk(index, 'full', nowMs))).status).toBe(200)
    await first.kill('SIGKILL')
    const second = await world.up()
    for (const index of indexes) expect((await second.push(disk(index, 'mended', nowMs + 1))).status).toBe(200)
    const wanted = twiceEach(indexes.map((index) => `Disk ${index} mended`))
    await world.until(() => isSame(world.cards(), wanted), LEASE_MS + 30_000)
  })

  it('shares the work with another whose clock is ten minutes off: nothing is doubled, and nothing waits for it', async () => {
    const url = await createDatabase()
    const world = await createPostgresWorld(url)
    const preload = join(world.folder, 'skew.mjs')
    writeFileSync(preload, 'const now = Date.now; Date.now = () => now() + Number(process.env.SKEW_MS)\n')
    const skewed = (ms: number) => world.up({ preload: pathToFileURL(preload).href, env: { SKEW_MS: String(ms) } })
    const relays = await Promise.all([world.up(), skewed(600_000), skewed(-600_000)])
    const nowMs = Date.now()
    const indexes = Array.from({ length: 9 }, (_, index) => index)
    for (const state of ['full', 'mended']) {
      const pushes = indexes.map((index) => disk(index, state, nowMs + (state === 'full' ? 0 : 1)))
      // The first of each to all of them at once, the next to another one.
      const answers = await Promise.all(
        pushes.flatMap((push, index) =>
          relays.filter((__, at) => state === 'full' || at === index % 3).map((relay) => relay.push(push)),
        ),
      )
      expect(answers.map(({ status }) => status).filter((status) => status !== 200)).toEqual([])
      await world.until(
        () => isSame(world.cards(), twiceEach(indexes.map((index) => `Disk ${index} ${state}`))),
        40_000,
      )
    }
    // Replies come after the cards, and a second apart.
    const owed = 'SELECT 1 FROM lane WHERE due_at_ms IS NOT NULL'
    while ((await query(url, owed)).length > 0) await new Promise((resolve) => setTimeout(resolve, 200))
    const threads = world.sandbox.slack.channel('payments').messages.map(({ thread }) => thread.length)
    expect(threads).toEqual(indexes.map(() => 1))
  })

  it('is looked into while it runs, by commands that ask the database', async () => {
    const url = await createDatabase()
    const world = await createPostgresWorld(url)
    const env = { DATABASE_URL: url }
    await world.up()
    const { code, output } = await run(['deliveries', '--config', world.file], { env })
    expect([code, output]).toEqual([0, expect.stringContaining('Nothing is')])
    const checked = await run(['check', '--config', world.file], { env })
    expect(checked.output).toMatch(/store +Postgres at 127\.0\.0\.1:\d+, database test_/)
    expect(checked.output).not.toContain(new URL(url).password)
  })

  it('is told by check --online what the server can lose, and how fast it is', async () => {
    const server = await createPostgres([])
    try {
      await server.start()
      const url = server.url('postgres')
      const world = await createPostgresWorld(url)
      const online = async (at: string, ...more: readonly string[]) => {
        const told = await run(['check', '--online', '--config', world.file, ...more], { env: { DATABASE_URL: at } })
        expect(told.output).not.toContain(PASSWORD)
        return told
      }
      const safe = await online(url)
      expect(safe.output).toMatch(/store \(Postgres at .*\)\n  ok {5}Postgres \d+\.\d+; a commit takes \d+\.\d ms/)
      expect(safe.output).toMatch(/unseen no standby is attached/)
      expect(safe.code).toBe(0)
      await query(url, "CREATE ROLE plain LOGIN PASSWORD 'p'; ALTER ROLE plain SET synchronous_commit = off")
      const plain = new URL(url)
      plain.username = 'plain'
      plain.password = 'p'
      const lossy = await online(plain.href)
      expect(lossy.output).toMatch(
        /WRONG {2}synchronous_commit is off: .*\n.*ALTER ROLE plain SET synchronous_commit = on/,
      )
      expect(lossy.code).toBe(1)
      // A standby that is named and not there: commits wait for it.
      await query(url, "ALTER SYSTEM SET synchronous_standby_names = 'gone'; ")
      await query(url, 'SELECT pg_reload_conf()')
      const waiting = JSON.parse((await online(url, '--json')).output) as { store: readonly { verdict: string }[] }
      expect(waiting.store[0]).toMatchObject({ verdict: 'wrong', says: expect.stringContaining('a commit does not') })
      await server.stop('kill')
      const gone = await online(url)
      expect(gone.output).toMatch(/WRONG {2}Postgres cannot be reached/)
      expect(gone.code).toBe(1)
    } finally {
      await server.remove()
    }
  })

  it('asks little of an idle server: five queries a second at most', async () => {
    const url = await createDatabase()
    const world = await createPostgresWorld(url)
    await world.up()
    const asked = async (): Promise<number> => {
      const sql = 'SELECT xact_commit::int AS n FROM pg_stat_database WHERE datname = current_database()'
      return ((await query(url, sql)) as readonly { n: number }[])[0]?.n ?? 0
    }
    const startedAtMs = performance.now()
    const before = await asked()
    await new Promise((resolve) => setTimeout(resolve, 15_000))
    const perSecond = ((await asked()) - before) / ((performance.now() - startedAtMs) / 1_000)
    expect(perSecond).toBeLessThan(5)
  })

  it('says what to install if the driver is missing', async () => {
    const world = await createPostgresWorld(await createDatabase())
    const preload = join(world.folder, 'without.mjs')
    const hooks =
      'export async function resolve(name, context, next) { if (name === "pg") throw new Error("no pg"); return next(name, context) }'
    writeFileSync(
      preload,
      `import { register } from 'node:module'\nregister(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)})\n`,
    )
    await expect(world.up({ preload: pathToFileURL(preload).href })).rejects.toThrow(
      /store\.postgres needs the package pg/,
    )
  })
})
