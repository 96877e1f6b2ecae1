import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { exec } from '../contract/move-rows.ts'
import { createDatabase, query } from '../postgres/database.ts'
import { createWorld, MAIN, run, toPush, type Push, type RelayProcess, type World } from './relay.ts'

// Many processes one after the other, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 })

const POSTGRES = '{ postgres: "${DATABASE_URL}" }'
const onPostgres = (world: World): string => world.configure((yaml) => yaml.replace('{ sqlite: ./relay.db }', POSTGRES))

const KINDS = { full: 'i_new', seen: 'i_ack', mended: 'i_rslv' } as const

function disk(name: string, state: keyof typeof KINDS): Push {
  const closed = state === 'mended' ? { progress: 'Closed', incident_status: 'Ok' } : {}
  const incident = { incident_id: `disk-${name}`, title: `Disk ${name} ${state}`, incident_severity: 'Info', ...closed }
  return toPush(KINDS[state], { event_id: `${name}-${state}`, event_time: Date.now(), incident })
}

/** The cards in Slack and in Discord that tell of a disk, with the texts of their threads. */
function cards(world: World, name: string) {
  const { slack, discord } = world.sandbox
  const roots = [...slack.channel('incidents').messages, ...discord.channel('incidents').messages]
  return roots
    .filter((root) => JSON.stringify(root).includes(`Disk ${name} `))
    .map((root) => ({ id: 'ts' in root ? root.ts : root.id, text: JSON.stringify(root), replies: root.thread.length }))
}

/** Incidents that were shown, shown and closed, refused, lost in the middle of a call, and not even judged. */
async function live(world: World): Promise<RelayProcess> {
  const relay = await world.start()
  const push = async (body: Push): Promise<void> => expect((await relay.push(body)).status).toBe(200)
  for (const name of ['a', 'b']) await push(disk(name, 'full'))
  await world.until(() => cards(world, 'a').length === 2 && cards(world, 'b').length === 2)
  await push(disk('a', 'seen'))
  await push(disk('b', 'mended'))
  await world.until(() => cards(world, 'a').every(({ text, replies }) => text.includes('Disk a seen') && replies > 0))
  await counted(relay, 'relay_lanes_due 0')
  const refuses = { kind: 'status', status: 200, body: { ok: false, error: 'invalid_blocks' } } as const
  world.sandbox.faults.add({ platform: 'slack', method: 'chat.postMessage', times: 3, does: refuses })
  await push(disk('c', 'full'))
  await counted(relay, 'relay_deliveries{state="dead"} 1')
  await counted(relay, 'relay_lanes_due 0')
  world.sandbox.faults.add({ platform: 'slack', method: 'chat.postMessage', does: { kind: 'reset', after: true } })
  await push(disk('d', 'full'))
  await counted(relay, 'relay_deliveries{state="ambiguous"} 1')
  expect((await relay.push('{"no":"event"}')).status).toBe(400)
  return relay
}

async function counted(relay: RelayProcess, line: string): Promise<void> {
  await expect.poll(async () => (await relay.get('/metrics')).text, { timeout: 20_000 }).toContain(line)
}

/** So much that a move takes a while: a past of which nothing is owed. */
const PAST = `
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
  INSERT INTO event (id, incident_id, type, effective_at_ms, received_at_ms, state, body, body_hash)
  SELECT 'past-' || i, 'past-' || (i / 5), 'i_new', i, i, 'applied', printf('{"text":"%0500d"}', i), 'none' FROM n;
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
  INSERT INTO delivery (key, incident_id, destination, kind, generation, seq, event_id, state, due_at_ms, broadcast, mention_json, late)
  SELECT 'past-' || i, 'past-' || (i / 5), 'slack', 'reply', 1, i, 'past-' || i, 'done', i, 0, '[]', 0 FROM n`
const PAST_ROWS = 40_000

/** Begin to move, and end it by a signal when so many rows are there. */
async function endAt(args: readonly string[], url: string, rows: number, signal: 'SIGKILL' | 'SIGINT') {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, DATABASE_URL: url } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  let isOver = false
  const ended = new Promise<readonly [code: number | null, by: NodeJS.Signals | null]>((resolve) =>
    child.on('exit', (code, by) => {
      isOver = true
      resolve([code, by])
    }),
  )
  while (!isOver && (await movedRows(url)) < rows) await new Promise(setImmediate)
  child.kill(signal)
  const [code, by] = await ended
  return { code, by, output, rows: await movedRows(url) }
}

async function movedRows(url: string): Promise<number> {
  const rows = await query(url, 'SELECT sum(rows)::int AS n FROM relay_migration.place').catch(() => [])
  return (rows[0] as { n: number | null } | undefined)?.n ?? 0
}

