import { describe, expect, it } from 'vitest'
import type { Misbehaviour } from '../../src/sandbox/fault.ts'
import { cards, CREATE_CARD, createBench, only, toldIn } from './worker.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

describe('an answer that was lost', () => {
  const losses: readonly [string, Misbehaviour][] = [
    ['after the message was posted', { kind: 'cut_body' }],
    ['by a reset after the message was posted', { kind: 'reset', after: true }],
    ['by a proxy’s page after the message was posted', { kind: 'html', after: true }],
    ['before the message was posted', { kind: 'reset', after: false }],
    ['by a server error', { kind: 'status', status: 500 }],
  ]
  for (const platform of ['slack', 'discord', 'forum'] as const) {
    const route = only(platform)
    const fault = { platform: platform === 'slack' ? 'slack' : 'discord' } as const

    it.each(losses)(`leaves one card in ${platform}, lost %s`, async (_, does) => {
      const bench = await createBench({ routes: [route] })
      bench.sandbox.faults.add({ ...fault, method: CREATE_CARD[platform], does })
      await bench.accept('i_new')
      await bench.run(5 * MINUTE_MS)
      expect(cards(bench, platform)).toHaveLength(1)
      expect((await bench.store.counts()).deliveries).toEqual({
        pending: 0,
        sending: 0,
        ambiguous: 0,
        held: 0,
        dead: 0,
      })
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
      const told = [...toldIn(bench, platform).matchAll(/acknowledged|commented|custom action/g)]
      expect(told.map(([word]) => word)).toEqual(['acknowledged', 'commented', 'custom action'])
    })
  }

  it.each(['slack', 'discord', 'forum'] as const)('does not leave the old state on a card of %s', async (platform) => {
    const bench = await createBench({ routes: [only(platform)] })
    const fault = { platform: platform === 'slack' ? 'slack' : 'discord', method: CREATE_CARD[platform] } as const
    bench.sandbox.faults.add({ ...fault, does: { kind: 'reset', after: true } })
    await bench.accept('i_new')
    await bench.run(500)
    await bench.accept('i_rslv', { progress: 'Closed', incident_status: 'Ok' })
    await bench.run(5 * MINUTE_MS)
    const { thread: _, ...card } = cards(bench, platform)[0] ?? { thread: [] }
    expect(JSON.stringify(card)).toContain('Recovered')
  })

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

describe('an answer that nobody can look for', () => {
  it('for half an hour is looked for all the same: then the card is found, and shows what happened meanwhile', async () => {
    const bench = await createBench({ routes: [only('slack')] })
    bench.sandbox.faults.add({ platform: 'slack', method: 'chat.postMessage', does: { kind: 'cut_body' } })
    bench.sandbox.faults.add({
      platform: 'slack',
      method: 'conversations.history',
      times: 10_000,
      does: { kind: 'status', status: 503 },
    })
    await bench.accept('i_new')
    await bench.run(5 * MINUTE_MS)
    await bench.accept('i_ack', { progress: 'Processing' })
    await bench.run(25 * MINUTE_MS)
    expect((await bench.store.counts()).deliveries).toMatchObject({ ambiguous: 1, held: 0 })
    bench.sandbox.faults.clear()
    await bench.run(HOUR_MS)
    const [card, ...others] = cards(bench, 'slack')
    expect([JSON.stringify(card), others]).toEqual([expect.stringContaining('Processing'), []])
  })

  it('as the relay was away is looked for again before a Critical card is sent anew', async () => {
    const bench = await createBench({ routes: [only('slack')] })
    const history = {
      platform: 'slack',
      method: 'conversations.history',
      does: { kind: 'status', status: 503 },
    } as const
    bench.sandbox.faults.add({ platform: 'slack', method: 'chat.postMessage', does: { kind: 'cut_body' } })
    bench.sandbox.faults.add({ ...history, times: 5 })
    await bench.accept('i_new', { incident_severity: 'Critical' })
    await bench.run(1_000)
    await bench.restart(15 * MINUTE_MS)
    await bench.run(HOUR_MS)
    const made = bench.attempts.map(({ operation, outcome }) => `${operation} ${outcome}`)
    expect(made.filter((line) => line.startsWith('card') || line === 'find found')).toEqual([
      'card unknown',
      'find found',
    ])
    expect(cards(bench, 'slack')).toHaveLength(1)
  })

  it('is held where a doubled card is worse than none, and stays single', async () => {
    const bench = await createBench({ routes: [only('slack')] })
    bench.sandbox.slack.setScopes(['chat:write'])
    bench.sandbox.faults.add({ platform: 'slack', method: 'chat.postMessage', does: { kind: 'cut_body' } })
    await bench.accept('i_new')
    await bench.run(5 * MINUTE_MS)
    await bench.accept('i_ack', { progress: 'Processing' })
    await bench.run(5 * MINUTE_MS)
    expect(cards(bench, 'slack')).toHaveLength(1)
    expect(bench.warnings).toContain('delivery.ambiguous')
  })

  it('is sent again once for a Critical card, and not for ever', async () => {
    const bench = await createBench({ routes: [only('slack')] })
    bench.sandbox.slack.setScopes(['chat:write'])
    bench.sandbox.faults.add({
      platform: 'slack',
      method: 'chat.postMessage',
      times: 50,
      does: { kind: 'reset', after: false },
    })
    await bench.accept('i_new', { incident_severity: 'Critical' })
    await bench.run(HOUR_MS)
    expect(bench.attempts.filter(({ operation }) => operation === 'card')).toHaveLength(2)
  })

  it.each(['discord', 'forum'] as const)(
    'while %s fails for minutes is not doubled when the nonce is too old',
    async (platform) => {
      const bench = await createBench({ routes: [only(platform)] })
      const method = CREATE_CARD[platform]
      bench.sandbox.faults.add({ platform: 'discord', method, does: { kind: 'cut_body' } })
      bench.sandbox.faults.add({ platform: 'discord', method, times: 12, does: { kind: 'status', status: 502 } })
      await bench.accept('i_new')
      await bench.run(HOUR_MS)
      expect(cards(bench, platform)).toHaveLength(1)
      expect((await bench.store.counts()).deliveries).toEqual({
        pending: 0,
        sending: 0,
        ambiguous: 0,
        held: 0,
        dead: 0,
      })
      expect(bench.attempts.filter(({ operation }) => operation === 'card').length).toBeLessThan(20)
    },
  )
})
