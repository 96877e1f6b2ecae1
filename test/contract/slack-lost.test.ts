import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Misbehaviour } from '../../src/sandbox/fault.ts'
import { createSlack } from '../../src/platform/slack/slack.ts'
import { INCIDENTS, MESSAGE, PEOPLE, refOf, refusal, SETTLED_MS, setUp, TIMEOUT_MS } from './slack-setup.ts'

/** What goes wrong, and whether the message was posted all the same. */
const LOST: readonly (readonly [string, Misbehaviour, boolean])[] = [
  ['reset before', { kind: 'reset', after: false }, false],
  ['reset after', { kind: 'reset', after: true }, true],
  ['no answer, not posted', { kind: 'hang', after: false }, false],
  ['no answer, posted', { kind: 'hang', after: true }, true],
  ['answer cut off', { kind: 'cut_body' }, true],
  ['answer stalled', { kind: 'stall_body' }, true],
  ['late answer', { kind: 'delay', ms: 3 * TIMEOUT_MS }, true],
  ["a proxy's page, not posted", { kind: 'html', after: false }, false],
  ["a proxy's page, posted", { kind: 'html', after: true }, true],
  ['503', { kind: 'status', status: 503, body: 'oops' }, false],
  ['internal_error', refusal('internal_error'), false],
  ['a fantasy', { kind: 'status', status: 200, body: { ok: true } }, false],
  ['an unheard-of error', refusal('out_of_cheese'), false],
]

