import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { createWorld, run, toPush, type World } from './relay.ts'
import { CHANNELS, install, NO_TOKENS, type Installed } from './setup.ts'

// Every command is a process of its own.
vi.setConfig({ testTimeout: 120_000 })

/** Everything that must be in no output. */
function secretsOf(world: World, { secret }: Installed): readonly string[] {
  return [world.sandbox.slack.token, world.sandbox.discord.token, secret('FLASHDUTY_SECRET')]
}

describe('going live', () => {
  it('is init, check --online, send-test and start, and tells no secret', async () => {
    const world = await createWorld()
    const { slack, discord } = world.sandbox
    const installed = await install(world)
    const { told, command, secret, dotenv } = installed
    expect(told).toContain('https://api.slack.com/apps?new_app=1&manifest_yaml=')
    expect(told).toContain('&scope=bot&permissions=309237730304')
    expect(told).toContain('/webhook/flashduty')
    expect(statSync(dotenv).mode & 0o777).toBe(0o600)
    expect(secret('FLASHDUTY_SECRET')).toMatch(/^[0-9a-f]{48}$/)

    const offline = await command('check')
    expect(offline).toMatchObject({ code: 0, output: expect.stringContaining('is valid.') })
    const online = await command('check', '--online')
    expect(online).toMatchObject({ code: 0, output: expect.stringContaining('Nothing was posted.') })
    const posted = () => [
      ...slack.state().channels.flatMap(({ messages }) => messages),
      ...discord.state().channels.flatMap(({ messages }) => messages),
    ]
    expect(posted()).toEqual([])

    const tests: string[] = []
    for (const to of ['pay', 'ops', 'forum']) {
      const { code, output } = await command('send-test', '--to', to)
      expect([code, output]).toEqual([
        0,
        expect.stringMatching(/posted a card\n.*edited it\n.*its thread\n.*replied in it\nSee it at https:\/\//),
      ])
      tests.push(output)
    }
    expect(posted()).toHaveLength(3)
    for (const card of posted()) {
      expect(JSON.stringify(card)).toContain('[TEST]')
      expect([card.edits, card.thread.length, card.pings]).toEqual([1, 1, []])
    }

    const relay = await world.start()
    const push = { ...toPush('i_new'), event_id: 'live-1' }
    expect(await relay.push(push)).toMatchObject({ status: 401 })
    expect(await relay.push(push, { 'x-relay-secret': secret('FLASHDUTY_SECRET') })).toMatchObject({ status: 200 })
    await world.until(() => posted().length === 6)
    // A relay that runs is in no way of a test, and none of the relay's.
    expect(await command('send-test', '--to', 'pay')).toMatchObject({ code: 0 })
    const said = [told, offline, online, tests, relay.output()].map((one) => JSON.stringify(one)).join('\n')
    for (const value of secretsOf(world, installed)) expect(said).not.toContain(value)
  })

  it('reads .env again on a hang-up: whole, or with a wrong line in it not at all', async () => {
    const world = await createWorld()
    const { dotenv, secret, setSecret } = await install(world)
    const relay = await world.start()
    const before = secret('FLASHDUTY_SECRET')
    const statusOf = async (value: string): Promise<number> =>
      (await relay.push(toPush('i_new'), { 'x-relay-secret': value })).status

    const right = readFileSync(dotenv, 'utf8')
    writeFileSync(dotenv, `${right}canary of a pasted line\n`)
    relay.signal('SIGHUP')
    const [refused] = await relay.printed(/.*"config\.refused".*/)
    expect(refused).toMatch(/\.env:\d+:1 expected NAME=value/)
    expect(refused).not.toContain('canary')
    expect(await statusOf(before)).toBe(200)

    writeFileSync(dotenv, right)
    setSecret('FLASHDUTY_SECRET', 'another-secret-of-the-console')
    relay.signal('SIGHUP')
    await relay.printed(/"config\.reloaded"/)
    expect([await statusOf(before), await statusOf('another-secret-of-the-console')]).toEqual([401, 200])
  })
})

describe('init', () => {
  it('leaves alone what is there; forced, it keeps the secrets', async () => {
    const world = await createWorld()
    const { config, dotenv, secret } = await install(world)
    const files = () => [readFileSync(config, 'utf8'), readFileSync(dotenv, 'utf8')]
    const before = files()
    const again = ['init', '--slack-channel', 'C0GENERAL', '--dir', world.folder]
    expect(await run(again, { env: NO_TOKENS })).toMatchObject({
      code: 1,
      output: expect.stringContaining('nothing was written (--force replaces it)'),
    })
    expect(files()).toEqual(before)
    const [slackToken, webhook] = [secret('SLACK_BOT_TOKEN'), secret('FLASHDUTY_SECRET')]
    expect(await run([...again, '--force'], { env: NO_TOKENS })).toMatchObject({ code: 0 })
    expect([secret('SLACK_BOT_TOKEN'), secret('FLASHDUTY_SECRET')]).toEqual([slackToken, webhook])
    expect(files()[0]).toContain('C0GENERAL')
    expect(statSync(dotenv).mode & 0o777).toBe(0o600)
  })

  it('without tokens writes what check takes, says what is missing, and shows the secret only when asked', async () => {
    const world = await createWorld()
    const args = [
      'init',
      ...CHANNELS,
      '--dir',
      world.folder,
      '--url',
      'https://relay.example.com/',
      '--discord-app',
      '1100000000000000010',
    ]
    const { code, output } = await run([...args, '--show-secret'], { env: NO_TOKENS })
    expect(code).toBe(0)
    expect(output).toContain('client_id=1100000000000000010&')
    expect(output).toContain('https://relay.example.com/webhook/flashduty')
    expect(output).toMatch(/Put into .*\.env: SLACK_BOT_TOKEN, DISCORD_BOT_TOKEN/)
    const value = /^FLASHDUTY_SECRET=(.*)$/m.exec(readFileSync(join(world.folder, '.env'), 'utf8'))?.[1]
    expect(output).toContain(`X-Relay-Secret: ${value}`)
    const config = join(world.folder, 'config.yaml')
    expect(await run(['check', '--config', config])).toMatchObject({ code: 0 })
  })

  it.each([
    [[], 'name a channel at least'],
    [['--slack-channel', '#payments'], 'is not a Slack channel id such as C0123456789'],
    [['--discord-channel', '42'], 'is not a Discord channel id of 17 to 20 digits'],
    [['--slack-channel', 'a b=C0PAYMENTS'], 'is no name'],
    [['--slack-channel', 'x=C0PAYMENTS', 'x=C0GENERAL'], 'two channels are called x'],
    [['--slack-channel', 'C0PAYMENTS', '--url', 'relay.example.com'], 'expected a URL'],
  ])('%j is a usage error, and nothing is written', async (args, problem) => {
    const world = await createWorld()
    const { code, output } = await run(['init', ...args, '--dir', join(world.folder, 'new')])
    expect([code, output]).toEqual([64, expect.stringContaining(problem)])
    expect(() => statSync(join(world.folder, 'new'))).toThrow('ENOENT')
  })
})

describe('what is wrong', () => {
  const CASES: readonly [string, (world: World, installed: Installed) => void, string, string, RegExp][] = [
    ['a revoked Slack token', ({ sandbox }) => sandbox.slack.revokeToken(), 'pay', 'token', /Bot User OAuth Token/],
    [
      'a scope that was not given',
      ({ sandbox }) => sandbox.slack.setScopes(['channels:history']),
      'pay',
      'scope',
      /add chat:write under "OAuth & Permissions"/,
    ],
    [
      'a Slack channel without the bot',
      ({ sandbox }) => sandbox.slack.removeBot('payments'),
      'pay',
      'member',
      /\/invite @incident-relay/,
    ],
    ['an archived Slack channel', ({ sandbox }) => sandbox.slack.archive('payments'), 'pay', 'channel', /unarchive/],
    [
      'a Slack channel that is not there',
      (_, { config }) => writeFileSync(config, readFileSync(config, 'utf8').replace('C0PAYMENTS', 'C0PAYMENT')),
      'pay',
      'channel',
      /compare the id/,
    ],
    [
      'a Discord token nobody knows',
      (_, { setSecret }) => setSecret('DISCORD_BOT_TOKEN', 'wrong'),
      'ops',
      'token',
      /token under "Bot"/,
    ],
    [
      'a Discord channel it may not write in',
      ({ sandbox }) => sandbox.discord.removePermission('incidents', 'SEND_MESSAGES'),
      'ops',
      'permission',
      /allow "Send Messages"/,
    ],
    [
      'a forum it may not post in',
      ({ sandbox }) => sandbox.discord.removePermission('incident-forum', 'SEND_MESSAGES'),
      'forum',
      'permission',
      /allow "Create Posts"/,
    ],
    [
      'threads it may not start',
      ({ sandbox }) => sandbox.discord.removePermission('incidents', 'CREATE_PUBLIC_THREADS'),
      'ops',
      'permission',
      /allow "Create Public Threads"/,
    ],
  ]
  it.each(CASES)(
    '%s is found by check --online and by send-test, with what repairs it',
    async (_, spoil, to, check, repair) => {
      const world = await createWorld()
      const installed = await install(world)
      spoil(world, installed)
      const { command } = installed
      const checked = await command('check', '--online', '--json')
      expect(checked.code).toBe(1)
      const { findings } = JSON.parse(checked.output) as { findings: readonly Record<string, string>[] }
      const wrong = findings.filter(({ verdict }) => verdict === 'wrong')
      expect(wrong).toEqual([expect.objectContaining({ check, repair: expect.stringMatching(repair) })])
      // What is wrong with one account hides nothing of the other.
      expect(findings.filter(({ verdict, check: of }) => verdict === 'ok' && of !== 'scope').length).toBeGreaterThan(1)
      const inWords = await command('check', '--online')
      expect(inWords).toMatchObject({
        code: 1,
        output: expect.stringMatching(/: 1 to repair\. Nothing was posted\.$/m),
      })
      expect(inWords.output).toMatch(repair)

      const sent = await command('send-test', '--to', to)
      expect(sent).toMatchObject({ code: 1, output: expect.stringMatching(/FAILED to /) })
      expect(sent.output).toMatch(repair)
      for (const secret of secretsOf(world, installed))
        expect(checked.output + inWords.output + sent.output).not.toContain(secret)
    },
  )

  it('in the configuration is said first, and no platform is asked', async () => {
    const world = await createWorld()
    const { config, command } = await install(world)
    writeFileSync(config, readFileSync(config, 'utf8').replace('to: [pay', 'to: [pya'))
    expect(await command('check', '--online')).toMatchObject({
      code: 78,
      output: expect.stringContaining('did you mean "pay"?'),
    })
    const { code, output } = await command('check', '--online', '--json')
    expect([code, JSON.parse(output)]).toMatchObject([78, { valid: false, problems: [{ path: 'routes.0.to.0' }] }])
    expect(world.sandbox.slack.state().calls).toEqual([])
  })

  it('in the arguments of send-test is said, and nothing is sent; nor by a dry run', async () => {
    const world = await createWorld()
    const { command } = await install(world)
    expect(await command('send-test', '--to', 'pya')).toMatchObject({
      code: 64,
      output: expect.stringContaining('did you mean "pay"?'),
    })
    expect(await command('send-test')).toMatchObject({ code: 64 })
    const dry = await command('send-test', '--to', 'pay', '--dry-run', '--json')
    expect([dry.code, JSON.parse(dry.output)]).toMatchObject([
      0,
      { channel: 'C0PAYMENTS', card: { text: expect.stringContaining('[TEST]') } },
    ])
    expect(world.sandbox.slack.state().calls).toEqual([])
  })

  it('for a moment, as the platform says, is waited for', async () => {
    const world = await createWorld()
    const { command } = await install(world)
    const does = {
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '1' },
      body: { ok: false, error: 'ratelimited' },
    } as const
    world.sandbox.faults.add({ platform: 'slack', method: 'auth.test', does })
    world.sandbox.faults.add({ platform: 'slack', method: 'chat.postMessage', does })
    expect(await command('check', '--online')).toMatchObject({ code: 0 })
    expect(await command('send-test', '--to', 'pay')).toMatchObject({ code: 0 })
    expect(world.sandbox.slack.channel('payments').messages).toHaveLength(1)
  })
})

describe('the help', () => {
  it.each(['init', 'check', 'explain', 'send-test'])('of %s shows how it is typed', async (command) => {
    const { code, output } = await run([command, '--help'])
    expect([code, output]).toEqual([
      0,
      expect.stringMatching(new RegExp(`Examples?:\\n {2}npm run relay -- ${command}`)),
    ])
  })
})
