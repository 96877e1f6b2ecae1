import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Mentioned } from '../../src/message/message.ts'
import type { Reach } from '../../src/platform/platform.ts'
import type { Misbehaviour } from '../../src/sandbox/fault.ts'
import { INCIDENTS, MESSAGE, refOf, refusal, setUp, type Setup } from './slack-setup.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** However busy the machine is. */
const PATIENT_MS = 10_000
const LOOK_UP = 'users.lookupByEmail'

const person = (name: string): Mentioned => ({ kind: 'person', name, email: `${name}@example.com` })

function lookUps({ slack }: Setup): number {
  return slack.state().calls.filter(({ method }) => method === LOOK_UP).length
}

/** What is known of somebody when nobody is looked up any more. */
async function learnt({ platform }: Setup, who: Mentioned): Promise<Reach> {
  while (platform.reach(who) === 'soon') await turn()
  return platform.reach(who)
}

/** Whom a card calls that is posted now. */
async function pings(setup: Setup, key: string, mentions: readonly Mentioned[]): Promise<readonly string[]> {
  const drawn = setup.platform.drawCard({ ...MESSAGE, mentions }, 'full', false)
  const { message } = refOf(await setup.platform.postCard({ channel: INCIDENTS, key, drawn }))
  return setup.slack.channel(INCIDENTS).messages.find(({ ts }) => ts === message)?.pings ?? []
}

describe('people of the source', () => {
  it('are found by e-mail, and called from then on; until then they stand there by name', async () => {
    const setup = await setUp({}, PATIENT_MS)
    expect(setup.platform.reach(person('ben'))).toBe('soon')
    const card = setup.platform.drawCard({ ...MESSAGE, mentions: [person('ben')] }, 'full', false)
    expect(JSON.stringify(card)).not.toContain('"user"')
    expect(await learnt(setup, person('ben'))).toBe('yes')
    expect(await pings(setup, 'k', [person('ben'), person('mallory')])).toEqual(['U0BENORT02'])
    expect(JSON.stringify(setup.slack.channel(INCIDENTS).messages[0]?.blocks)).toContain('mallory')
  })

  it('are asked for once, whoever wants to know, and however the address is written', async () => {
    const setup = await setUp({}, PATIENT_MS)
    for (let count = 0; count < 5; count++) setup.platform.reach(person('ben'))
    await learnt(setup, { kind: 'person', name: 'Ben', email: ' BEN@example.com ' })
    expect(lookUps(setup)).toBe(1)
  })

  it('that the configuration names are never asked for', async () => {
    const setup = await setUp({}, PATIENT_MS)
    expect(setup.platform.reach(person('ann'))).toBe('yes')
    expect(await pings(setup, 'k', [person('ann')])).toEqual(['U0ANNLEE01'])
    expect(lookUps(setup)).toBe(0)
  })

  it.each([
    ['gus', 'yes', 'a guest'],
    ['olga', 'no', 'deactivated'],
    ['eve', 'no', 'unknown'],
  ])('%s: %s, being %s', async (name, reach) => {
    expect(await learnt(await setUp({}, PATIENT_MS), person(name))).toBe(reach)
  })

  it('are remembered for a day, and that there is nobody for an hour', async () => {
    const setup = await setUp({}, PATIENT_MS)
    await learnt(setup, person('ben'))
    await learnt(setup, person('eve'))
    setup.clock.nowMs += HOUR_MS - 1
    expect([setup.platform.reach(person('ben')), setup.platform.reach(person('eve'))]).toEqual(['yes', 'no'])
    setup.clock.nowMs += 2
    expect([setup.platform.reach(person('ben')), setup.platform.reach(person('eve'))]).toEqual(['yes', 'soon'])
    setup.clock.nowMs += 23 * HOUR_MS
    expect(setup.platform.reach(person('ben'))).toBe('soon')
    expect(await learnt(setup, person('ben'))).toBe('yes')
  })

  it('without an address, or with something that is none, are not asked for', async () => {
    const setup = await setUp({}, PATIENT_MS)
    const addresses = [
      undefined,
      '',
      ' ',
      '@',
      '<!channel>',
      '<@U0ANNLEE01>',
      'a@b@c',
      'a b@c.d',
      `${'a'.repeat(250)}@b.cd`,
    ]
    for (const email of addresses)
      expect(setup.platform.reach({ kind: 'person', name: 'x', ...(email !== undefined && { email }) })).toBe('no')
    expect(lookUps(setup)).toBe(0)
  })
})

