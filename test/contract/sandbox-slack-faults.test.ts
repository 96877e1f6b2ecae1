import { WebAPIRateLimitedError } from '@slack/web-api'
import { describe, expect, it } from 'vitest'
import { Buckets } from '../../src/sandbox/bucket.ts'
import type { Rate } from '../../src/sandbox/bucket.ts'
import type { Misbehaviour } from '../../src/sandbox/fault.ts'
import { startWorkspace } from './sandbox-slack.ts'
import type { Workspace } from './sandbox-slack.ts'

const CHANNEL = 'C0INCIDENTS'
const SECOND_MS = 1000

/** Call until it is refused; the wait Slack asks for and the number of calls that passed. */
async function exhaust({ call }: Workspace, method: string, args: object) {
  for (let passed = 0; ; passed += 1) {
    const { failure } = await call(method, { ...args })
    if (failure instanceof WebAPIRateLimitedError) return { passed, retryAfter: failure.retryAfter }
  }
}

function takeAt(rate: Rate, ...times: number[]) {
  const buckets = new Buckets()
  return times.map((nowMs) => buckets.take([{ key: 'k', rate }], nowMs))
}

describe('rate limits', () => {
  it('allows one post a second and channel, and a short burst', async () => {
    const workspace = await startWorkspace({ limits: true })
    const args = { channel: CHANNEL, text: 'x' }
    expect(await exhaust(workspace, 'chat.postMessage', args)).toEqual({ passed: 5, retryAfter: 1 })
    expect((await workspace.call('chat.postMessage', { ...args, channel: 'C0PAYMENTS' })).ok).toBe(true)
    expect((await workspace.call('auth.test')).ok).toBe(true)
    workspace.clock.nowMs += SECOND_MS
    expect(await exhaust(workspace, 'chat.postMessage', args)).toEqual({ passed: 1, retryAfter: 1 })
    expect(workspace.slack.channel('incidents').messages).toHaveLength(6)
    expect(workspace.slack.state().calls.at(-1)).toMatchObject({ status: 429, error: 'ratelimited', channel: CHANNEL })
  })

  it.each([
    ['chat.update', { channel: CHANNEL, text: 'y' }, 50],
    ['conversations.replies', { channel: CHANNEL }, 50],
    ['conversations.list', {}, 20],
    ['users.info', { user: 'U0ANNLEE01' }, 100],
  ])('allows %s so often in any minute, in all channels together', async (method, args, count) => {
    const workspace = await startWorkspace({ limits: true })
    const { ts } = await workspace.call('chat.postMessage', { channel: CHANNEL, text: 'x' })
    await workspace.call(method, { ts, ...args })
    workspace.clock.nowMs += 20 * SECOND_MS
    expect(await exhaust(workspace, method, { ts, ...args })).toEqual({ passed: count - 1, retryAfter: 40 })
    workspace.clock.nowMs += 40 * SECOND_MS
    expect(await exhaust(workspace, method, { ts, ...args })).toEqual({ passed: 1, retryAfter: 20 })
  })

  it('can be switched off', async () => {
    const { call } = await startWorkspace()
    const posts = Array.from({ length: 10 }, () => call('chat.postMessage', { channel: CHANNEL, text: 'x' }))
    expect((await Promise.all(posts)).every(({ ok }) => ok)).toBe(true)
  })
})

