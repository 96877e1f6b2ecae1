import { describe, expect, it } from 'vitest'
import { cards, createBench, only, type Bench } from './worker.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

type Where = 'slack' | 'discord' | 'forum'

/** A destination where a card is shown that has a thread with one reply. */
async function withThread(where: Where): Promise<Bench> {
  const bench = await createBench({ routes: [only(where)] })
  await bench.accept('i_new')
  await bench.accept('i_ack', { progress: 'Processing' })
  await bench.run(10_000)
  expect(live(bench, where).map(({ thread }) => thread.length)).toEqual([1])
  return bench
}

/** The cards that are there to be seen; Discord's line about a thread that was started late is none. */
function live(bench: Bench, where: Where) {
  return cards(bench, where).filter(({ deleted, type }) => !deleted && type !== 18)
}

function idOf(bench: Bench, where: Where): string {
  const [card] = live(bench, where)
  return String(card !== undefined && 'ts' in card ? card.ts : card?.['id'])
}

function callsOf({ sandbox }: Bench, where: Where): number {
  return (where === 'slack' ? sandbox.slack : sandbox.discord).state().calls.length
}

/** What the first card says, and what its thread says. */
function saidBy(bench: Bench, where: Where): { card: string; thread: string } {
  const { thread, ...card } = live(bench, where)[0] ?? { thread: [] }
  return { card: JSON.stringify(card), thread: JSON.stringify(thread) }
}

describe('a thread', () => {
  it('that was deleted is started again, and goes on', async () => {
    const bench = await withThread('discord')
    bench.sandbox.discord.deleteChannel(idOf(bench, 'discord'))
    await bench.accept('i_comm', { title: 'the newest', progress: 'Processing' })
    await bench.run(2 * MINUTE_MS)
    expect(live(bench, 'discord')).toHaveLength(1)
    const { card, thread } = saidBy(bench, 'discord')
    expect(card).toContain('the newest')
    expect(thread).toContain('commented')
  })

  it.each(['discord', 'forum'] as const)('that was archived in %s is opened, and goes on', async (where) => {
    const bench = await withThread(where)
    bench.sandbox.discord.archiveThread(idOf(bench, where))
    const before = callsOf(bench, where)
    await bench.accept('i_comm', { title: 'the newest', progress: 'Processing' })
    await bench.run(MINUTE_MS)
    const { card, thread } = saidBy(bench, where)
    expect(card).toContain('the newest')
    expect(thread).toContain('commented')
    expect(callsOf(bench, where) - before).toBeLessThanOrEqual(6)
  })

  it.each([
    ['slack', true],
    ['discord', true],
    ['forum', false],
  ] as const)('that was locked in %s is left alone; its card is edited where that can be', async (where, canEdit) => {
    const bench = await withThread(where)
    const id = idOf(bench, where)
    if (where === 'slack') bench.sandbox.slack.lockThread('incidents', id)
    else bench.sandbox.discord.lockThread(id)
    const before = callsOf(bench, where)
    await bench.accept('i_comm', { title: 'the newest', progress: 'Processing' })
    await bench.accept('i_new', { incident_id: 'other', title: 'another' })
    await bench.run(HOUR_MS)
    const { card, thread } = saidBy(bench, where)
    expect(card.includes('the newest')).toBe(canEdit)
    expect(thread).not.toContain('commented')
    expect(live(bench, where)).toHaveLength(2)
    expect(callsOf(bench, where) - before).toBeLessThanOrEqual(10)
  })
})

interface Breakage {
  readonly where: Where
  readonly does: (bench: Bench) => void
  readonly undo?: (bench: Bench) => void
}

const BROKEN: Readonly<Record<string, Breakage>> = {
  'Slack: the bot was removed': {
    where: 'slack',
    does: ({ sandbox }) => sandbox.slack.removeBot('incidents'),
    undo: ({ sandbox }) => sandbox.slack.addBot('incidents'),
  },
  'Discord: the channel was deleted': {
    where: 'discord',
    does: ({ sandbox }) => sandbox.discord.deleteChannel('incidents'),
  },
  'Discord: the forum was deleted': {
    where: 'forum',
    does: ({ sandbox }) => sandbox.discord.deleteChannel('incident-forum'),
  },
  'Discord: it cannot be seen': {
    where: 'discord',
    does: ({ sandbox }) => sandbox.discord.removePermission('incidents', 'VIEW_CHANNEL'),
    undo: ({ sandbox }) => sandbox.discord.restorePermission('incidents', 'VIEW_CHANNEL'),
  },
  'Discord: nothing may be sent': {
    where: 'discord',
    does: ({ sandbox }) => sandbox.discord.removePermission('incidents', 'SEND_MESSAGES'),
    undo: ({ sandbox }) => sandbox.discord.restorePermission('incidents', 'SEND_MESSAGES'),
  },
  'Discord: no post may be opened': {
    where: 'forum',
    does: ({ sandbox }) => sandbox.discord.removePermission('incident-forum', 'SEND_MESSAGES'),
    undo: ({ sandbox }) => sandbox.discord.restorePermission('incident-forum', 'SEND_MESSAGES'),
  },
}

