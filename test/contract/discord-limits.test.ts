import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { refOf, setUp } from './discord-setup.ts'

const CREATE = 'POST /channels/:id/messages'
const EDIT = 'PATCH /channels/:id/messages/:mid'

describe('Discord limits', () => {
  it('too many calls, without making them', async () => {
    const guild = await setUp({ limits: true })
    const outcomes = []
    for (let count = 0; count < 8; count += 1) outcomes.push(await guild.postCard({ key: `k${count}` }))
    expect(outcomes.filter(({ kind }) => kind === 'sent')).toHaveLength(5)
    expect(outcomes.at(-1)).toMatchObject({ kind: 'retry', reason: 'rate_limited', afterMs: expect.any(Number) })
    expect(guild.discord.state().calls.filter(({ status }) => status === 429).length).toBeLessThanOrEqual(1)
  })

  it.each([
    ['with a wait', { 'retry-after': '7' }, 7050],
    ['for everybody', { 'retry-after': '7', 'x-ratelimit-global': 'true' }, 7050],
    ['without a wait', {}, 1000],
    ['with a wait nobody can read', { 'retry-after': 'soon' }, undefined],
  ])('a call that is too much, %s', async (_, headers: Record<string, string>, afterMs) => {
    const { postCard, next } = await setUp()
    next(CREATE, { kind: 'status', status: 429, headers, body: {} })
    expect(await postCard()).toEqual({
      kind: 'retry',
      reason: 'rate_limited',
      detail: expect.any(String),
      ...(afterMs !== undefined && { afterMs }),
      ...('x-ratelimit-global' in headers && { wide: true }),
    })
  })

  it.each([
    ['for centuries', { 'retry-after': '1000000000000', 'x-ratelimit-global': 'true' }],
    ['for a month, in all channels', { 'retry-after': '2678400', 'x-ratelimit-global': 'true' }],
    ['for seconds, and in a bucket for years', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '1e9' }],
  ])('a call that is too much %s, without freezing the client', async (_, headers: Record<string, string>) => {
    const guild = await setUp()
    const card = refOf(await guild.postCard())
    const does = { kind: 'status', status: 429, headers: { 'retry-after': '5', ...headers }, body: {} } as const
    guild.next(EDIT, does)
    const outcomes = []
    for (let count = 0; count < 3; count += 1) outcomes.push(await guild.edit(card))
    expect(outcomes[0]).toMatchObject({ kind: 'retry', reason: 'rate_limited' })
    expect(outcomes.at(-1)).toMatchObject({ kind: 'sent' })
    expect(await guild.postCard({ key: 'k2' })).toMatchObject({ kind: 'sent' })
  })

  it('no call for long when the clock is set back a day', async () => {
    const guild = await setUp()
    const card = refOf(await guild.postCard())
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 24 * 60 * 60_000 })
    onTestFinished(() => void vi.useRealTimers())
    const kinds = []
    for (let count = 0; count < 60; count += 1) kinds.push((await guild.edit(card)).kind)
    expect(kinds.filter((kind) => kind !== 'sent')).toHaveLength(1)
    expect(kinds.at(-1)).toBe('sent')
  })
})
