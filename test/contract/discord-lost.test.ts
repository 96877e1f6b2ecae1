import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createDiscord } from '../../src/platform/discord/discord.ts'
import type { Misbehaviour } from '../../src/sandbox/fault.ts'
import { MESSAGE, PEOPLE, refOf, setUp, TIMEOUT_MS } from './discord-setup.ts'
import { FORUM, INCIDENTS, START_MS } from './sandbox-discord.ts'

const CREATE = 'POST /channels/:id/messages'
const POST = 'POST /channels/:id/threads'
const SETTLED_MS = TIMEOUT_MS + 30_000
const MINUTE_MS = 60_000

const CARRIED_OUT: readonly Misbehaviour[] = [
  { kind: 'reset', after: true },
  { kind: 'hang', after: true },
  { kind: 'html', after: true },
  { kind: 'cut_body' },
  { kind: 'stall_body' },
  { kind: 'delay', ms: 2 * TIMEOUT_MS },
]
const NOT_CARRIED_OUT: readonly Misbehaviour[] = [
  { kind: 'reset', after: false },
  { kind: 'hang', after: false },
  { kind: 'html', after: false },
  { kind: 'status', status: 502, body: 'bad gateway' },
]

describe('a create whose answer was lost', () => {
  it.each([...CARRIED_OUT, ...NOT_CARRIED_OUT])('%o is unclear, and sent again makes one card', async (does) => {
    const { postCard, find, next, cards } = await setUp()
    next(CREATE, does)
    expect(await postCard()).toMatchObject({ kind: 'unknown' })
    expect(await find({}, 1000)).toEqual({ kind: 'absent' })
    expect(await postCard()).toMatchObject({ kind: 'sent' })
    expect(cards()).toHaveLength(1)
  })

  it('is found as a card once its nonce is no longer known', async () => {
    const { postCard, find, next, cards, discord } = await setUp()
    next(CREATE, { kind: 'reset', after: true })
    await postCard()
    await postCard({ key: 'another' })
    discord.forgetNonces()
    const ref = { channel: INCIDENTS, message: cards()[0]?.id }
    expect(await find({}, 5 * MINUTE_MS)).toEqual({ kind: 'found', ref })
    expect(await find({ key: 'never sent' }, 5 * MINUTE_MS)).toEqual({ kind: 'absent' })
  })

  it.each(['full', 'compact', 'plain'] as const)('is found however it was drawn: %s', async (detail) => {
    const { postCard, find, cards } = await setUp()
    await postCard({ detail })
    expect(await find({}, 5 * MINUTE_MS)).toMatchObject({ kind: 'found', ref: { message: cards()[0]?.id } })
  })

  it('is found as a reply in its thread, also in an empty one', async () => {
    const { postCard, start, reply, find, next } = await setUp()
    const card = refOf(await start(refOf(await postCard())))
    expect(await find({ card }, 5 * MINUTE_MS)).toEqual({ kind: 'absent' })
    next(CREATE, { kind: 'hang', after: true })
    expect(await reply(card)).toMatchObject({ kind: 'unknown' })
    expect(await find({ card }, 1000)).toEqual({ kind: 'absent' })
    expect(await find({ card }, 5 * MINUTE_MS)).toMatchObject({ kind: 'found', ref: { thread: card.message } })
    expect(await find({ card, key: 'r2' }, 5 * MINUTE_MS)).toEqual({ kind: 'absent' })
  })

  it('needs no finding as a reply when the thread is gone', async () => {
    const { postCard, start, find, discord } = await setUp()
    const card = refOf(await start(refOf(await postCard())))
    discord.deleteChannel(card.message)
    expect(await find({ card }, 5 * MINUTE_MS)).toEqual({ kind: 'absent' })
  })

  it('is found among many others', async () => {
    const { postCard, find, discord, clock, cards } = await setUp()
    const talk = (count: number) => {
      for (let said = 0; said < count; said += 1) discord.postAs('ana', INCIDENTS, `${said}`)
    }
    talk(150)
    clock.nowMs += 1000
    await postCard()
    talk(150)
    const id = cards().find(({ embeds }) => Array.isArray(embeds) && embeds.length > 0)?.id
    expect(await find({}, 5 * MINUTE_MS)).toMatchObject({ kind: 'found', ref: { message: id } })
    expect(await find({ key: 'k2' }, 5 * MINUTE_MS)).toEqual({ kind: 'absent' })
  })

  it('cannot be found without the history', async () => {
    const { postCard, find, discord, call } = await setUp()
    await postCard()
    discord.removePermission(INCIDENTS, 'READ_MESSAGE_HISTORY')
    expect((await call('get', `/channels/${INCIDENTS}/messages`)).list).toEqual([])
    expect(await find({}, 5 * MINUTE_MS)).toMatchObject({ kind: 'unable' })
    discord.removePermission(INCIDENTS, 'VIEW_CHANNEL')
    expect(await find({}, 5 * MINUTE_MS)).toMatchObject({ kind: 'failed', outcome: { reason: 'channel_broken' } })
  })

  it('cannot be found while the look-up fails', async () => {
    const { find, next } = await setUp()
    next('GET /channels/:id/messages', { kind: 'status', status: 500 })
    expect(await find({}, 5 * MINUTE_MS)).toMatchObject({ kind: 'failed', outcome: { kind: 'retry' } })
    next('GET /channels/:id/messages', { kind: 'status', status: 403, body: { code: 50001, message: 'no' } })
    expect(await find({}, 5 * MINUTE_MS)).toMatchObject({ kind: 'unable' })
  })
})

