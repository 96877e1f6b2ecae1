import { describe, expect, it } from 'vitest'
import { createSlackInspector } from '../../src/platform/slack/inspect.ts'
import type { Finding } from '../../src/platform/inspect.ts'
import { startWorkspace, type Workspace } from './sandbox-slack.ts'
import { refusal } from './slack-setup.ts'

const INCIDENTS = 'C0INCIDENTS'
const SECURITY = 'C0SECURITY'
/** What the manifest asks for. */
const LEAST = ['chat:write', 'channels:history', 'groups:history']

interface Setup extends Workspace {
  readonly waits: number[]
  readonly inspect: (...channels: readonly string[]) => Promise<readonly Finding[]>
}

/** Long enough for a busy machine; a call that is to fail by it gets less. */
const PATIENT_MS = 10_000

async function setUp({ limits = false, callTimeoutMs = PATIENT_MS } = {}): Promise<Setup> {
  const workspace = await startWorkspace({ limits })
  const waits: number[] = []
  const { slack, apiUrl, clock } = workspace
  const token = slack.token
  const inspect = (...channels: readonly string[]): Promise<readonly Finding[]> =>
    createSlackInspector({
      token,
      apiUrl,
      callTimeoutMs,
      people: new Map(),
      log: () => {},
      nowMs: () => clock.nowMs,
      // What waits at the same time would add up: how long all may take, one that wants an hour shows.
      monotonicMs: () => 0,
      sleep: async (ms) => {
        waits.push(ms)
        clock.nowMs += ms
      },
    }).inspect(channels.map((channel) => ({ channel, mentions: [] })))
  slack.setScopes(LEAST)
  return { ...workspace, waits, inspect }
}

const wrong = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ verdict }) => verdict === 'wrong')

