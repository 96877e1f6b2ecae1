import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createWorld, SECRET, toPush, type RelayProcess, type World } from './relay.ts'

const NEW_SECRET = 'another-secret-for-the-end-to-end-tests'

describe('SIGHUP', () => {
  it('takes another configuration into use: routes, destinations, templates, policy', async () => {
    const { world, relay } = await start()
    await relay.push(other('before'))
    await world.until(() => titles(world, 'incidents').includes('before'))
    const dir = join(world.folder, 'my-templates')
    mkdirSync(join(dir, 'events'), { recursive: true })
    writeFileSync(join(dir, 'events', 'i_ack.yaml'), 'lines: ["in the words of the house"]\n')
    world.configure((yaml) =>
      yaml
        .replace('everything-else, to: [slack, discord]', 'everything-else, to: [elsewhere]')
        .replace('routes:', `  elsewhere: { account: acme-slack, channel: C0PAYMENTS }\nroutes:`)
        .concat('templates: { dir: ./my-templates }\n'),
    )
    relay.signal('SIGHUP')
    await relay.printed(/"accounts_replaced":0.*"config\.reloaded"/)
    await relay.push(other('after'))
    await relay.push(
      toPush('i_ack', { event_id: 'after-ack', incident: { incident_id: 'after', channel_name: 'Other' } }),
    )
    const card = await world.until(() =>
      world.sandbox.slack.channel('payments').messages.find((message) => message.thread.length === 1),
    )
    expect(JSON.stringify(card.thread[0])).toContain('in the words of the house')
    expect(titles(world, 'incidents')).toEqual(['before'])
    expect(await metric(relay, 'relay_config_reload_failures_total')).toBe(0)
    expect(await metric(relay, 'relay_config_loaded_timestamp_seconds')).toBeGreaterThan(Date.now() / 1000 - 60)
  })

  it('keeps the configuration in use if another one has mistakes, and names each with its place', async () => {
    const { world, relay } = await start()
    const loadedAt = await metric(relay, 'relay_config_loaded_timestamp_seconds')
    world.configure((yaml) =>
      yaml.replace('[slack-payments, discord]', '[slack-payment]').replace(`["${SECRET}"]`, `["${NEW_SECRET}", short]`),
    )
    relay.signal('SIGHUP')
    await relay.printed(/"problem":"[^"]*config\.yaml:3:\d+ flashduty\.secrets\.1: /)
    await relay.printed(/"problem":"[^"]*config\.yaml:\d+:\d+ routes\.0\.to\.0: .*did you mean/)
    expect(await metric(relay, 'relay_config_reload_failures_total')).toBe(1)
    expect(await metric(relay, 'relay_config_loaded_timestamp_seconds')).toBe(loadedAt)
    expect(await relay.push(toPush('i_new'))).toMatchObject({ status: 200 })
    await world.until(() => world.sandbox.slack.channel('payments').messages.length === 1)

    world.configure((yaml) => yaml.concat('templates: { dir: ./no-such-folder }\n'))
    relay.signal('SIGHUP')
    await relay.printed(/templates\.dir: there is no such folder/)
    expect(await metric(relay, 'relay_config_reload_failures_total')).toBe(2)
  })

  it('replaces a secret, and says that an address waits for the next start', async () => {
    const { world, relay } = await start()
    world.configure((yaml) => yaml.replace(SECRET, NEW_SECRET).replace('./relay.db', './other.db'))
    relay.signal('SIGHUP')
    await relay.printed(/"option":"store".*"config\.needs_restart"/)
    await relay.printed(/"config\.reloaded"/)
    expect(await relay.push(toPush('i_new'))).toMatchObject({ status: 401 })
    expect(await relay.push(toPush('i_new'), { 'x-relay-secret': NEW_SECRET })).toMatchObject({ status: 200 })
    expect(relay.output()).not.toContain('"option":"listen"')
    expect(relay.output()).not.toMatch(new RegExp(`${SECRET}|${NEW_SECRET}`))
  })

  it.each(['slack', 'discord'] as const)(
    'brings a replaced token of %s into use at once, with nothing lost',
    async (platform) => {
      const world = await createWorld()
      const tokenFile = join(world.folder, 'token')
      const chat = world.sandbox[platform]
      writeFileSync(tokenFile, chat.token)
      world.configure((yaml) => yaml.replace(`token: "${chat.token}"`, 'token_file: ./token'))
      const relay = await world.start()
      await relay.push(other('before'))
      await world.until(() => titles(world, 'incidents', platform).includes('before'))

      chat.revokeToken()
      await relay.push(other('meanwhile'))
      await relay.printed(new RegExp(`"account":"acme-${platform}".*"circuit\\.opened"`))
      const title = { incident_id: 'before', channel_name: 'Other', title: 'changed' }
      await relay.push(toPush('i_r_title', { event_id: 'changed', event_time: Date.now(), incident: title }))
      expect(await metric(relay, 'relay_circuits_open{kind="account"}')).toBe(1)

      const replaced = platform === 'slack' ? 'xoxb-a-new-one' : 'a-new.discord.token'
      chat.setToken(replaced)
      writeFileSync(tokenFile, `${replaced}\n`)
      const startedAtMs = performance.now()
      relay.signal('SIGHUP')
      // A token is probed once a minute; this is far below.
      await world.until(() => titles(world, 'incidents', platform).includes('meanwhile'), 15_000)
      await world.until(() => titles(world, 'incidents', platform).includes('changed'), 15_000)
      expect(performance.now() - startedAtMs).toBeLessThan(30_000)
      expect(titles(world, 'incidents', platform).toSorted()).toEqual(['changed', 'meanwhile'])
      await expect.poll(() => metric(relay, 'relay_circuits_open{kind="account"}')).toBe(0)
      expect(relay.output()).toContain('"accounts_replaced":1')
      expect(relay.output()).not.toContain(replaced)
    },
    60_000,
  )

  it('does not take what an old token is told for the new one', async () => {
    const { world, relay } = await start()
    const { slack, faults } = world.sandbox
    const old = slack.token
    slack.revokeToken()
    faults.add({ platform: 'slack', method: 'chat.postMessage', does: { kind: 'delay', ms: 3_000 } })
    await relay.push(other('before'))
    await world.until(() => slack.state().calls.length === 1)
    slack.setToken('xoxb-a-new-one')
    world.configure((yaml) => yaml.replace(old, slack.token))
    relay.signal('SIGHUP')
    await relay.printed(/"config\.reloaded"[^]*"delivery\.attempted"/)
    await world.until(() => titles(world, 'incidents').includes('before'), 15_000)
    expect(relay.output()).toMatch(/"reason":"token_broken"/)
    expect(relay.output()).not.toContain('circuit.opened')
  })

  it('probes a broken destination at once', async () => {
    const { world, relay } = await start()
    world.sandbox.slack.removeBot('incidents')
    await relay.push(other('waiting'))
    await relay.printed(/"circuit\.opened"/)
    world.sandbox.slack.addBot('incidents')
    relay.signal('SIGHUP')
    await world.until(() => titles(world, 'incidents').includes('waiting'), 15_000)
    await relay.printed(/"circuit\.closed"/)
  })

  it('leaves a removed destination alone, and goes on with it when it comes back', async () => {
    const { world, relay } = await start()
    await relay.push(other('one'))
    await world.until(() => titles(world, 'incidents').includes('one'))
    world.configure((yaml) => yaml.replace(/^ {2}slack: .*\n/m, '').replace('[slack, discord]', '[discord]'))
    relay.signal('SIGHUP')
    await relay.printed(/"config\.reloaded"/)
    const said = { event_time: Date.now(), incident: { incident_id: 'one', channel_name: 'Other', title: 'two' } }
    await relay.push(toPush('i_r_title', { event_id: 'two', ...said }))
    await world.until(() => titles(world, 'incidents', 'discord').includes('two'))
    expect(titles(world, 'incidents')).toEqual(['one'])

    world.configure()
    relay.signal('SIGHUP')
    await relay.printed(/"config\.reloaded"[^]*"config\.reloaded"/)
    const then = { event_time: Date.now(), incident: { incident_id: 'one', channel_name: 'Other', title: 'three' } }
    await relay.push(toPush('i_r_title', { event_id: 'three', ...then }))
    await world.until(() => titles(world, 'incidents').includes('three'))
  })
})

async function start(): Promise<{ world: World; relay: RelayProcess }> {
  const world = await createWorld()
  world.configure()
  return { world, relay: await world.start() }
}

/** An incident of its own, in a channel that no route names, with its id as its title. */
function other(id: string): object {
  return toPush('i_new', { event_id: id, incident: { incident_id: id, channel_name: 'Other', title: id } })
}

/** The titles of the cards that are shown. */
function titles(world: World, channel: string, platform: 'slack' | 'discord' = 'slack'): readonly string[] {
  const known = ['before', 'after', 'meanwhile', 'changed', 'waiting', 'one', 'two', 'three']
  return world.sandbox[platform].channel(channel).messages.map((message) => {
    const text = JSON.stringify(message)
    return known.filter((title) => new RegExp(`\\b${title}\\b`).test(text)).at(-1) ?? text
  })
}

async function metric(relay: RelayProcess, name: string): Promise<number> {
  const { text } = await relay.get('/metrics')
  return Number(new RegExp(`^${name} (.*)`, 'm').exec(text)?.[1])
}
