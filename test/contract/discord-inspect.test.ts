import { describe, expect, it } from 'vitest'
import { createDiscordInspector } from '../../src/platform/discord/inspect.ts'
import type { Finding } from '../../src/platform/inspect.ts'
import type { Permission } from '../../src/sandbox/discord/permission.ts'
import {
  FORUM,
  HIDDEN,
  INCIDENTS,
  MANAGEMENT,
  NOBODY_KNOWS,
  ON_CALL,
  startGuild,
  type Guild,
} from './sandbox-discord.ts'

interface Setup extends Guild {
  readonly waits: number[]
  readonly inspect: (channel: string, ...mentions: readonly string[]) => Promise<readonly Finding[]>
}

/** Long enough for a busy machine; a call that is to fail by it gets less. */
const PATIENT_MS = 10_000

async function setUp(options: Parameters<typeof startGuild>[0] = {}, callTimeoutMs = PATIENT_MS): Promise<Setup> {
  const guild = await startGuild(options)
  const waits: number[] = []
  const { token } = guild.discord
  const inspect: Setup['inspect'] = async (channel, ...mentions) => {
    const inspector = createDiscordInspector({
      token,
      apiUrl: guild.client.options.api,
      callTimeoutMs,
      people: new Map(),
      log: () => {},
      nowMs: () => guild.clock.nowMs,
      monotonicMs: () => waits.reduce((sum, ms) => sum + ms, 0),
      sleep: async (ms) => {
        waits.push(ms)
        guild.clock.nowMs += ms
      },
    })
    const findings = await inspector.inspect([{ channel, mentions }])
    await inspector.stop()
    return findings
  }
  return { ...guild, waits, inspect }
}

const wrong = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ verdict }) => verdict === 'wrong')