describe('an inspected Slack workspace', () => {
  it('that is right is said to be, with the least scopes and nothing posted', async () => {
    const { slack, inspect } = await setUp()
    const findings = await inspect(INCIDENTS)
    expect(wrong(findings)).toEqual([])
    expect(findings[0]?.says).toContain('@incident-relay in the workspace Sandbox')
    expect(findings).toContainEqual(expect.objectContaining({ channel: INCIDENTS, check: 'member', verdict: 'ok' }))
    expect(findings).toContainEqual(
      expect.objectContaining({ verdict: 'hint', says: expect.stringContaining('users:read.email') }),
    )
    // What these scopes cannot see is not passed over.
    expect(findings).toContainEqual(
      expect.objectContaining({ verdict: 'unseen', says: expect.stringContaining('archived') }),
    )
    const methods = slack.state().calls.map(({ method }) => method)
    expect(new Set(methods)).toEqual(new Set(['auth.test', 'conversations.history']))
    expect(slack.channel(INCIDENTS).messages).toEqual([])
  })

  const MISTAKES: readonly [string, (world: Setup) => void, string, Partial<Finding>, RegExp][] = [
    ['a revoked token', ({ slack }) => slack.revokeToken(), INCIDENTS, { check: 'token' }, /Bot User OAuth Token/],
    [
      'another token',
      ({ slack }) => slack.setToken('xoxb-other'),
      INCIDENTS,
      { check: 'token' },
      /OAuth & Permissions/,
    ],
    [
      'no scope to post',
      ({ slack }) => slack.setScopes(LEAST.slice(1)),
      INCIDENTS,
      { check: 'scope' },
      /^add chat:write under "OAuth & Permissions".*reinstall the app$/,
    ],
    [
      'no scope to read public channels',
      ({ slack }) => slack.setScopes(['chat:write', 'groups:history']),
      INCIDENTS,
      { check: 'scope', channel: INCIDENTS },
      /^add channels:history under/,
    ],
    [
      'no scope to read private channels',
      ({ slack }) => {
        slack.setScopes(['chat:write', 'channels:history'])
        slack.addBot('security')
      },
      SECURITY,
      { check: 'scope', channel: SECURITY },
      /^add groups:history under/,
    ],
    [
      'a channel without the bot',
      ({ slack }) => slack.removeBot('incidents'),
      INCIDENTS,
      { check: 'member', channel: INCIDENTS },
      /^type \/invite @incident-relay in the channel/,
    ],
    [
      'a private channel without the bot',
      () => {},
      SECURITY,
      { check: 'channel', channel: SECURITY },
      /compare the id.*\/invite @incident-relay/,
    ],
    [
      'a channel that is not there',
      () => {},
      'C0NOWHERE',
      { check: 'channel', channel: 'C0NOWHERE' },
      /compare the id/,
    ],
    [
      'an archived channel, as the least scopes show it',
      ({ slack }) => slack.archive('incidents'),
      INCIDENTS,
      { check: 'member', channel: INCIDENTS },
      /if the channel is archived, unarchive it first/,
    ],
    [
      'an archived channel, where it may be seen',
      ({ slack }) => {
        slack.setScopes([...LEAST, 'channels:read'])
        slack.archive('incidents')
      },
      INCIDENTS,
      { check: 'channel', channel: INCIDENTS, says: '#incidents is archived' },
      /^unarchive the channel, then type \/invite @incident-relay/,
    ],
    [
      'an API that gives no answer',
      ({ faults }) => faults.add({ platform: 'slack', method: 'auth.test', does: { kind: 'hang', after: false } }),
      INCIDENTS,
      { check: 'token', says: 'Slack gave no answer: timed out' },
      /reaches the API/,
    ],
    [
      'a proxy that answers instead',
      ({ faults }) => faults.add({ platform: 'slack', method: 'auth.test', does: { kind: 'html', after: false } }),
      INCIDENTS,
      { check: 'token' },
      /reaches the API/,
    ],
    [
      'an account that is gone',
      ({ faults }) => faults.add({ platform: 'slack', method: 'auth.test', does: refusal('account_inactive') }),
      INCIDENTS,
      { check: 'token' },
      /reinstall the app/,
    ],
  ]
  it.each(MISTAKES)('%s is said with what repairs it', async (name, spoil, channel, expected, repair) => {
    const world = await setUp(name.includes('gives no answer') ? { callTimeoutMs: 250 } : {})
    spoil(world)
    const findings = wrong(await world.inspect(channel))
    expect(findings).toEqual([expect.objectContaining({ ...expected, repair: expect.stringMatching(repair) })])
    expect(JSON.stringify(findings)).not.toContain(world.slack.token)
  })

  it('that limits calls is waited for as it says', async () => {
    const { faults, waits, inspect } = await setUp()
    const limited = {
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '7' },
      body: { ok: false, error: 'ratelimited' },
    } as const
    faults.add({ platform: 'slack', method: 'conversations.history', times: 2, does: limited })
    expect(wrong(await inspect(INCIDENTS))).toEqual([])
    expect(waits).toEqual([7_000, 7_000])
  })

  it('with more channels than it lets look at in a minute is looked through all the same', async () => {
    const { waits, inspect } = await setUp({ limits: true })
    const findings = await inspect(...Array.from({ length: 70 }, () => INCIDENTS))
    expect(wrong(findings)).toEqual([])
    expect(findings.filter(({ check }) => check === 'member')).toHaveLength(70)
    expect(waits.length).toBeGreaterThan(0)
  })

  it('that wants a wait of an hour is not waited for', async () => {
    const { faults, waits, inspect } = await setUp()
    const limited = { kind: 'status', status: 429, headers: { 'retry-after': '3600' }, body: {} } as const
    faults.add({ platform: 'slack', method: 'auth.test', does: limited })
    expect(wrong(await inspect(INCIDENTS))).toEqual([expect.objectContaining({ check: 'token' })])
    expect(waits).toEqual([])
  })
})
