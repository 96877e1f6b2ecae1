import { describe, expect, it } from 'vitest'
import type { Misbehaviour } from '../../src/sandbox/fault.ts'
import { cards, createBench, deleteCard, only, T, type Bench } from './worker.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const slackError = (error: string): Misbehaviour => ({ kind: 'status', status: 200, body: { ok: false, error } })

describe('replies', () => {
  it('wait for the new card, however many there are', async () => {
    const bench = await createBench({ routes: [only('slack')] })
    await bench.accept('i_new')
    await bench.run(MINUTE_MS)
    const limited = {
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '60' },
      body: { ok: false, error: 'ratelimited' },
    } as const
    bench.sandbox.faults.add({ platform: 'slack', method: 'chat.postMessage', does: limited })
    for (let count = 0; count < 60; count++) await bench.accept('i_r_title', { title: `title ${count}.` })
    await bench.run(1_000)
    deleteCard(bench, 'slack')
    await bench.run(10 * MINUTE_MS)
    const live = cards(bench, 'slack').filter(({ deleted }) => !deleted)
    expect(live).toHaveLength(1)
    const told = JSON.stringify(live[0]?.thread.map((reply) => ('blocks' in reply ? reply.blocks : [])))
    // As the new title of its own event, and as the old one of the next.
    const times = (word: string): number => told.split(word).length - 1
    for (let count = 0; count < 60; count++) expect(times(`title ${count}.`)).toBe(count < 59 ? 2 : 1)
    expect(live[0]?.thread.length).toBeLessThan(10)
  })

  it('that may not be posted leave the cards of the channel alone', async () => {
    const bench = await createBench({ routes: [only('discord')] })
    bench.sandbox.discord.removePermission('incidents', 'SEND_MESSAGES_IN_THREADS')
    await bench.accept('i_new')
    await bench.accept('i_comm')
    await bench.run(MINUTE_MS)
    for (let count = 0; count < 10; count++) await bench.accept('i_new', { incident_id: `other-${count}` })
    await bench.run(MINUTE_MS)
    expect(cards(bench, 'discord')).toHaveLength(11)
    bench.sandbox.discord.restorePermission('incidents', 'SEND_MESSAGES_IN_THREADS')
    await bench.run(HOUR_MS)
    expect(cards(bench, 'discord')[0]?.thread).toHaveLength(1)
  })
})

describe('a snooze', () => {
  it('that ends makes no event of the source stale', async () => {
    const bench = await createBench({ routes: [only('slack')] })
    await bench.accept('i_snooze', { snoozed_before: Math.floor(T / 1000) + 60 })
    await bench.run(MINUTE_MS + 5_000)
    expect(JSON.stringify(cards(bench, 'slack')[0]?.thread.at(-1))).toContain('nooze')
    await bench.accept('i_ack', { progress: 'Processing' }, { id: 'ack', atMs: T + MINUTE_MS - 300 })
    await bench.run(MINUTE_MS)
    expect(JSON.stringify(cards(bench, 'slack')[0])).toContain('Processing')
  })
})

describe('a card that somebody deleted', () => {
  it.each(['slack', 'discord', 'forum'] as const)(
    'is made anew in %s while the incident is open, and says so',
    async (platform) => {
      const bench = await createBench({
        routes: [only(platform)],
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
      routes: [only('slack')],
    })
    await bench.accept('i_new')
    await bench.run(MINUTE_MS)
    for (let round = 0; round < 6; round++) {
      if (cards(bench, 'slack').some(({ deleted }) => !deleted)) deleteCard(bench, 'slack')
      await bench.accept('i_r_title', { title: `round ${round}` })
      await bench.run(MINUTE_MS)
    }
    expect(cards(bench, 'slack')).toHaveLength(4)
    expect((await bench.store.counts()).deliveries).toEqual({ pending: 0, sending: 0, ambiguous: 0, held: 0, dead: 0 })
  })

  it('stays deleted if that is what was asked for', async () => {
    const bench = await createBench({ routes: [only('slack')], onCardDeleted: 'ignore' })
    await bench.accept('i_new')
    await bench.run(MINUTE_MS)
    deleteCard(bench, 'slack')
    for (const type of ['i_ack', 'i_comm', 'i_reopen']) {
      await bench.accept(type)
      await bench.run(MINUTE_MS)
    }
    expect(cards(bench, 'slack').filter(({ deleted }) => !deleted)).toEqual([])
    expect((await bench.store.counts()).deliveries).toMatchObject({ pending: 0, dead: 0 })
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

describe('a destination that leads to another platform', () => {
  it('has the card of an open incident there, with its newest state', async () => {
    const bench = await createBench({ routes: [only('slack')] })
    await bench.accept('i_new')
    await bench.run(MINUTE_MS)
    bench.move('slack', 'discord')
    await bench.accept('i_ack', { progress: 'Processing' })
    await bench.run(MINUTE_MS)
    expect(JSON.stringify(cards(bench, 'discord'))).toContain('Processing')
    expect(cards(bench, 'discord')[0]?.thread).toHaveLength(1)
    expect(cards(bench, 'slack')[0]?.edits).toBe(0)
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
    expect(held?.edits).toBe(0)
    expect(JSON.stringify(held?.thread)).toContain('title 20')
    await bench.run(MINUTE_MS)
    expect(JSON.stringify(cards(bench, 'slack')[0])).toContain('title 20')
    expect(cards(bench, 'slack')[0]?.edits).toBeLessThanOrEqual(3)
  })
})

describe('many cards that change faster than they may be edited', () => {
  it('all get their turn', async () => {
    const bench = await createBench({ routes: [only('slack')] })
    const ids = Array.from({ length: 60 }, (_, index) => `inc-${String(index).padStart(2, '0')}`)
    for (const incident_id of ids) await bench.accept('i_new', { incident_id })
    await bench.run(5 * MINUTE_MS)
    for (let round = 1; round <= 12; round++) {
      for (const incident_id of ids) await bench.accept('i_new', { incident_id, title: `round ${round}` })
      await bench.run(10_000)
    }
    const edits = incidentCards(bench).map((card) => card.edits)
    expect(edits).toHaveLength(60)
    expect(Math.min(...edits)).toBeGreaterThan(0)
    await bench.run(5 * MINUTE_MS)
    for (const card of incidentCards(bench)) expect(JSON.stringify(card)).toContain('round 12')
  }, 60_000)
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

/** Without the storm board, which is a message of its own. */
function incidentCards(bench: Bench) {
  return cards(bench, 'slack').filter((card) => !JSON.stringify(card).includes('Alert storm'))
}
