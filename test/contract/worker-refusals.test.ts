import { describe, expect, it } from 'vitest'
import type { Misbehaviour } from '../../src/sandbox/fault.ts'
import { cards, CREATE_CARD, createBench, only, type Bench } from './worker.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

type Where = 'slack' | 'discord' | 'forum'

/** The platform finds fault with the form of a message. */
const REFUSAL: Readonly<Record<Where, Misbehaviour>> = {
  slack: { kind: 'status', status: 200, body: { ok: false, error: 'invalid_blocks' } },
  discord: { kind: 'status', status: 400, body: { code: 50035, message: 'Invalid Form Body' } },
  forum: { kind: 'status', status: 400, body: { code: 50035, message: 'Invalid Form Body' } },
}
const REPLY = {
  slack: 'chat.postMessage',
  discord: 'POST /channels/:id/messages',
  forum: 'POST /channels/:id/messages',
}

function refuse(bench: Bench, where: Where, method: string, times: number): void {
  const platform = where === 'slack' ? 'slack' : 'discord'
  bench.sandbox.faults.add({ platform, method, times, does: REFUSAL[where] })
}

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? ''
}

describe.each(['slack', 'discord', 'forum'] as const)('a message that %s refuses', (where) => {
  it.each([1, 2])('%d times is drawn plainer, and still says what and where', async (times) => {
    const bench = await createBench({ routes: [only(where)] })
    refuse(bench, where, CREATE_CARD[where], times)
    await bench.accept('i_new', { detail_url: 'https://console.example.com/i/1', description: 'all of the story' })
    await bench.run(MINUTE_MS)
    const [card] = cards(bench, where)
    expect(textOf(card)).toContain('checkout is slow')
    expect(textOf(card)).toContain('https://console.example.com/i/1')
    expect(bench.attempts.filter(({ operation }) => operation === 'card')).toHaveLength(times + 1)
  })

  it('for ever is a dead letter, and what comes after it is not held up', async () => {
    const bench = await createBench({ routes: [only(where)] })
    await bench.accept('i_new')
    await bench.run(10_000)
    refuse(bench, where, REPLY[where], 3)
    await bench.accept('i_ack', { progress: 'Processing' })
    await bench.run(MINUTE_MS)
    await bench.accept('i_comm', { progress: 'Processing', title: 'the newest' })
    await bench.run(MINUTE_MS)
    const { thread, ...card } = cards(bench, where)[0] ?? { thread: [] }
    expect(textOf(card)).toContain('the newest')
    expect(textOf(thread)).toContain('commented')
    expect(textOf(thread)).not.toContain('acknowledged')
    expect((await bench.store.counts()).deliveries.dead).toBe(1)
  })
})

describe('moderation of Discord', () => {
  it.each(['discord', 'forum'] as const)('in %s does not silence an incident for its description', async (where) => {
    const bench = await createBench({ routes: [only(where)] })
    bench.sandbox.discord.setAutoMod('unspeakable')
    await bench.accept('i_new', { description: 'an unspeakable thing' })
    await bench.run(MINUTE_MS)
    expect(textOf(cards(bench, where))).toContain('checkout is slow')
    expect(textOf(cards(bench, where))).not.toContain('unspeakable')
  })

  it.each(['discord', 'forum'] as const)(
    'in %s that blocks a title blocks nothing else, and asks little',
    async (where) => {
      const bench = await createBench({ routes: [only(where)] })
      bench.sandbox.discord.setAutoMod('unspeakable')
      await bench.accept('i_new', { title: 'an unspeakable thing' })
      await bench.accept('i_new', { incident_id: 'other', title: 'another thing' })
      await bench.run(HOUR_MS)
      expect(textOf(cards(bench, where))).toContain('another thing')
      expect(bench.sandbox.discord.state().calls.length).toBeLessThanOrEqual(10)
      await bench.accept('i_r_title', { title: 'a thing one may name' })
      await bench.run(MINUTE_MS)
      expect(textOf(cards(bench, where))).toContain('a thing one may name')
    },
  )

  it('gives a thread a neutral name rather than none', async () => {
    const bench = await createBench({ routes: [only('discord')] })
    await bench.accept('i_new')
    await bench.run(10_000)
    bench.sandbox.discord.setAutoMod('checkout')
    await bench.accept('i_comm', { title: 'checkout' })
    await bench.run(MINUTE_MS)
    expect(cards(bench, 'discord')[0]).toMatchObject({ thread_info: { name: 'Incident' } })
  })
})

describe('cards older than an hour', () => {
  it('are edited as fast as Discord lets them be, up to the newest state', async () => {
    const bench = await createBench({ routes: [only('discord')], limits: true })
    await bench.accept('i_new')
    await bench.run(2 * HOUR_MS)
    for (let count = 1; count <= 30; count++) {
      await bench.accept('i_new', { title: `title ${count}` })
      await bench.run(1_000)
    }
    await bench.run(30_000)
    expect(textOf(cards(bench, 'discord')[0])).toContain('title 30')
    const limited = bench.sandbox.discord.state().calls.filter(({ status }) => status === 429)
    expect(limited.length).toBeLessThanOrEqual(5)
  })
})

describe('a wait', () => {
  it.each([
    ['slack', '5000'],
    ['discord', '5000'],
    ['slack', '86400'],
    ['discord', '86400'],
    ['slack', '2147484'],
    ['discord', '2147484'],
  ] as const)(
    'that %s says is %s s is tried after 30 s at the earliest, and 15 min at the latest',
    async (where, s) => {
      const bench = await createBench({ routes: [only(where)] })
      const does: Misbehaviour = { kind: 'status', status: 429, headers: { 'retry-after': s }, body: {} }
      bench.sandbox.faults.add({ platform: where, method: CREATE_CARD[where], does })
      await bench.accept('i_new')
      await bench.run(29_000)
      expect(cards(bench, where)).toHaveLength(0)
      await bench.run(16 * MINUTE_MS)
      expect(cards(bench, where)).toHaveLength(1)
      expect(bench.attempts.filter(({ operation }) => operation === 'card')).toHaveLength(2)
    },
  )
})

describe('an answer that no table lists', () => {
  it.each(['slack', 'discord'] as const)('of %s never makes a second card, nor a storm of calls', async (where) => {
    const bench = await createBench({ routes: [only(where)] })
    const does: Misbehaviour =
      where === 'slack'
        ? { kind: 'status', status: 200, body: { ok: false, error: 'out_of_cheese' } }
        : { kind: 'status', status: 404, body: { code: 987_654, message: 'no' } }
    bench.sandbox.faults.add({ platform: where, method: CREATE_CARD[where], times: 1_000, does })
    await bench.accept('i_new')
    await bench.accept('i_new', { incident_id: 'other' })
    await bench.run(HOUR_MS)
    expect(cards(bench, where)).toHaveLength(0)
    expect((where === 'slack' ? bench.sandbox.slack : bench.sandbox.discord).state().calls.length).toBeLessThan(120)
    bench.sandbox.faults.clear()
    await bench.accept('i_new', { incident_id: 'third' })
    await bench.run(MINUTE_MS)
    expect(cards(bench, where).length).toBeGreaterThan(0)
  })
})
