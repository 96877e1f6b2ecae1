import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { createDatabase, query } from '../postgres/database.ts'
import { createProxy } from '../postgres/proxy.ts'
import { createPostgres } from '../postgres/server.ts'
import { createPostgresWorld, disk, isSame, twiceEach } from './postgres-world.ts'
import { toPush } from './relay.ts'
import { mountSmallDisk } from './small-disk.ts'

vi.setConfig({ testTimeout: 240_000 })

const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)

describe('while Postgres is away', () => {
  it('every push is answered 200 in time, and comes into its card once and in order when it is back', async () => {
    const server = await createPostgres([])
    try {
      await server.start()
      const world = await createPostgresWorld(server.url('postgres'))
      // Few words, as this is about what comes in: chat takes a message a second.
      const to = 'to: [slack-payments, discord]'
      writeFileSync(world.file, readFileSync(world.file, 'utf8').replace(to, `${to}, attention: { i_ack: card }`))
      const relay = await world.up()
      // As many cards as Slack takes edits for, 48 a minute, when each has one every 10 s.
      const incidents = 8
      const rounds = 185
      const letter = (index: number) => String.fromCodePoint(97 + index)
      const state = (round: number) =>
        round === 0 ? 'full' : `at ${letter(Math.floor(round / 26))}${letter(round % 26)}`
      const stall = monitorEventLoopDelay({ resolution: 10 })
      stall.enable()
      const answers: { status: number; ms: number }[] = []
      const startedAtMs = performance.now()
      const nowMs = Date.now()
      // 50 a second, those of one incident one after the other.
      const senders = upTo(incidents).map(async (index) => {
        for (const round of upTo(rounds)) {
          const dueMs = (round * incidents + index) * 20
          await sleep(Math.max(0, startedAtMs + dueMs - performance.now()))
          const { status, ms } = await relay.push(disk(index, state(round), nowMs + dueMs))
          answers.push({ status, ms })
        }
      })
      await sleep(4_000)
      await server.stop('kill')
      await sleep(20_000)
      await server.start()
      await Promise.all(senders)
      const longestMs = Math.max(...answers.map(({ ms }) => ms))
      const refused = answers.filter(({ status }) => status !== 200)
      process.stdout.write(`${answers.length} pushes, ${refused.length} refused, ${Math.round(longestMs)} ms at most\n`)
      expect(refused).toEqual([])
      // Beside what a busy machine stands still.
      expect(longestMs).toBeLessThan(2_000 + stall.max / 1e6)
      const wanted = twiceEach(upTo(incidents).map((index) => `Disk ${index} ${state(rounds - 1)}`))
      // Slack takes 48 edits a minute: a machine that takes a minute to judge all of it has used up those of two.
      await world.until(() => isSame(world.cards(), wanted), 150_000)
      const drained = [...relay.output().matchAll(/"events":(\d+),"bodies":0,"msg":"spool\.drained"/g)]
      expect(drained.reduce((sum, [, events]) => sum + Number(events), 0)).toBeGreaterThan(800)
      const states = 'SELECT state, count(*)::int AS events FROM event GROUP BY state'
      // Nothing overtook what came before it, or that would be stale.
      expect(await query(server.url('postgres'), states)).toEqual([{ state: 'applied', events: incidents * rounds }])
      const counted = (await relay.get('/metrics')).text
      expect(counted).toMatch(/^relay_spooled_events 0$/m)
      expect(counted).toMatch(/^relay_store_away 0$/m)
    } finally {
      await server.remove()
    }
  })

  it('a relay can be killed and started, and takes pushes: none is lost, and no secret is said', async () => {
    const proxy = await createProxy(await createDatabase())
    const world = await createPostgresWorld(proxy.url)
    const env = { SPOOL: 'kept' }
    const first = await world.up({ env })
    await proxy.block()
    for (const index of upTo(20)) expect((await first.push(disk(index, 'full', Date.now()))).status).toBe(200)
    await first.kill('SIGKILL')
    const second = await world.up({ env })
    for (const index of upTo(10, 20)) expect((await second.push(disk(index, 'full', Date.now()))).status).toBe(200)
    expect((await second.push(disk(3, 'full', Date.now()))).body).toMatchObject({ result: 'duplicate' })
    expect((await second.get('/readyz')).status).toBe(200)
    const { text } = await second.get('/metrics')
    expect(text).toMatch(/^relay_spooled_events 30$/m)
    expect(text).toMatch(/^relay_store_away 1$/m)
    await second.printed(/"level":"error".*"store\.away"/)
    expect(world.cards().size).toBe(0)
    await proxy.unblock()
    const wanted = twiceEach(upTo(30).map((index) => `Disk ${index} full`))
    await world.until(() => isSame(world.cards(), wanted), 60_000)
    await proxy.block()
    expect((await second.push(disk(40, 'full', Date.now()))).status).toBe(200)
    expect(await second.kill('SIGTERM')).toBe(0)
    expect(second.output()).toMatch(/kept\.db".*"events":1,.*"spool\.left"/)
    await proxy.unblock()
    const third = await world.up({ env })
    await world.until(() => world.cards().get('Disk 40 full') === 2, 60_000)
    for (const relay of [first, second, third]) expect(relay.output()).not.toContain(new URL(proxy.url).password)
    await proxy.close()
  })

  it('a spool on a full disk refuses pushes, which says so, and takes them again as soon as one of the two can', async () => {
    const url = await createDatabase()
    const proxy = await createProxy(url)
    const world = await createPostgresWorld(proxy.url)
    const small = await mountSmallDisk(world.folder, 48)
    const relay = await world.up({ through: small.through, env: { SPOOL: 'disk/spool' } })
    await relay.printed(/"store\.reserve_held"/)
    await proxy.block()
    const kept: string[] = []
    let count = 0
    const push = async (): Promise<number> => {
      const id = `event-${count++}`
      const { status } = await relay.push(toBig(id))
      if (status === 200) kept.push(id)
      return status
    }
    expect(await push()).toBe(200)
    const fill = join(small.outside, 'fill')
    fillUp(fill)
    while ((await push()) === 200) expect(count).toBeLessThan(1_000)
    await relay.printed(/"store\.running_on_the_reserve"/)
    expect(count).toBeGreaterThan(50)
    await until(async () => (await push()) === 503 && (await relay.get('/readyz')).status === 503)
    expect((await relay.get('/readyz')).text).toMatch(/full/)
    await proxy.unblock()
    await until(async () => (await push()) === 200)
    rmSync(fill)
    await relay.printed(/"spool\.drained"/, 30_000)
    const rows = (await query(url, 'SELECT id FROM event')) as readonly { id: string }[]
    const there = rows.map(({ id }) => id)
    expect(kept.filter((id) => !there.includes(id))).toEqual([])
    await proxy.close()
  })
})

describe('a spool', () => {
  it('that another relay has ends the start with 75 and says what to do', async () => {
    const world = await createPostgresWorld(await createDatabase())
    const env = { SPOOL: 'one' }
    await world.up({ env })
    await expect(world.up({ env })).rejects.toThrow(/ended with 75:[^]*give each replica a store\.spool of its own/)
  })
})

async function until(look: () => Promise<boolean>): Promise<void> {
  await expect.poll(look, { timeout: 30_000, interval: 50 }).toBe(true)
}

/** Of incidents that go nowhere: this is about the disk. */
function toBig(id: string): object {
  const incident = { incident_id: id, title: id, description: 'x'.repeat(50_000) }
  return toPush('i_new', { event_id: id, incident })
}

/** Leave no byte. */
function fillUp(file: string): void {
  const fd = openSync(file, 'w')
  for (const size of [1_048_576, 4096, 1]) {
    try {
      for (;;) writeSync(fd, Buffer.alloc(size))
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' })
    }
  }
  closeSync(fd)
}
