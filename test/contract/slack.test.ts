import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createSlack } from '../../src/platform/slack/slack.ts'
import { INCIDENTS, MESSAGE, PEOPLE, refOf, refusal, setUp, TIMEOUT_MS, type Setup } from './slack-setup.ts'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

describe('cards and replies', () => {
  it('posts a card that calls only whom it should, and edits it without calling', async () => {
    const { slack, postCard, edit } = await setUp()
    const ref = refOf(await postCard())
    expect(ref).toEqual({ channel: INCIDENTS, message: expect.any(String), thread: ref.message })
    expect(await edit(ref)).toEqual({ kind: 'sent', ref })
    const [card, ...others] = slack.channel(INCIDENTS).messages
    expect(others).toEqual([])
    expect(card).toMatchObject({
      ts: ref.message,
      text: '[Critical] checkout &lt;5xx&gt;',
      pings: ['U0ANNLEE01'],
      edits: 1,
      metadata: { event_type: 'incident_relay', event_payload: { key: 'k1' } },
      attachments: [{ color: expect.stringMatching(/2eb67d$/) }],
    })
    expect(JSON.stringify(card?.blocks)).not.toContain('"user"')
  })

  it('goes through full, compact and plain and back in one card', async () => {
    const { slack, platform, postCard } = await setUp()
    const ref = refOf(await postCard())
    for (const detail of ['compact', 'plain', 'full'] as const) {
      expect(await platform.editCard(ref, platform.drawCard(MESSAGE, detail, true))).toMatchObject({ kind: 'sent' })
    }
    const drawn = platform.drawCard(MESSAGE, 'plain', false)
    const plain = refOf(await platform.postCard({ channel: INCIDENTS, key: 'k2', drawn }))
    expect(await platform.editCard(plain, platform.drawCard(MESSAGE, 'plain', true))).toMatchObject({ kind: 'sent' })
    expect(await platform.editCard(plain, platform.drawCard(MESSAGE, 'full', true))).toMatchObject({ kind: 'sent' })
    const [first, second] = slack.channel(INCIDENTS).messages
    expect(second?.pings).toEqual(['U0ANNLEE01'])
    expect([first?.attachments?.length, second?.attachments?.length]).toEqual([1, 1])
  })

  it('replies in the thread, and in the channel too when asked', async () => {
    const { slack, platform, postCard, reply } = await setUp()
    const card = refOf(await postCard())
    expect(await platform.startThread(card, {})).toEqual({ kind: 'sent', ref: card })
    const quiet = refOf(await reply(card, 'r1'))
    expect(quiet).toEqual({ channel: INCIDENTS, message: expect.any(String), thread: card.message })
    await reply(card, 'r2', true)
    const thread = slack.channel(INCIDENTS).messages[0]?.thread
    expect(thread).toMatchObject([{ ts: quiet.message, pings: ['U0ANNLEE01'] }, { subtype: 'thread_broadcast' }])
    expect(thread?.[0]?.subtype).toBeUndefined()
  })

  it('knows its own refs from those of another platform', async () => {
    const { platform, postCard } = await setUp()
    expect(platform.owns(refOf(await postCard()))).toBe(true)
    expect(platform.owns({ channel: '1100000000000000001', message: '1100000000000000002' })).toBe(false)
  })

  it('makes one message of one key', async () => {
    const { slack, postCard, reply } = await setUp()
    const card = refOf(await postCard())
    expect(refOf(await postCard())).toEqual(card)
    expect(refOf(await reply(card))).toEqual(refOf(await reply(card)))
    expect(slack.channel(INCIDENTS).messages).toMatchObject([{ thread: [{}] }])
  })
})

