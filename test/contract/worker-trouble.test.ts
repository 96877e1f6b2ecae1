import { describe, expect, it } from 'vitest'
import type { Misbehaviour } from '../../src/sandbox/fault.ts'
import { cards, createBench, only, T, toldIn } from './worker.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const down: Misbehaviour = { kind: 'status', status: 503, body: 'upstream' }

function limited(seconds: number): Misbehaviour {
  return {
    kind: 'status',
    status: 429,
    headers: { 'retry-after': String(seconds) },
    body: { ok: false, error: 'ratelimited' },
  }
}

describe('a wait that the platform asked for', () => {
  it('is kept over a restart', async () => {
    const bench = await createBench({ routes: [only('slack')] })
    bench.sandbox.faults.add({ platform: 'slack', does: limited(120) })
    await bench.accept('i_new')
    await bench.run(SECOND_MS)
    await bench.restart()
    await bench.accept('i_new', { incident_id: 'another', incident_severity: 'Critical' })
    await bench.run(115 * SECOND_MS)
    expect(cards(bench, 'slack')).toHaveLength(0)
    await bench.run(30 * SECOND_MS)
    expect(cards(bench, 'slack')).toHaveLength(2)
  })
})

describe('a platform that is down', () => {
  it('is asked seldom, by one lane at a time, and shows everything within a minute of its return', async () => {
    const bench = await createBench()
    bench.sandbox.faults.add({ platform: 'slack', times: 1_000_000, does: down })
    for (let index = 0; index < 12; index++) await bench.accept('i_new', { incident_id: `inc-${index}` })
    await bench.run(HOUR_MS)
    expect(cards(bench, 'discord')).toHaveLength(12)
    expect(bench.attempts.filter(({ platform }) => platform === 'slack').length).toBeLessThan(180)
    expect(bench.warnings).toContain('circuit.opened')
    bench.sandbox.faults.clear()
    await bench.run(MINUTE_MS)
    expect(cards(bench, 'slack')).toHaveLength(12)
    expect(bench.warnings).toContain('circuit.closed')
  })

  it('for one message only holds up no other', async () => {
    const bench = await createBench({ routes: [only('slack')] })
    await bench.accept('i_new')
    await bench.run(MINUTE_MS)
    bench.sandbox.faults.add({ platform: 'slack', method: 'chat.update', times: 1_000_000, does: down })
    await bench.accept('i_r_title', { title: 'never to be shown' })
    await bench.run(10 * MINUTE_MS)
    for (let index = 0; index < 3; index++) await bench.accept('i_new', { incident_id: `later-${index}` })
    await bench.run(5 * SECOND_MS)
    expect(cards(bench, 'slack')).toHaveLength(4)
  })
})

describe('a broken channel', () => {
  it('costs twenty calls in an hour at most; everything behind it is there soon after the first that works', async () => {
    const bench = await createBench({ routes: [only('slack')] })
    bench.sandbox.slack.removeBot('incidents')
    for (let index = 0; index < 12; index++) await bench.accept('i_new', { incident_id: `inc-${index}` })
    await bench.run(HOUR_MS)
    const calls = () => bench.sandbox.slack.state().calls.filter(({ method }) => method === 'chat.postMessage')
    expect(calls().length).toBeLessThanOrEqual(20)
    bench.sandbox.slack.addBot('incidents')
    await bench.run(240 * SECOND_MS)
    const worksSinceMs = Math.min(...calls().flatMap(({ at, error }) => (error === undefined ? [at] : [])))
    expect(cards(bench, 'slack')).toHaveLength(12)
    expect(Math.max(...calls().map(({ at }) => at)) - worksSinceMs).toBeLessThan(MINUTE_MS)
  })
})

describe('a wall clock that jumps', () => {
  it.each([
    ['back', -DAY_MS],
    ['ahead', DAY_MS],
  ])('a day %s neither stops a lane nor makes it run hot', async (_, byMs) => {
    const bench = await createBench({ routes: [only('slack')] })
    bench.sandbox.faults.add({ platform: 'slack', times: 3, does: { kind: 'status', status: 503, body: 'x' } })
    bench.sandbox.slack.removeBot('payments')
    await bench.accept('i_new')
    await bench.run(10 * SECOND_MS)
    const before = bench.attempts.length
    bench.clock.jump(byMs)
    await bench.run(2 * MINUTE_MS)
    expect(cards(bench, 'slack')).toHaveLength(1)
    await bench.accept('i_ack', { progress: 'Processing' }, { id: 'ack', atMs: T + 3 * MINUTE_MS })
    await bench.run(MINUTE_MS)
    expect(JSON.stringify(cards(bench, 'slack')[0])).toContain('Processing')
    expect(toldIn(bench, 'slack')).toContain('acknowledged')
    expect(bench.attempts.length - before).toBeLessThan(15)
    expect(bench.warnings).toContain('clock.moved')
  })

  it('while a relay is off leaves no lane waiting for the day that never was', async () => {
    const bench = await createBench({ routes: [only('slack')] })
    bench.sandbox.faults.add({ platform: 'slack', does: limited(600) })
    await bench.accept('i_new')
    await bench.run(SECOND_MS)
    await bench.restart(-DAY_MS)
    await bench.run(16 * MINUTE_MS)
    expect(cards(bench, 'slack')).toHaveLength(1)
  })
})

