import { describe, expect, it } from 'vitest'
import type { Misbehaviour } from '../../src/sandbox/fault.ts'
import { createBench, T, type Bench } from './worker.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const slackError = (error: string): Misbehaviour => ({ kind: 'status', status: 200, body: { ok: false, error } })

describe('an answer that was lost', () => {
  const losses: readonly [string, Misbehaviour][] = [
    ['after the message was posted', { kind: 'cut_body' }],
    ['by a reset after the message was posted', { kind: 'reset', after: true }],
    ['by a proxy’s page after the message was posted', { kind: 'html', after: true }],
    ['before the message was posted', { kind: 'reset', after: false }],
    ['by a server error', { kind: 'status', status: 500 }],
  ]
  for (const platform of ['slack', 'discord', 'forum'] as const) {
    const route = { name: 'one', to: [platform], continue: false, match: {}, attention: {}, mention: [] }
    const fault = { platform: platform === 'slack' ? 'slack' : 'discord' } as const

    it.each(losses)(`leaves one card in ${platform}, lost %s`, async (_, does) => {
      const bench = await createBench({ routes: [route] })
      bench.sandbox.faults.add({ ...fault, method: CREATE_CARD[platform], does })
      await bench.accept('i_new')
      await bench.run(5 * MINUTE_MS)
      expect(cards(bench, platform)).toHaveLength(1)
      expect((await bench.store.counts()).deliveries).toEqual({ pending: 0, sending: 0, ambiguous: 0, dead: 0 })
    })

    it.each(losses)(`leaves replies of ${platform} single and in order, lost %s`, async (_, does) => {
      const bench = await createBench({ routes: [route] })
      await bench.accept('i_new')
      await bench.run(MINUTE_MS)
      bench.sandbox.faults.add({
        ...fault,
        method: platform === 'slack' ? 'chat.postMessage' : 'POST /channels/:id/messages',
        does,
      })
      for (const type of ['i_ack', 'i_comm', 'i_custom']) await bench.accept(type)
      await bench.run(5 * MINUTE_MS)
      const thread = cards(bench, platform)[0]?.thread.map((reply) => JSON.stringify(reply))
      expect(thread).toHaveLength(3)
      for (const [index, word] of ['acknowledged', 'commented', 'custom action'].entries())
        expect(thread?.[index]).toContain(word)
    })
  }

  it('is looked for by the next process, if this one stops in between', async () => {
    const bench = await createBench()
    bench.sandbox.faults.add({ platform: 'slack', method: 'chat.postMessage', does: { kind: 'cut_body' } })
    await bench.accept('i_new')
    await bench.run(1_000)
    await bench.restart()
    await bench.run(5 * MINUTE_MS)
    expect(cards(bench, 'slack')).toHaveLength(1)
    expect(bench.attempts.filter(({ operation, outcome }) => operation === 'find' && outcome === 'found')).toHaveLength(
      1,
    )
  })
})

describe('a card that somebody deleted', () => {
  it.each(['slack', 'discord', 'forum'] as const)(
    'is made anew in %s while the incident is open, and says so',
    async (platform) => {
      const bench = await createBench({
        routes: [{ name: 'one', to: [platform], continue: false, match: {}, attention: {}, mention: [] }],
      })
      await bench.accept('i_new')
      await bench.run(MINUTE_MS)
      deleteCard(bench, platform)
      await bench.accept('i_ack', { progress: 'Processing' })
      await bench.run(MINUTE_MS)
      const [, again] = cards(bench, platform)
      expect(JSON.stringify(again)).toContain('was deleted')
      expect(again?.thread).toHaveLength(1)
    },
  )

  it('is made anew three times, and no more', async () => {
    const bench = await createBench({
      routes: [{ name: 'one', to: ['slack'], continue: false, match: {}, attention: {}, mention: [] }],
    })
    await bench.accept('i_new')
    await bench.run(MINUTE_MS)
    for (let round = 0; round < 6; round++) {
      if (cards(bench, 'slack').some(({ deleted }) => !deleted)) deleteCard(bench, 'slack')
      await bench.accept('i_r_title', { title: `round ${round}` })
      await bench.run(MINUTE_MS)
    }
    expect(cards(bench, 'slack')).toHaveLength(4)
    expect((await bench.store.counts()).deliveries).toEqual({ pending: 0, sending: 0, ambiguous: 0, dead: 0 })
  })

  it('of a closed incident stays deleted, until the incident is reopened', async () => {
    const bench = await createBench()
    await bench.accept('i_new')
    await bench.accept('i_rslv', { progress: 'Closed', incident_status: 'Ok' })
    await bench.run(MINUTE_MS)
    deleteCard(bench, 'slack')
    await bench.accept('i_r_rc', { progress: 'Closed', incident_status: 'Ok', root_cause: 'dns' })
    await bench.run(MINUTE_MS)
    expect(cards(bench, 'slack')).toHaveLength(1)
    await bench.accept('i_reopen')
    await bench.run(MINUTE_MS)
    expect(cards(bench, 'slack')).toHaveLength(2)
  })
})