describe('what people do to a card', () => {
  it('is gone once deleted', async () => {
    const { slack, postCard, edit } = await setUp()
    const card = refOf(await postCard())
    slack.deleteMessage(INCIDENTS, card.message)
    expect(await edit(card)).toMatchObject({ kind: 'gone', what: 'card' })
    expect(await postCard()).toMatchObject({ kind: 'gone', what: 'card' })
    expect(await postCard('k2')).toMatchObject({ kind: 'sent' })
  })

  it('takes back a reply that Slack posted into the channel', async () => {
    const { slack, postCard, reply } = await setUp()
    const card = refOf(await postCard())
    slack.deleteMessage(INCIDENTS, card.message)
    expect(await reply(card)).toMatchObject({ kind: 'gone', what: 'card' })
    expect(slack.channel(INCIDENTS).messages.map(({ deleted }) => deleted)).toEqual([true, true])
  })

  it('says so if that reply cannot be taken back', async () => {
    const { slack, next, postCard, reply, logs } = await setUp()
    const card = refOf(await postCard())
    slack.deleteMessage(INCIDENTS, card.message)
    next('chat.delete', refusal('fatal_error'))
    expect(await reply(card)).toMatchObject({ kind: 'gone', what: 'card' })
    expect(logs).toContainEqual(expect.stringMatching(/^warn: .*C0INCIDENTS.*fatal_error$/))
  })

  it('takes back such a reply found only later', async () => {
    const { slack, next, postCard, reply, find } = await setUp()
    const card = refOf(await postCard())
    slack.deleteMessage(INCIDENTS, card.message)
    next('chat.postMessage', { kind: 'cut_body' })
    expect(await reply(card)).toMatchObject({ kind: 'unknown' })
    expect(await find('reply', 'r1', card)).toEqual({ kind: 'absent' })
    expect(slack.channel(INCIDENTS).messages.map(({ deleted }) => deleted)).toEqual([true, true])
  })

  it('stops replies to a locked thread and no edits', async () => {
    const { slack, postCard, reply, edit } = await setUp()
    const card = refOf(await postCard())
    slack.lockThread(INCIDENTS, card.message)
    expect(await reply(card)).toMatchObject({ kind: 'rejected', reason: 'thread_locked' })
    expect(await edit(card)).toMatchObject({ kind: 'sent' })
  })
})