describe('a channel that is broken', () => {
  it.each(Object.entries(BROKEN))('%s: is knocked on seldom, and shows the newest when mended', async (_, breakage) => {
    const { where, does, undo } = breakage
    const bench = await createBench({ routes: [only(where)] })
    does(bench)
    const before = callsOf(bench, where)
    for (let count = 0; count < 5; count++) await bench.accept('i_new', { incident_id: `inc-${count}`, title: 'old' })
    await bench.run(30 * MINUTE_MS)
    for (let count = 0; count < 5; count++)
      await bench.accept('i_new', { incident_id: `inc-${count}`, title: 'newest' })
    await bench.run(30 * MINUTE_MS)
    expect(callsOf(bench, where) - before).toBeLessThanOrEqual(20)
    if (undo === undefined) return
    expect(live(bench, where)).toEqual([])
    undo(bench)
    await bench.run(20 * MINUTE_MS)
    expect(live(bench, where)).toHaveLength(5)
    for (const card of live(bench, where)) expect(JSON.stringify(card)).toMatch(/newest/)
  })

  it('for its threads only still shows cards, and the replies once mended', async () => {
    const bench = await createBench({ routes: [only('discord')] })
    bench.sandbox.discord.removePermission('incidents', 'CREATE_PUBLIC_THREADS')
    await bench.accept('i_new')
    await bench.accept('i_comm', { title: 'the newest' })
    await bench.run(HOUR_MS)
    expect(saidBy(bench, 'discord').card).toContain('the newest')
    expect(callsOf(bench, 'discord')).toBeLessThanOrEqual(20)
    bench.sandbox.discord.restorePermission('incidents', 'CREATE_PUBLIC_THREADS')
    await bench.run(20 * MINUTE_MS)
    expect(saidBy(bench, 'discord').thread).toContain('commented')
  })

  it('without embeds says everything in words', async () => {
    const bench = await createBench({ routes: [only('discord')] })
    bench.sandbox.discord.removePermission('incidents', 'EMBED_LINKS')
    await bench.accept('i_new')
    await bench.accept('i_comm')
    await bench.run(MINUTE_MS)
    expect(live(bench, 'discord')[0]).toMatchObject({
      embeds: [],
      content: expect.stringContaining('checkout is slow'),
    })
    expect(saidBy(bench, 'discord').thread).toContain('commented')
  })

  it('without its history cannot be looked through: policy decides about a lost card', async () => {
    const bench = await createBench({ routes: [only('forum')] })
    bench.sandbox.discord.removePermission('incident-forum', 'READ_MESSAGE_HISTORY')
    const does = { kind: 'reset', after: true } as const
    bench.sandbox.faults.add({ platform: 'discord', method: 'POST /channels/:id/threads', does })
    await bench.accept('i_new')
    await bench.run(HOUR_MS)
    expect(live(bench, 'forum')).toHaveLength(1)
    expect(bench.warnings).toContain('delivery.ambiguous')
  })
})

describe('an account', () => {
  it('whose app lacks the scope to post stops, alone, and goes on soon after it was granted', async () => {
    const bench = await createBench()
    const { slack } = bench.sandbox
    slack.setScopes(['channels:history'])
    await bench.accept('i_new')
    await bench.run(10 * MINUTE_MS)
    expect([live(bench, 'slack').length, live(bench, 'discord').length]).toEqual([0, 1])
    expect(slack.state().calls.length).toBeLessThanOrEqual(12)
    slack.setScopes(['channels:history', 'chat:write'])
    await bench.run(2 * MINUTE_MS)
    expect(live(bench, 'slack')).toHaveLength(1)
  })

  it('of Discord whose token was revoked stops, alone, and goes on soon after it works again', async () => {
    const bench = await createBench()
    const { discord } = bench.sandbox
    const { token } = discord
    discord.revokeToken()
    await bench.accept('i_new')
    await bench.run(10 * MINUTE_MS)
    expect([live(bench, 'slack').length, live(bench, 'discord').length]).toEqual([1, 0])
    expect(discord.state().calls.length).toBeLessThanOrEqual(12)
    discord.setToken(token)
    await bench.run(2 * MINUTE_MS)
    expect(live(bench, 'discord')).toHaveLength(1)
  })
})