describe('a misbehaving Slack', () => {
  it.each<[Misbehaviour, { posted: number; logged: object; told: object }]>([
    [
      { kind: 'status', status: 503, body: 'upstream' },
      {
        posted: 0,
        logged: { status: 503, error: 'status' },
        told: { code: 'slack_webapi_http_error', statusCode: 503 },
      },
    ],
    [
      { kind: 'status', status: 429, headers: { 'retry-after': '7' } },
      { posted: 0, logged: { status: 429, error: 'status' }, told: { retryAfter: 7 } },
    ],
    [
      { kind: 'status', status: 200, body: { ok: false, error: 'fatal_error' } },
      { posted: 0, logged: { status: 200, error: 'status' }, told: { code: 'slack_webapi_platform_error' } },
    ],
    [
      { kind: 'reset', after: false },
      { posted: 0, logged: { status: 0, error: 'reset' }, told: { code: 'slack_webapi_request_error' } },
    ],
    [
      { kind: 'reset', after: true },
      { posted: 1, logged: { status: 200 }, told: { code: 'slack_webapi_request_error' } },
    ],
    [
      { kind: 'hang', after: false },
      { posted: 0, logged: { status: 0, error: 'hang' }, told: { cause: { name: 'TimeoutError' } } },
    ],
    [
      { kind: 'hang', after: true },
      { posted: 1, logged: { status: 200 }, told: { cause: { name: 'TimeoutError' } } },
    ],
    [
      { kind: 'html', after: false },
      {
        posted: 0,
        logged: { status: 200, error: 'html' },
        told: { data: { error: expect.stringContaining('<html>') } },
      },
    ],
    [
      { kind: 'html', after: true },
      { posted: 1, logged: { status: 200 }, told: { data: { error: expect.stringContaining('<html>') } } },
    ],
    [{ kind: 'cut_body' }, { posted: 1, logged: { status: 200 }, told: { message: 'terminated' } }],
    [{ kind: 'stall_body' }, { posted: 1, logged: { status: 200 }, told: { name: 'TimeoutError' } }],
  ])('%j', async (does, expected) => {
    const { slack, faults, call } = await startWorkspace()
    faults.add({ platform: 'slack', method: 'chat.postMessage', channel: CHANNEL, does })
    expect((await call('auth.test')).ok).toBe(true)
    const { failure } = await call('chat.postMessage', { channel: CHANNEL, text: 'x' })
    expect(failure).toMatchObject(expected.told)
    expect(slack.channel('incidents').messages).toHaveLength(expected.posted)
    const at = 1_763_900_000_000
    expect(slack.state().calls.at(-1)).toEqual({ at, method: 'chat.postMessage', channel: CHANNEL, ...expected.logged })
    expect((await call('chat.postMessage', { channel: CHANNEL, text: 'again' })).ok).toBe(true)
  })

  it('answers late, and cuts what it was told to cut several times', async () => {
    const { slack, faults, call } = await startWorkspace()
    faults.add({ platform: 'slack', does: { kind: 'delay', ms: 30 } })
    faults.add({ platform: 'slack', does: { kind: 'reset', after: true }, times: 2 })
    faults.add({ platform: 'discord', does: { kind: 'reset', after: true } })
    const oks = []
    for (let i = 0; i < 4; i += 1) oks.push((await call('chat.postMessage', { channel: CHANNEL, text: 'x' })).ok)
    expect(oks).toEqual([true, false, false, true])
    expect(slack.channel('incidents').messages).toHaveLength(4)
  })
})

describe('buckets', () => {
  it.each<[Rate['kind'], number[]]>([
    ['sliding', [0, 0, 499, 0, 400, 0, 499]],
    ['window', [0, 0, 499, 0, 0, 500, 499]],
    ['refill', [0, 0, 499, 0, 900, 500, 499]],
  ])('%s: two at once, and how long to wait for the next, in ms', (kind, waits) => {
    const taken = takeAt({ kind, count: 2, perMs: 1000 }, 0, 500, 501, 1000, 1100, 1500, 1501)
    expect(taken.map(({ retryAfterMs, allowed }) => (allowed ? 0 : retryAfterMs))).toEqual(waits)
  })

  it('takes from all of its buckets or from none', () => {
    const buckets = new Buckets()
    const one = { key: 'one', rate: { kind: 'sliding', count: 1, perMs: 1000 } } as const
    const two = { key: 'two', rate: { kind: 'sliding', count: 2, perMs: 1000 } } as const
    expect(buckets.take([one, two], 0)).toMatchObject({ allowed: true, remaining: 0, limit: 1 })
    expect(buckets.take([one, two], 10)).toMatchObject({ allowed: false, retryAfterMs: 990 })
    expect(buckets.take([two], 20)).toMatchObject({ allowed: true, remaining: 0 })
    expect(buckets.take([two], 30)).toMatchObject({ allowed: false, retryAfterMs: 970 })
  })
})