async function listed(config: string, env: Readonly<Record<string, string>>) {
  const outputs: unknown[] = []
  for (const what of ['deliveries', 'quarantine']) {
    const { code, output } = await run([what, 'list', '--json', '--config', config], { env })
    expect([code, output]).toEqual([0, expect.stringMatching(/^\{/)])
    const { items } = JSON.parse(output) as { items: readonly { readonly id: string | number }[] }
    outputs.push(items.toSorted((a, b) => String(a.id).localeCompare(String(b.id))))
  }
  return outputs
}

describe('a relay that is moved to Postgres', () => {
  it('goes on with every card, thread and dead letter, though the move was killed again and again', async () => {
    const world = await createWorld()
    const before = world.configure()
    const relay = await live(world)
    expect(await relay.kill('SIGTERM')).toBe(0)
    writeFileSync(join(world.folder, 'late.json'), JSON.stringify(disk('e', 'full')))
    expect(await run(['replay', join(world.folder, 'late.json'), '--config', before])).toMatchObject({ code: 0 })
    const file = join(world.folder, 'relay.db')
    await exec(file, PAST)
    const env = { DATABASE_URL: await createDatabase() }
    const owed = await listed(before, env)
    expect(owed).toMatchObject([expect.arrayContaining([expect.objectContaining({ state: 'dead' })]), [{}]])
    const shown = cards(world, 'a')

    const args = ['migrate', '--from', file, '--to', 'DATABASE_URL', '--config', before]
    const ends: Awaited<ReturnType<typeof endAt>>[] = []
    for (const part of [0, 1, 2, 3, 4, 5]) {
      const rows = Math.floor(((part + Math.random()) / 7) * PAST_ROWS)
      ends.push(await endAt(args, env.DATABASE_URL, rows, part === 3 ? 'SIGINT' : 'SIGKILL'))
    }
    expect(ends.map(({ by }) => by)).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL', null, 'SIGKILL', 'SIGKILL'])
    expect(ends[3]).toMatchObject({ code: 1, output: expect.stringContaining('Left off. Nothing is lost') })
    // Each went on behind the last.
    const rows = ends.map((end) => end.rows)
    expect(rows).toEqual(rows.toSorted((a, b) => a - b))
    expect(rows.at(-1)).toBeLessThan(PAST_ROWS)
    const config = onPostgres(world)
    await expect(world.start({ env })).rejects.toThrow(/is being moved to this database and not all of it is there/)
    const { code, output } = await run(args, { env })
    expect([code, output]).toEqual([0, expect.stringMatching(/Moved and counted.*20,0\d\d event/)])
    expect(output).not.toContain(new URL(env.DATABASE_URL).password)
    expect(existsSync(file)).toBe(false)
    world.configure()
    await expect(world.start()).rejects.toThrow(/was moved to Postgres: set store\.postgres/)

    onPostgres(world)
    expect(await listed(config, env)).toEqual(owed)
    const next = await world.start({ env })
    expect((await next.push(disk('a', 'full'))).body).toMatchObject({ result: 'duplicate' })
    expect((await next.push(disk('a', 'mended'))).status).toBe(200)
    await world.until(
      () => cards(world, 'a').every(({ text, replies }) => text.includes('Disk a mended') && replies > 1),
      40_000,
    )
    expect(cards(world, 'a').map(({ id }) => id)).toEqual(shown.map(({ id }) => id))
    // What was not judged is shown, and what may have been posted was found.
    await world.until(() => cards(world, 'e').length === 2, 40_000)
    await expect.poll(async () => (await next.get('/metrics')).text, { timeout: 60_000 }).toContain('relay_lanes_due 0')
    expect((await next.get('/metrics')).text).toContain('relay_deliveries{state="ambiguous"} 0')
    const counts = ['a', 'b', 'c', 'd', 'e'].map((name) => [name, cards(world, name).length])
    expect(counts).toEqual([
      ['a', 2],
      ['b', 2],
      ['c', 1],
      ['d', 2],
      ['e', 2],
    ])
    const dead = (owed[0] as readonly { readonly id: string; readonly state: string }[]).find(
      (one) => one.state === 'dead',
    )
    expect(await run(['deliveries', 'retry', dead?.id ?? '', '--config', config], { env })).toMatchObject({ code: 0 })
    await world.until(() => cards(world, 'c').length === 2, 40_000)
  })
})

describe('migrate', () => {
  it('takes from the configuration what is not said', async () => {
    const world = await createWorld()
    const config = world.configure()
    const relay = await world.start()
    const env = { DATABASE_URL: await createDatabase() }
    expect((await relay.push(disk('a', 'full'))).status).toBe(200)
    const busy = await run(['migrate', '--config', config, '--to', 'DATABASE_URL'], { env })
    expect(busy).toEqual({ code: 75, output: expect.stringContaining('stop it first') })
    await relay.kill('SIGTERM')
    onPostgres(world)
    // The password may stand beside the configuration, as for the relay.
    writeFileSync(join(world.folder, '.env'), `DATABASE_URL=${env.DATABASE_URL}\n`)
    const args = ['migrate', '--config', config, '--from', join(world.folder, 'relay.db'), '--json']
    const { code, output } = await run(args, { env: { DATABASE_URL: '' } })
    expect([code, JSON.parse(output)]).toMatchObject([
      0,
      { rows: { event: 1, incident: 1, lane: 2 }, aside: join(world.folder, 'relay.db.migrated') },
    ])
  })

  it.each([
    [['--to', 'NOT_SET'], 64, 'the variable NOT_SET is not set'],
    [['--to', 'mysql://u:canary-pw@h/d'], 64, '--to: is no URL of a Postgres database'],
    [[], 64, 'names a SQLite database: say where that is moved to, --to URL'],
    [['--to', 'postgres://u:canary-pw@127.0.0.1:1/d'], 74, 'cannot be reached'],
    [['--to', 'postgres://u:canary-pw@h/d', '--from', 'nothing.db'], 74, 'there is no database at'],
    [['--config', 'nowhere.yaml', '--to', 'postgres://u:canary-pw@h/d'], 78, '--from FILE and --to URL'],
  ])('%j is a mistake it names', async (args, expected, words) => {
    const world = await createWorld()
    const config = world.configure()
    await (await world.start()).kill('SIGTERM')
    const { code, output } = await run(['migrate', '--config', config, ...args], { cwd: world.folder })
    expect([code, output]).toEqual([expected, expect.stringContaining(words)])
    expect(output).not.toContain('canary-pw')
  })
})