describe('an app that may not look people up', () => {
  it('says so once and calls whom the configuration names; it asks again after an hour', async () => {
    const setup = await setUp({}, PATIENT_MS)
    setup.slack.setScopes(['chat:write', 'channels:history'])
    expect(await learnt(setup, person('ben'))).toBe('no')
    expect(await learnt(setup, person('chen'))).toBe('no')
    expect(await pings(setup, 'k', [person('ann'), person('ben')])).toEqual(['U0ANNLEE01'])
    setup.clock.nowMs += HOUR_MS
    expect(await learnt(setup, person('chen'))).toBe('no')
    expect(lookUps(setup)).toBe(2)
    expect(setup.logs).toEqual([expect.stringMatching(/^warn: .*missing_scope.*users:read\.email/)])
    setup.slack.setScopes(['chat:write', 'users:read', 'users:read.email'])
    setup.clock.nowMs += HOUR_MS
    expect(await learnt(setup, person('ben'))).toBe('yes')
  })
})

describe('a look-up', () => {
  it('keeps a little under what Slack allows', async () => {
    const setup = await setUp({ limits: true }, PATIENT_MS)
    for (let second = 0; second < 180; second++) {
      for (let count = 0; count < 3; count++) await learnt(setup, person(`p${second}-${count}`))
      setup.clock.nowMs += 1_000
    }
    expect(setup.slack.state().calls.filter(({ status }) => status === 429)).toEqual([])
    expect(lookUps(setup)).toBeGreaterThan(3 * 40)
    expect(lookUps(setup)).toBeLessThanOrEqual(3 * 45)
  })

  it('waits as long as Slack says, and knows nobody meanwhile', async () => {
    const setup = await setUp({}, PATIENT_MS)
    const limited: Misbehaviour = {
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '90' },
      body: { ok: false, error: 'ratelimited' },
    }
    setup.next(LOOK_UP, limited)
    expect(await learnt(setup, person('ben'))).toBe('no')
    setup.clock.nowMs += 89_000
    expect(setup.platform.reach(person('chen'))).toBe('no')
    setup.clock.nowMs += 1_000
    expect(await learnt(setup, person('ben'))).toBe('yes')
    expect(await pings(setup, 'k', [person('ben')])).toEqual(['U0BENORT02'])
  })

  it.each<[string, Misbehaviour]>([
    ['fails', { kind: 'status', status: 503 }],
    ['is refused for a reason nobody knows', refusal('something_new')],
    ['is answered by something else than Slack', { kind: 'status', status: 200, body: '<html>ben@example.com</html>' }],
    ['is cut off', { kind: 'cut_body' }],
    ['is never answered', { kind: 'hang', after: false }],
    ['names nobody', { kind: 'status', status: 200, body: { ok: true, user: { id: '<!channel>' } } }],
    [
      'finds somebody who left',
      { kind: 'status', status: 200, body: { ok: true, user: { id: 'U0BENORT02', deleted: true } } },
    ],
  ])('that %s leaves a name, and no address in the log', async (_, does) => {
    const setup = await setUp()
    setup.next(LOOK_UP, does)
    expect(await learnt(setup, person('ben'))).toBe('no')
    expect(await pings(setup, 'k', [person('ben')])).toEqual([])
    expect(setup.logs.join('\n')).not.toContain('ben')
  })

  it('is worth waiting for two seconds, and used when its answer comes later', async () => {
    const setup = await setUp({}, PATIENT_MS)
    setup.next(LOOK_UP, { kind: 'delay', ms: 300 })
    expect(setup.platform.reach(person('ben'))).toBe('soon')
    setup.clock.nowMs += 1_999
    expect(setup.platform.reach(person('ben'))).toBe('soon')
    setup.clock.nowMs += 1
    expect(setup.platform.reach(person('ben'))).toBe('no')
    await expect.poll(() => setup.platform.reach(person('ben')), { timeout: 5_000 }).toBe('yes')
    expect(lookUps(setup)).toBe(1)
  })

  it('that failed is made again a minute later', async () => {
    const setup = await setUp({}, PATIENT_MS)
    setup.next(LOOK_UP, { kind: 'status', status: 503 })
    expect(await learnt(setup, person('ben'))).toBe('no')
    setup.clock.nowMs += MINUTE_MS + 1
    expect(await learnt(setup, person('ben'))).toBe('yes')
  })

  it('is in the way of no card, though many get no answer', async () => {
    const setup = await setUp({}, PATIENT_MS)
    setup.faults.add({ platform: 'slack', method: LOOK_UP, times: 40, does: { kind: 'hang', after: false } })
    const many = Array.from({ length: 40 }, (_, index) => person(`p${index}`))
    for (const who of many) expect(setup.platform.reach(who)).toBe('soon')
    expect(await pings(setup, 'k', many)).toEqual([])
    expect(setup.platform.reach(person('p39'))).toBe('soon')
  })
})