describe('an inspected Discord bot', () => {
  it.each([
    ['text channel', INCIDENTS, '#incidents of the server Sandbox'],
    ['forum', FORUM, '#incident-forum, a forum, of the server Sandbox'],
  ])('that may do all it needs in a %s is said to, and posts nothing', async (_, channel, where) => {
    const { discord, inspect } = await setUp()
    const findings = await inspect(channel, `group:${ON_CALL}`)
    expect(findings.map(({ verdict }) => verdict)).toEqual(['ok', 'ok'])
    expect(findings[0]?.says).toContain('incident-relay')
    expect(findings[1]?.says).toContain(where)
    expect(discord.state().calls.every(({ method, status }) => method.startsWith('GET ') && status === 200)).toBe(true)
  })

  const LACKS: readonly [Permission, string, string, string][] = [
    ['SEND_MESSAGES', INCIDENTS, '#incidents', 'Send Messages'],
    ['EMBED_LINKS', INCIDENTS, '#incidents', 'Embed Links'],
    ['READ_MESSAGE_HISTORY', INCIDENTS, '#incidents', 'Read Message History'],
    ['CREATE_PUBLIC_THREADS', INCIDENTS, '#incidents', 'Create Public Threads'],
    ['SEND_MESSAGES_IN_THREADS', INCIDENTS, '#incidents', 'Send Messages in Threads'],
    ['SEND_MESSAGES', FORUM, '#incident-forum', 'Create Posts'],
    ['SEND_MESSAGES_IN_THREADS', FORUM, '#incident-forum', 'Send Messages in Posts'],
  ]
  it.each(LACKS)(
    'without %s in %s is said to lack it, and where to allow it',
    async (permission, channel, where, label) => {
      const { discord, inspect } = await setUp()
      discord.removePermission(channel, permission)
      expect(wrong(await inspect(channel))).toEqual([
        expect.objectContaining({
          channel,
          check: 'permission',
          says: expect.stringContaining(`the bot lacks "${label}" in ${where}`),
          repair: expect.stringContaining(`in ${where}: Edit Channel → Permissions, allow "${label}"`),
        }),
      ])
    },
  )

  it('needs no threads of its own in a forum', async () => {
    const { discord, inspect } = await setUp()
    discord.removePermission(FORUM, 'CREATE_PUBLIC_THREADS')
    expect(wrong(await inspect(FORUM))).toEqual([])
  })

  it.each([
    ['a channel it cannot see', HIDDEN, 'member', /allow "View Channel".*permissions=309237730304/],
    ['a channel that is not there', NOBODY_KNOWS, 'channel', /Copy Channel ID/],
  ])('is told of %s', async (_, channel, check, repair) => {
    const { inspect } = await setUp()
    expect(wrong(await inspect(channel))).toEqual([
      expect.objectContaining({ channel, check, repair: expect.stringMatching(repair) }),
    ])
  })

  it('that lost View Channel is told so alone, not of all that goes with it', async () => {
    const { discord, inspect } = await setUp()
    discord.removePermission(INCIDENTS, 'VIEW_CHANNEL')
    expect(wrong(await inspect(INCIDENTS))).toHaveLength(1)
  })

  it('is told of a thread in place of a channel', async () => {
    const { startThread, inspect } = await setUp()
    expect(wrong(await inspect(await startThread('old incident')))).toEqual([
      expect.objectContaining({ check: 'channel', says: '"old incident" is a thread' }),
    ])
  })

  it('is told of a forum that wants a tag and has none', async () => {
    const { inspect } = await setUp({ channels: [{ id: FORUM, name: 'strict', type: 'forum', requireTag: true }] })
    expect(wrong(await inspect(FORUM))).toEqual([
      expect.objectContaining({ check: 'forum', repair: expect.stringContaining('add a tag') }),
    ])
  })

  it.each([
    ['here', 'calls here, and the bot may not'],
    [`group:${MANAGEMENT}`, 'calls the role management, and the bot may not'],
    [`group:${NOBODY_KNOWS}`, `has no role ${NOBODY_KNOWS}`],
  ])('that is to call %s is told if it may not', async (mention, says) => {
    const { discord, inspect } = await setUp()
    expect(wrong(await inspect(INCIDENTS, mention))).toEqual([
      expect.objectContaining({ check: 'mention', says: expect.stringContaining(says) }),
    ])
    discord.restorePermission(INCIDENTS, 'MENTION_EVERYONE')
    expect(wrong(await inspect(INCIDENTS, mention))).toHaveLength(mention.endsWith(NOBODY_KNOWS) ? 1 : 0)
  })

  it('without a token that works is told where to get one', async () => {
    const { discord, inspect } = await setUp()
    discord.revokeToken()
    const findings = await inspect(INCIDENTS)
    expect(findings).toEqual([
      expect.objectContaining({
        check: 'token',
        verdict: 'wrong',
        repair: expect.stringContaining('copy the token under "Bot"'),
      }),
    ])
    expect(JSON.stringify(findings)).not.toContain(discord.token)
  })

  it('that is limited waits as it is told', async () => {
    const { faults, waits, inspect } = await setUp()
    const body = { message: 'You are being rate limited.', retry_after: 3, global: false }
    faults.add({
      platform: 'discord',
      method: 'GET /channels/:id',
      does: { kind: 'status', status: 429, headers: { 'retry-after': '3' }, body },
    })
    expect(wrong(await inspect(INCIDENTS))).toEqual([])
    expect(waits).toHaveLength(1)
    expect(waits[0]).toBeGreaterThanOrEqual(3_000)
  })

  it('that gets no answer says so within the time a call may take', async () => {
    const { faults, inspect } = await setUp({}, 250)
    faults.add({ platform: 'discord', method: 'GET /users/@me', does: { kind: 'hang', after: false } })
    expect(await inspect(INCIDENTS)).toEqual([
      expect.objectContaining({ check: 'token', says: expect.stringContaining('timed out') }),
    ])
  })
})
