import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { Answered } from '../../src/admin/calls.ts'
import { notePath, readNote } from '../../src/admin/note.ts'
import { createRemoteAdmin } from '../../src/admin/remote.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { createWorld, run, toPush, type Push, type RelayProcess, type World } from './relay.ts'

// Every command is a process of its own.
vi.setConfig({ testTimeout: 60_000 })

type Listed = Answered<'deliveries'>

describe('a dead letter', () => {
  it('is listed with its reason, retried by its id while the relay runs, and delivered', async () => {
    const world = await createWorld()
    const file = world.configure()
    const relay = await world.start()
    await deadCard(world, relay, 'gone wrong \u001b[31mred')
    const dead = await list(world)
    const [card] = dead.items
    expect(card).toMatchObject({ state: 'dead', kind: 'card', destination: 'slack' })
    expect(card?.reason).toContain('invalid_blocks')

    const { code, output } = await run(['deliveries', '--config', file])
    expect(code).toBe(0)
    expect(output).toMatch(new RegExp(`${card?.id} +dead +card +slack +first +\\d+ .*invalid_blocks.*gone wrong`))
    expect(output).not.toContain('\u001b')
    expect(output).toMatch(/1 dead/)

    const part = card?.id.slice(0, 7) ?? ''
    expect(await run(['deliveries', 'retry', part, '--config', file])).toMatchObject({
      code: 0,
      output: expect.stringContaining('will be tried now'),
    })
    await world.until(() => cardsIn(world) === 1)
    await counted(relay, 'relay_lanes_due 0')
    expect(await run(['deliveries', '--config', file])).toMatchObject({ output: expect.stringContaining('Nothing is') })
  })

  it('is retried on the file while no relay runs, and delivered by the next one', async () => {
    const world = await createWorld()
    const file = world.configure()
    const relay = await world.start()
    await deadCard(world, relay, 'first')
    await relay.kill('SIGTERM')
    expect(cardsIn(world)).toBe(0)
    const before = await list(world)
    expect(before.items).toMatchObject([{ state: 'dead' }])
    expect(await run(['deliveries', 'retry', '--all-dead', '--config', file])).toMatchObject({ code: 0 })
    expect((await list(world)).items).toMatchObject([{ state: 'pending' }])
    // The same database, named without the configuration.
    expect((await run(['deliveries', '--store', join(world.folder, 'relay.db')])).output).toContain('pending')
    await world.start()
    await world.until(() => cardsIn(world) === 1)
  })

  it('that is dropped is not made again, by later events neither', async () => {
    const world = await createWorld()
    const file = world.configure()
    const relay = await world.start()
    await deadCard(world, relay, 'first')
    const { items } = await list(world)
    expect(await run(['deliveries', 'drop', items[0]?.id ?? '', '--config', file])).toMatchObject({ code: 0 })
    expect(await list(world)).toMatchObject({ total: 0 })
    await relay.push({ ...info('first'), event_id: 'first-2', event_type: 'i_ack', event_time: Date.now() })
    await relay.push(info('second'))
    await world.until(() => cardsIn(world) === 1)
    await counted(relay, 'relay_lanes_due 0')
    expect(await list(world)).toMatchObject({ total: 0 })
    expect(JSON.stringify(world.sandbox.slack.channel('incidents').messages)).not.toContain('first')
  })

  it('that does not exist is said so, and nothing is changed', async () => {
    const world = await createWorld()
    const file = world.configure()
    const relay = await world.start()
    await deadCard(world, relay, 'first')
    const { items } = await list(world)
    const { code, output } = await run(['deliveries', 'retry', items[0]?.id ?? '', '0123456789', '--config', file])
    expect([code, output]).toEqual([1, expect.stringContaining('"0123456789" is no id')])
    expect((await list(world)).items).toMatchObject([{ state: 'dead' }])
  })
})

describe('a held delivery', () => {
  it('is told apart, left alone by --all-dead, and sent when it is named', async () => {
    const world = await createWorld()
    const file = world.configure()
    const relay = await world.start()
    await deadCard(world, relay, 'first')
    await relay.kill('SIGTERM')
    await hold(world)
    await world.start()
    const { items } = await list(world)
    expect(items).toMatchObject([{ state: 'held', reason: expect.stringContaining('may have been posted') }])
    const all = await run(['deliveries', 'retry', '--all-dead', '--config', file])
    expect(all).toMatchObject({ code: 0, output: expect.stringContaining('Nothing is dead') })
    expect(await run(['deliveries', 'retry', items[0]?.id ?? '', '--config', file])).toMatchObject({ code: 0 })
    await world.until(() => cardsIn(world) === 1)
  })
})

describe('a broken channel', () => {
  it('is listed with when it is tried next, and tried at once when somebody asks', async () => {
    const world = await createWorld()
    const file = world.configure()
    const relay = await world.start()
    const channel = world.sandbox.slack.channel('incidents').id
    const does = { kind: 'status', status: 200, body: { ok: false, error: 'not_in_channel' } } as const
    world.sandbox.faults.add({ platform: 'slack', method: 'chat.postMessage', channel, does })
    await relay.push(info('first'))
    await counted(relay, 'relay_circuits_open{kind="destination"} 1')
    const { items } = await list(world)
    expect(items[0]).toMatchObject({ state: 'waiting', reason: expect.stringContaining('destination:slack is broken') })
    expect(items[0]?.nextAtMs).toBeGreaterThan(Date.now() + 30_000)
    expect(await run(['deliveries', 'retry', items[0]?.id ?? '', '--config', file])).toMatchObject({ code: 0 })
    await world.until(() => cardsIn(world) === 1)
  })
})