describe('what stands in the way', () => {
  it('waits as long as Slack says, call by call', async () => {
    const { next, postCard, edit, logs } = await setUp()
    const card = refOf(await postCard())
    next('chat.postMessage', { kind: 'status', status: 429, headers: { 'retry-after': '30' }, body: { ok: false } })
    const [limited, edited] = await Promise.all([postCard('k2'), edit(card)])
    expect(limited).toEqual({ kind: 'retry', reason: 'rate_limited', detail: 'ratelimited', afterMs: 30_000 })
    expect(edited).toMatchObject({ kind: 'sent' })
    next('chat.postMessage', {
      kind: 'status',
      status: 429,
      headers: { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' },
    })
    expect(await postCard('k2')).toEqual({ kind: 'retry', reason: 'rate_limited', detail: 'ratelimited' })
    expect(logs).toEqual([])
  })

  it('keeps its own budgets under those of Slack', async () => {
    const { slack, clock, platform, postCard, edit } = await setUp({ limits: true })
    const [perChannel] = platform.budgets.card
    const [perAccount] = platform.budgets.edit
    if (perChannel === undefined || perAccount === undefined) throw new Error('no budgets')
    const card = refOf(await postCard())
    clock.nowMs += perChannel.perMs
    for (let i = 1; i < perChannel.count; i++) await postCard(`burst ${i}`)
    for (let round = 0; round < 60; round++) {
      clock.nowMs += perChannel.perMs
      await postCard(`${round}`)
    }
    for (let i = 0; i < perAccount.count; i++) await edit(card)
    expect(slack.state().calls.filter(({ error }) => error !== undefined)).toEqual([])
  })

  it('stops at a token that does not work', async () => {
    const { slack, postCard, reply, edit, find } = await setUp()
    const card = refOf(await postCard())
    slack.revokeToken()
    const broken = { kind: 'rejected', reason: 'token_broken', detail: 'token_revoked' }
    expect([await postCard('k2'), await reply(card), await edit(card)]).toEqual([broken, broken, broken])
    expect(await find('card', 'k2')).toEqual({ kind: 'failed', outcome: broken })
  })

  it('goes on with the same client once the token works again, and with a new one once it was replaced', async () => {
    const { slack, platform, apiUrl, postCard, edit } = await setUp()
    const card = refOf(await postCard())
    const { token } = slack
    slack.revokeToken()
    expect(await edit(card)).toMatchObject({ kind: 'rejected', reason: 'token_broken' })
    slack.setToken(token)
    expect(await edit(card)).toMatchObject({ kind: 'sent' })
    slack.setToken('xoxb-replaced')
    expect(await edit(card)).toMatchObject({ kind: 'rejected', reason: 'token_broken' })
    const options = { token: 'xoxb-replaced', apiUrl, callTimeoutMs: TIMEOUT_MS, people: PEOPLE, log: () => {} }
    const drawn = platform.drawCard(MESSAGE, 'full', true)
    expect(await createSlack(options).editCard(card, drawn)).toMatchObject({ kind: 'sent' })
  })

  it.each([
    ['archived', (slack: Setup['slack']) => slack.archive(INCIDENTS)],
    ['without the bot', (slack: Setup['slack']) => slack.removeBot(INCIDENTS)],
  ])('stops at a channel that is %s', async (_, does) => {
    const { slack, postCard, reply, edit } = await setUp()
    const card = refOf(await postCard())
    does(slack)
    const broken = { kind: 'rejected', reason: 'channel_broken' }
    expect([await postCard('k2'), await reply(card), await edit(card)]).toMatchObject([broken, broken, broken])
  })

  it('knows that nothing was posted where nobody listens', async () => {
    const port = await freePort()
    const platform = createSlack({
      token: 'xoxb-x',
      apiUrl: `http://127.0.0.1:${port}/api/`,
      callTimeoutMs: TIMEOUT_MS,
      people: PEOPLE,
      log: () => {},
    })
    const drawn = platform.drawCard(MESSAGE, 'full', false)
    expect(await platform.postCard({ channel: INCIDENTS, key: 'k', drawn })).toMatchObject({
      kind: 'retry',
      reason: 'unreachable',
    })
    await platform.stop()
  })

  it('goes on without metadata where Slack refuses it, and then proves nothing by not finding', async () => {
    const { slack, next, postCard, find, logs } = await setUp()
    next('chat.postMessage', refusal('metadata_must_be_sent_from_app'))
    expect(await postCard()).toMatchObject({ kind: 'retry', reason: 'server_error' })
    expect(await postCard()).toMatchObject({ kind: 'sent' })
    expect(slack.channel(INCIDENTS).messages[0]?.metadata).toBeUndefined()
    expect(logs).toHaveLength(1)
    expect(await find('card', 'k1')).toMatchObject({ kind: 'found' })
    expect(await find('card', 'k2')).toMatchObject({ kind: 'unable' })
  })

  it('says what Slack did not like about a message, and never the token', async () => {
    const { slack, next, postCard, logs } = await setUp()
    const messages = [`[ERROR] must be shorter [json-pointer:/blocks/0] ${slack.token}`]
    const body = { ok: false, error: 'invalid_blocks', response_metadata: { messages } }
    next('chat.postMessage', { kind: 'status', status: 200, body })
    const refused = await postCard()
    next('chat.postMessage', refusal(`no_${slack.token}`))
    const odd = await postCard()
    expect(refused).toEqual({ kind: 'rejected', reason: 'message_refused', detail: 'invalid_blocks' })
    expect(logs).toEqual(['warn: slack client: must be shorter [json-pointer:/blocks/0] [token]'])
    expect(JSON.stringify([odd, logs])).not.toContain(slack.token)
  })
})