describe('an edit that was given up on', () => {
  it.each(['slack', 'discord'] as const)('and comes after the next one is made good in %s', async (platform) => {
    const bench = await createBench({ routes: [only(platform)], callTimeoutMs: 300 })
    await bench.accept('i_new')
    await bench.run(MINUTE_MS)
    const method = platform === 'slack' ? 'chat.update' : 'PATCH /channels/:id/messages/:message'
    bench.sandbox.faults.add({ platform, method, does: { kind: 'late', ms: 900 } })
    await bench.accept('i_r_title', { title: 'the older state' })
    await bench.run(SECOND_MS)
    await bench.accept('i_r_title', { title: 'the newest state' })
    await bench.run(10 * SECOND_MS)
    const shown = () =>
      JSON.stringify(cards(bench, platform)[0], (key, value: unknown) => (key === 'thread' ? [] : value))
    await new Promise<void>((resolve) => {
      const isLate = (): void => void (shown().includes('the older state') && resolve())
      bench.sandbox.onChange(isLate)
      isLate()
    })
    await bench.run(2 * MINUTE_MS)
    expect(shown()).toContain('the newest state')
    expect((await bench.store.counts()).lanesDue).toBe(0)
  })
})

describe('a storm', () => {
  it('has one board, which goes on after a restart, and ends', async () => {
    const bench = await createBench({ routes: [only('slack')], limits: true })
    for (let index = 0; index < 60; index++)
      await bench.accept('i_new', { incident_id: `inc-${index}`, incident_severity: 'Info' })
    await bench.run(15 * SECOND_MS)
    const boards = () => cards(bench, 'slack').filter((card) => JSON.stringify(card).includes('Alert storm'))
    expect(JSON.stringify(boards())).toMatch(/Alert storm: \d\d new incidents wait/)
    await bench.restart()
    await bench.run(5 * MINUTE_MS)
    expect(boards()).toHaveLength(1)
    expect(JSON.stringify(boards())).toContain('Alert storm over')
    expect(cards(bench, 'slack')).toHaveLength(61)
    expect((await bench.store.counts()).lanesDue).toBe(0)
  })

  it('is none where everything has its card at once', async () => {
    const bench = await createBench({ routes: [only('slack')] })
    for (let index = 0; index < 15; index++) await bench.accept('i_new', { incident_id: `inc-${index}` })
    await bench.run(MINUTE_MS)
    expect(cards(bench, 'slack')).toHaveLength(15)
  })
})

describe('replies that gave way to cards', () => {
  it('have their turn although new cards never stop coming', async () => {
    const bench = await createBench({ routes: [only('slack')], limits: true })
    await bench.accept('i_new')
    await bench.run(MINUTE_MS)
    for (let index = 0; index < 40; index++) await bench.accept('i_new', { incident_id: `early-${index}` })
    await bench.accept('i_comm')
    for (let index = 0; index < 150; index++) {
      await bench.accept('i_new', { incident_id: `late-${index}` })
      await bench.run(SECOND_MS)
    }
    expect(toldIn(bench, 'slack')).toContain('commented')
  }, 60_000)
})

describe('an answer that was lost where nobody may look', () => {
  it.each([
    ['though it was limited before', limited(1)],
    ['though nothing went wrong before', undefined],
  ])('leaves a Critical card sent again, once, %s', async (_, before) => {
    const bench = await createBench({ routes: [only('slack')] })
    bench.sandbox.slack.setScopes(['chat:write'])
    const post = { platform: 'slack', method: 'chat.postMessage' } as const
    if (before !== undefined) bench.sandbox.faults.add({ ...post, does: before })
    bench.sandbox.faults.add({ ...post, does: { kind: 'reset', after: false } })
    await bench.accept('i_new', { incident_severity: 'Critical' })
    await bench.run(HOUR_MS)
    expect(cards(bench, 'slack')).toHaveLength(1)
  })

  it('holds any other card, and a Critical one when it is lost again', async () => {
    const bench = await createBench({ routes: [only('slack')] })
    bench.sandbox.slack.setScopes(['chat:write'])
    const lost = { kind: 'reset', after: false } as const
    bench.sandbox.faults.add({ platform: 'slack', method: 'chat.postMessage', times: 3, does: lost })
    await bench.accept('i_new', { incident_severity: 'Critical' })
    await bench.run(10 * MINUTE_MS)
    await bench.accept('i_new', { incident_id: 'other' })
    await bench.run(HOUR_MS)
    expect(cards(bench, 'slack')).toHaveLength(0)
    expect((await bench.store.counts()).deliveries.held).toBe(2)
    expect(bench.warnings.filter((warning) => warning === 'delivery.held')).toHaveLength(2)
  })
})