describe('the admin endpoint', () => {
  it('opens to nobody but who has its token, and no web page', async () => {
    const world = await createWorld()
    const file = world.configure()
    const relay = await world.start()
    await run(['deliveries', '--config', file])
    const path = notePath(join(world.folder, 'relay.db'))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const { url, token } = JSON.parse(readFileSync(path, 'utf8')) as { url: string; token: string }
    const ask = async (headers: Record<string, string>, call = '/deliveries', body = '{"limit":5}') => {
      const all = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers }
      return (await fetch(url + call, { method: 'POST', headers: all, body })).status
    }
    expect(await ask({})).toBe(200)
    expect(await ask({ authorization: '' })).toBe(401)
    expect(await ask({ authorization: `Bearer ${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}` })).toBe(401)
    expect(await ask({ origin: url })).toBe(403)
    expect(await ask({ origin: 'null' })).toBe(403)
    expect(await ask({ 'sec-fetch-site': 'same-origin' })).toBe(403)
    expect(await ask({ 'content-type': 'text/plain' })).toBe(415)
    expect(await ask({}, '/deliveries', '{"limit":"all"}')).toBe(400)
    expect(await ask({}, '/nothing')).toBe(404)
    expect((await fetch(`${url}/deliveries`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(404)
    expect(await askAs(url, token, 'evil.example')).toBe(403)
    // Nothing of it is on the port that others reach.
    expect((await relay.get('/deliveries')).status).toBe(404)
    expect(relay.output()).toContain('admin.called')
    expect(relay.output()).not.toContain(token)

    await relay.kill('SIGTERM')
    expect(() => statSync(path)).toThrow('ENOENT')
  })

  it('whose relay was killed misleads nobody', async () => {
    const world = await createWorld()
    const file = world.configure()
    const relay = await world.start()
    await relay.kill('SIGKILL')
    expect(statSync(notePath(join(world.folder, 'relay.db'))).isFile()).toBe(true)
    const nothing = { code: 0, output: expect.stringContaining('Nothing is pending') }
    expect(await run(['deliveries', '--config', file])).toMatchObject(nothing)
    await world.start()
    expect(await run(['deliveries', '--config', file])).toMatchObject(nothing)
  })

  it('is not asked where there is no database', async () => {
    const world = await createWorld()
    const { code, output } = await run(['deliveries', '--config', world.configure()])
    expect([code, output]).toEqual([74, expect.stringContaining('there is no database')])
  })
})

/** A push whose card Slack refuses in each of its three renderings, while Discord is content. */
async function deadCard(world: World, relay: RelayProcess, title: string): Promise<void> {
  const does = { kind: 'status', status: 200, body: { ok: false, error: 'invalid_blocks' } } as const
  world.sandbox.faults.add({ platform: 'slack', method: 'chat.postMessage', times: 3, does })
  await relay.push(info('first', title))
  await world.until(() => world.sandbox.discord.channel('incidents').messages.length === 1)
  await counted(relay, 'relay_deliveries{state="dead"} 1')
}

/** Resolves once /metrics has a line. */
async function counted(relay: Pick<RelayProcess, 'get'>, line: string): Promise<void> {
  await expect.poll(async () => (await relay.get('/metrics')).text, { timeout: 10_000 }).toContain(line)
}

/** What the policy leaves behind where nobody can look, without waiting until it does. */
async function hold(world: World): Promise<void> {
  const store = await openSqlite({ file: join(world.folder, 'relay.db') })
  const [dead] = (await store.work({ limit: 1 })).items
  const lane = { incidentId: dead?.incidentId ?? '', destination: dead?.destination ?? '' }
  const nowMs = Date.now()
  await store.retry({ keys: [dead?.key ?? ''], nowMs })
  const work = await store.claim({ lane, owner: 'test', nowMs, leaseUntilMs: nowMs + 9_000 })
  await store.save({
    lane,
    epoch: work?.epoch ?? 0,
    nowMs,
    set: { frozen: true, shownVersion: 1 },
    deliveries: [{ key: dead?.key ?? '', state: 'held', reason: 'it may have been posted' }],
    release: { touched: 99, urgency: 1 },
  })
  await store.close()
}

/** What a running relay says through its endpoint, else what the command says of the file. */
async function list(world: World): Promise<Listed> {
  const note = readNote(join(world.folder, 'relay.db'))
  if ('url' in note) return createRemoteAdmin(note).deliveries({ limit: 50 })
  const { code, output } = await run(['deliveries', 'list', '--json', '--store', join(world.folder, 'relay.db')])
  expect([code, output]).toEqual([0, expect.stringMatching(/^\{/)])
  return JSON.parse(output) as Listed
}

/** `fetch` would not send a Host of its own. */
async function askAs(url: string, token: string, host: string): Promise<number | undefined> {
  const { request } = await import('node:http')
  return new Promise((resolve, reject) => {
    const headers = { host, authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const asking = request(`${url}/deliveries`, { method: 'POST', headers }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    asking.on('error', reject)
    asking.end('{"limit":5}')
  })
}

function cardsIn({ sandbox }: World): number {
  return sandbox.slack.channel('incidents').messages.length
}

/** An incident for both chats that is not Critical. */
function info(id: string, title = `incident ${id}`): Push {
  const incident = { incident_id: id, title, channel_name: 'Search', incident_severity: 'Info', labels: {} }
  return toPush('i_new', { event_id: `${id}-1`, event_time: Date.now(), incident })
}