describe('lost answers', () => {
  it.each(LOST)('finds out about a card: %s', async (_, does, posted) => {
    const { slack, next, postCard, find } = await setUp()
    next('chat.postMessage', does)
    expect(await postCard()).toMatchObject({ kind: 'unknown' })
    const found = await find('card', 'k1')
    if (!posted) return expect(found).toEqual({ kind: 'absent' })
    const { ts } = slack.channel(INCIDENTS).messages[0] ?? {}
    return expect(found).toEqual({ kind: 'found', ref: { channel: INCIDENTS, message: ts, thread: ts } })
  })

  it.each(LOST)('finds out about a reply: %s', async (_, does, posted) => {
    const { slack, next, postCard, reply, find } = await setUp()
    const card = refOf(await postCard())
    next('chat.postMessage', does)
    expect(await reply(card)).toMatchObject({ kind: 'unknown' })
    const found = await find('reply', 'r1', card)
    if (!posted) return expect(found).toEqual({ kind: 'absent' })
    const { ts } = slack.channel(INCIDENTS).messages[0]?.thread[0] ?? {}
    return expect(found).toEqual({ kind: 'found', ref: { ...card, message: ts } })
  })

  it.each(LOST)('says an edit can be done again: %s', async (_, does) => {
    const { next, postCard, edit } = await setUp()
    const card = refOf(await postCard())
    next('chat.update', does)
    const outcome = await edit(card)
    expect(outcome.kind === 'sent' || (outcome.kind === 'retry' && outcome.reason === 'server_error')).toBe(true)
  })

  it('waits until the call can no longer land, then looks', async () => {
    const { slack, clock, platform } = await setUp()
    const lost = { kind: 'card', channel: INCIDENTS, key: 'k1', sentAtMs: clock.nowMs } as const
    const untilMs = clock.nowMs + SETTLED_MS
    expect(await platform.find(lost, untilMs - 1)).toEqual({ kind: 'wait', untilMs })
    expect(slack.state().calls).toEqual([])
    expect(await platform.find(lost, untilMs)).toEqual({ kind: 'absent' })
  })

  it('knows its own from what others posted, through several pages, and gives up on endless ones', async () => {
    const { slack, next, clock, postCard, find } = await setUp()
    next('chat.postMessage', { kind: 'reset', after: true })
    await postCard()
    clock.nowMs += 1_000
    for (let i = 0; i < 450; i++) slack.postAs('ben', INCIDENTS, 'k1')
    expect(await find('card', 'k1')).toMatchObject({ kind: 'found' })
    expect(await find('card', 'k2')).toEqual({ kind: 'absent' })
    for (let i = 0; i < 650; i++) slack.postAs('ben', INCIDENTS, 'and more')
    expect(await find('card', 'k1')).toMatchObject({ kind: 'unable' })
  })

  it.each([
    ['says nothing where none of ours shows a key', ['x'], 'unable'],
    ['says it is not there where another of ours shows one', ['x', 'k'], 'absent'],
    ['says it is not there where nothing is of ours', [], 'absent'],
  ] as const)('after a restart %s', async (_, ours, expected) => {
    const { slack, clock, call, apiUrl, postCard } = await setUp()
    slack.postAs('ben', INCIDENTS, 'k1')
    if (ours.some((one) => one === 'x')) await call('chat.postMessage', { channel: INCIDENTS, text: 'of another tool' })
    if (ours.some((one) => one === 'k')) await postCard('another')
    const options = { token: slack.token, apiUrl, callTimeoutMs: TIMEOUT_MS, people: PEOPLE, log: () => {} }
    const lost = { kind: 'card', channel: INCIDENTS, key: 'k1', sentAtMs: clock.nowMs } as const
    expect(await createSlack(options).find(lost, clock.nowMs + SETTLED_MS)).toMatchObject({ kind: expected })
  })

  it('after a restart takes the card of a thread for no proof that a reply cannot be found', async () => {
    const { slack, clock, call, apiUrl } = await setUp()
    const { ts } = await call('chat.postMessage', { channel: INCIDENTS, text: 'a card without a key' })
    const options = { token: slack.token, apiUrl, callTimeoutMs: TIMEOUT_MS, people: PEOPLE, log: () => {} }
    const card = { channel: INCIDENTS, message: ts, thread: ts }
    const lost = { kind: 'reply', channel: INCIDENTS, key: 'r1', card, sentAtMs: clock.nowMs } as const
    expect(await createSlack(options).find(lost, clock.nowMs + SETTLED_MS)).toEqual({ kind: 'absent' })
  })

  it('cut off in the body of a failure leaves the process alive', async () => {
    const answer = 'HTTP/1.1 502 Bad\r\ncontent-type: text/html\r\ncontent-length: 9999\r\n\r\n<html>'
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(answer))
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const address = server.address()
    const apiUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/api/`
    const platform = createSlack({ token: 't', apiUrl, callTimeoutMs: 5_000, people: PEOPLE, log: () => {} })
    const drawn = platform.drawReply(MESSAGE, 'full')
    const card = { channel: INCIDENTS, message: '1763900000.000100' }
    expect(await platform.reply({ card, drawn, key: 'r', broadcast: false })).toMatchObject({ kind: 'unknown' })
    expect(await platform.editCard(card, drawn)).toMatchObject({ kind: 'retry', reason: 'server_error' })
  })

  it('cannot look without the scope or outside of the channel, and can still post', async () => {
    const { slack, find, postCard } = await setUp()
    slack.setScopes(['chat:write', 'chat:write.public'])
    expect(await postCard()).toMatchObject({ kind: 'sent' })
    expect(await find('card', 'k2')).toEqual({ kind: 'unable', detail: 'missing_scope' })
    slack.setScopes(['chat:write', 'chat:write.public', 'channels:history'])
    slack.removeBot(INCIDENTS)
    expect(await postCard('k3')).toMatchObject({ kind: 'sent' })
    expect(await find('card', 'k2')).toEqual({ kind: 'unable', detail: 'not_in_channel' })
  })

  it('says when the look-up itself fails', async () => {
    const { next, find } = await setUp()
    next('auth.test', refusal('fatal_error'))
    expect(await find('card', 'k1')).toMatchObject({
      kind: 'failed',
      outcome: { kind: 'retry', reason: 'server_error' },
    })
    next('conversations.history', { kind: 'status', status: 200, body: { ok: true } })
    expect(await find('card', 'k1')).toMatchObject({ kind: 'failed', outcome: { kind: 'retry' } })
    next('conversations.history', { kind: 'status', status: 429, headers: { 'retry-after': '9' } })
    expect(await find('card', 'k1')).toMatchObject({ kind: 'failed', outcome: { kind: 'retry', afterMs: 9_000 } })
    expect(await find('card', 'k1')).toEqual({ kind: 'absent' })
  })
})