describe('a post whose answer was lost', () => {
  it.each(CARRIED_OUT)('%o is found at once', async (does) => {
    const { postCard, find, next, cards } = await setUp()
    await postCard({ channel: FORUM, key: 'another' })
    next(POST, does)
    expect(await postCard({ channel: FORUM })).toMatchObject({ kind: 'unknown' })
    const id = cards(FORUM)[1]?.id
    expect(await find({ channel: FORUM }, 1000)).toEqual({
      kind: 'found',
      ref: { channel: id, message: id, thread: id },
    })
  })

  it.each(NOT_CARRIED_OUT)('%o is not there once it can no longer land', async (does) => {
    const { postCard, find, next } = await setUp()
    next(POST, does)
    expect(await postCard({ channel: FORUM })).toMatchObject({ kind: 'unknown' })
    const untilMs = START_MS + SETTLED_MS
    expect(await find({ channel: FORUM }, 1000)).toEqual({ kind: 'wait', untilMs })
    expect(await find({ channel: FORUM }, SETTLED_MS)).toEqual({ kind: 'absent' })
  })

  it('is found when it was archived, and left out when its card was deleted', async () => {
    const { postCard, find, discord } = await setUp()
    const { message } = refOf(await postCard({ channel: FORUM }))
    discord.archiveThread(message)
    expect(await find({ channel: FORUM }, MINUTE_MS)).toMatchObject({ kind: 'found', ref: { message } })
    discord.deleteMessage(message, message)
    expect(await find({ channel: FORUM }, MINUTE_MS)).toEqual({ kind: 'absent' })
  })
})

/** A server that does one thing to every connection, and the platform pointed at it. */
async function against(answer: string) {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(answer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const close = () => new Promise((done) => server.close(done))
  onTestFinished(() => void server.close())
  const apiUrl = `http://127.0.0.1:${port}`
  const platform = await createDiscord({ token: 't', apiUrl, callTimeoutMs: 500, people: PEOPLE, log: () => {} })
  return { platform, close }
}

describe('a server that is not Discord', () => {
  const card = { channel: INCIDENTS, message: INCIDENTS }

  it('cuts the body of a failure, and the process lives', async () => {
    const { platform } = await against(
      'HTTP/1.1 502 Bad\r\ncontent-type: text/html\r\ncontent-length: 9999\r\n\r\n<html>',
    )
    const drawn = platform.drawReply(MESSAGE, 'full')
    expect(await platform.reply({ card, drawn, key: 'r1', broadcast: false })).toEqual({
      kind: 'unknown',
      detail: 'http 502',
    })
    expect(await platform.editCard(card, drawn)).toMatchObject({ kind: 'retry', reason: 'server_error' })
    await platform.stop()
  })

  it('sends elsewhere, where the token must not go', async () => {
    const { platform } = await against('HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n')
    expect(await platform.editCard(card, {})).toMatchObject({ kind: 'retry', reason: 'unreachable' })
  })

  it('is not there at all', async () => {
    const { platform, close } = await against('')
    await close()
    const drawn = platform.drawCard(MESSAGE, 'full', false)
    const unreachable = { kind: 'retry', reason: 'unreachable', detail: 'not connected: ECONNREFUSED' }
    expect(await platform.postCard({ channel: INCIDENTS, drawn, key: 'k' })).toEqual(unreachable)
    expect(await platform.reply({ card, drawn, key: 'r', broadcast: false })).toEqual(unreachable)
    const lost = { kind: 'card', channel: INCIDENTS, key: 'k', sentAtMs: 0 } as const
    expect(await platform.find(lost, 5 * MINUTE_MS)).toEqual({ kind: 'failed', outcome: unreachable })
  })
})