describe('a broken way', () => {
  it('of one channel stops no other, is knocked on seldom, and ends with the newest state', async () => {
    const routes = [
      { name: 'all', to: ['slack', 'slack-2', 'discord'], continue: false, match: {}, attention: {}, mention: [] },
    ]
    const bench = await createBench({ routes })
    bench.sandbox.slack.archive('incidents')
    await bench.accept('i_new')
    await bench.accept('i_ack', { progress: 'Processing' })
    await bench.run(HOUR_MS)
    expect([cards(bench, 'slack').length, cards(bench, 'slack-2').length, cards(bench, 'discord').length]).toEqual([
      0, 1, 1,
    ])
    expect(bench.sandbox.slack.state().calls.filter(({ error }) => error === 'is_archived').length).toBeLessThanOrEqual(
      20,
    )
    bench.sandbox.slack.unarchive('incidents')
    await bench.run(HOUR_MS)
    expect(JSON.stringify(cards(bench, 'slack')[0])).toContain('Processing')
    expect(cards(bench, 'slack')[0]?.thread).toHaveLength(1)
    expect(bench.warnings).toEqual(expect.arrayContaining(['circuit.opened', 'circuit.closed']))
  })

  it('of one account stops no other, and is over soon after the token works again', async () => {
    const bench = await createBench()
    const { token } = bench.sandbox.slack
    bench.sandbox.slack.revokeToken()
    await bench.accept('i_new')
    await bench.run(10 * MINUTE_MS)
    expect([cards(bench, 'slack').length, cards(bench, 'discord').length]).toEqual([0, 1])
    expect(bench.sandbox.slack.state().calls.length).toBeLessThanOrEqual(12)
    await bench.restart()
    bench.sandbox.slack.setToken(token)
    await bench.run(MINUTE_MS)
    expect(cards(bench, 'slack')).toHaveLength(1)
  })
})

describe('a message that is refused', () => {
  it('is drawn plainer until it passes', async () => {
    const bench = await createBench()
    bench.sandbox.faults.add({
      platform: 'slack',
      method: 'chat.postMessage',
      times: 2,
      does: slackError('invalid_blocks'),
    })
    await bench.accept('i_new')
    await bench.run(MINUTE_MS)
    expect(JSON.stringify(cards(bench, 'slack'))).toContain('checkout is slow')
    expect(
      bench.attempts.filter(({ platform, operation }) => platform === 'slack' && operation === 'card'),
    ).toHaveLength(3)
  })

  it('three times is put aside, and what comes after it is not held up', async () => {
    const bench = await createBench()
    await bench.accept('i_new')
    await bench.run(MINUTE_MS)
    bench.sandbox.faults.add({
      platform: 'slack',
      method: 'chat.postMessage',
      times: 3,
      does: slackError('invalid_blocks'),
    })
    await bench.accept('i_ack', { progress: 'Processing' })
    await bench.accept('i_comm', { progress: 'Processing' })
    await bench.run(MINUTE_MS)
    expect(cards(bench, 'slack')[0]?.thread).toHaveLength(1)
    expect((await bench.store.counts()).deliveries.dead).toBe(1)
    expect(bench.warnings).toContain('delivery.dead')
  })
})

describe('edits', () => {
  it('skip to the newest state, and are not made when nothing that is shown changed', async () => {
    const bench = await createBench()
    await bench.accept('i_new')
    await bench.run(MINUTE_MS)
    const limited = {
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '20' },
      body: { ok: false, error: 'ratelimited' },
    } as const
    bench.sandbox.faults.add({ platform: 'slack', method: 'chat.update', does: limited })
    for (let count = 1; count <= 20; count++) await bench.accept('i_r_title', { title: `title ${count}` })
    await bench.run(10_000)
    const held = cards(bench, 'slack')[0]
    expect([held?.edits, (held?.thread.length ?? 0) > 5]).toEqual([0, true])
    await bench.run(MINUTE_MS)
    expect(JSON.stringify(cards(bench, 'slack')[0])).toContain('title 20')
    expect(cards(bench, 'slack')[0]?.edits).toBeLessThanOrEqual(3)
  })
})

describe('late events', () => {
  it('are told in the thread, marked, if one wants to know, and never move the card back', async () => {
    const bench = await createBench({ lateEvents: 'reply' })
    await bench.accept('i_new')
    await bench.accept('i_ack', { progress: 'Processing' })
    await bench.run(MINUTE_MS)
    await bench.accept('i_comm', { title: 'an old title' }, { id: 'late', atMs: T - MINUTE_MS })
    await bench.run(MINUTE_MS)
    const [card] = cards(bench, 'slack')
    expect(JSON.stringify(card?.thread.at(-1))).toContain('late')
    const { thread: _, ...shown } = card ?? { thread: [] }
    expect(JSON.stringify(shown)).not.toContain('an old title')
  })
})

const CREATE_CARD = {
  slack: 'chat.postMessage',
  discord: 'POST /channels/:id/messages',
  forum: 'POST /channels/:id/threads',
} as const

function cards({ sandbox }: Bench, destination: string) {
  switch (destination) {
    case 'slack':
      return sandbox.slack.channel('incidents').messages
    case 'slack-2':
      return sandbox.slack.channel('payments').messages
    default:
      return sandbox.discord.channel(destination === 'forum' ? 'incident-forum' : 'incidents').messages
  }
}

function deleteCard(bench: Bench, destination: 'slack' | 'discord' | 'forum'): void {
  const card = cards(bench, destination).findLast(({ deleted }) => !deleted)
  if (card === undefined) throw new Error('there is no card to delete')
  if ('ts' in card) bench.sandbox.slack.deleteMessage('incidents', String(card.ts))
  else if (destination === 'forum') bench.sandbox.discord.deleteChannel(card.id)
  else bench.sandbox.discord.deleteMessage('incidents', card.id)
}
