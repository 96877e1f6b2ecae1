import { REST } from 'discord.js'
import { LogLevel, WebClient } from '@slack/web-api'
import { beforeAll, describe, expect, it } from 'vitest'
import { Traces } from '../../src/sandbox/trace.ts'
import { SLOW_START_MS, startAlone, type Run } from './sandbox-run.ts'

// The inspector's calls: what was said, and never with which token.

/** Not ours, as somebody would use it by mistake. */
const FOREIGN_SLACK = ['xo', 'xb-1234567890-ABCDEFGHIJKLMN'].join('')
const FOREIGN_DISCORD = 'MTAxMjM0NTY3ODkwMTIzNDU2.GhIjKl.abcdefghijklmnopqrstuvwxyz'

let run: Run
let all: string
beforeAll(async () => {
  run = await startAlone()
  const { places } = await run.panel()
  const slackChannel = places.slack[0]?.id ?? ''
  const discordChannel = places.discord[0]?.id ?? ''
  const slackApiUrl = `${run.url}/sandbox/slack/api/`
  const ours = 'xoxb-sandbox-0001-local-only'
  for (const token of [ours, FOREIGN_SLACK]) {
    const client = new WebClient(token, { slackApiUrl, logLevel: LogLevel.ERROR, retryConfig: { retries: 0 } })
    await client.chat.postMessage({ channel: slackChannel, text: `hello ${token}` }).catch(() => undefined)
    const form = new URLSearchParams({ token, channel: slackChannel, text: 'by form' })
    await fetch(`${slackApiUrl}chat.postMessage`, { method: 'POST', body: form })
  }
  for (const token of ['sandbox.discord.bot-token', FOREIGN_DISCORD]) {
    const rest = new REST({ api: `${run.url}/sandbox/discord/api`, retries: 0 }).setToken(token)
    const body = { content: `hello ${token}` }
    await rest.post(`/channels/${discordChannel}/messages`, { body }).catch(() => undefined)
  }
  const { calls } = await run.panel()
  all = JSON.stringify([calls, await Promise.all(calls.map((call) => run.said(call)))])
}, SLOW_START_MS)

describe('the calls in the inspector', () => {
  it('are all there, newest first, with what came of them and how long it took', async () => {
    const { calls } = await run.panel()
    expect(calls.map(({ platform, method, status, error }) => [platform, method, status, error])).toEqual([
      ['discord', 'POST /channels/:id/messages', 401, '0'],
      ['discord', 'POST /channels/:id/messages', 200, undefined],
      ['slack', 'chat.postMessage', 200, 'invalid_auth'],
      ['slack', 'chat.postMessage', 200, 'invalid_auth'],
      ['slack', 'chat.postMessage', 200, undefined],
      ['slack', 'chat.postMessage', 200, undefined],
    ])
    for (const { durationMs } of calls) expect(durationMs).toBeLessThan(5_000)
  })

  it('hold what was asked and answered', async () => {
    const { calls } = await run.panel()
    const said = await run.said(calls[1] ?? expect.fail('no call'))
    expect(JSON.parse(said.request ?? '')).toMatchObject({ content: 'hello [masked]' })
    expect(JSON.parse(said.response ?? '')).toMatchObject({ content: 'hello [masked]', type: 0 })
  })

  it.each([
    ['our Slack token', 'xoxb-sandbox-0001-local-only'],
    ['a Slack token that somebody brought', FOREIGN_SLACK],
    ['our Discord token', 'sandbox.discord.bot-token'],
    ['a Discord token that somebody brought', FOREIGN_DISCORD],
  ])('never hold %s: not in a header, not in a form, not in a text, not in an answer', (_, token) => {
    expect(all).toContain('hello [masked]')
    expect(all).toContain('"token\\":\\"[masked]\\"')
    expect(all).not.toContain(token)
  })

  it('say how the sandbox misbehaved, and that nothing was answered', async () => {
    const { places } = await run.panel()
    const body = { channel: places.slack[0]?.id, text: 'lost' }
    const call = () =>
      fetch(`${run.url}/sandbox/slack/api/chat.postMessage`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer xoxb-sandbox-0001-local-only' },
        body: JSON.stringify(body),
      }).then(
        ({ status }) => status,
        () => 'cut',
      )
    const limited = { kind: 'status', status: 429, headers: { 'retry-after': '7' }, body: { ok: false } }
    for (const does of [{ kind: 'reset', after: true }, { kind: 'reset', after: false }, limited]) {
      await run.post('faults', { platform: 'slack', does })
    }
    expect([await call(), await call(), await call()]).toEqual(['cut', 'cut', 429])
    const { calls } = await run.panel()
    expect(calls.slice(0, 3).map(({ status, error, fault }) => [status, error, fault])).toEqual([
      [429, 'status', 'status'],
      [0, 'reset', 'reset'],
      [200, undefined, 'reset'],
    ])
    const said = await Promise.all(calls.slice(0, 3).map((each) => run.said(each)))
    expect(said.map(({ response = '' }) => response.slice(0, 11))).toEqual(['{"ok":false', '', '{"ok":true,'])
  })

  it('that are forgotten are said to be', async () => {
    const answer = await fetch(`${run.url}/sandbox/calls/0`)
    expect([answer.status, await answer.json()]).toEqual([
      404,
      { ok: false, reason: 'This call is not kept any more.' },
    ])
  })
})

it('no more than 200 are kept, and of each no more than its beginning', () => {
  const traces = new Traces()
  const call = { platform: 'slack', at: 1, method: 'm', status: 200, durationMs: 0, secrets: ['', undefined] } as const
  for (let n = 0; n < 250; n++) traces.add({ ...call, request: { n }, response: 'x'.repeat(50_000) })
  const kept = traces.calls()
  expect([kept.length, kept[0]?.id, kept.at(-1)?.id]).toEqual([200, 250, 51])
  expect(traces.said(50)).toBeUndefined()
  expect(traces.said(250)).toEqual({ request: '{"n":249}', response: `${'x'.repeat(16_000)}…` })
})

it('a secret is masked in the forms that bodies give it', () => {
  const traces = new Traces()
  const secret = 'a"b/c d+e'
  const request = { a: secret, b: encodeURIComponent(secret), c: `${secret}${secret}` }
  traces.add({
    platform: 'discord',
    at: 1,
    method: 'm',
    status: 200,
    durationMs: 0,
    request,
    response: `x ${secret}`,
    secrets: [secret, 'a"b'],
  })
  expect(traces.said(1)).toEqual({
    request: '{"a":"[masked]","b":"[masked]","c":"[masked][masked]"}',
    response: 'x [masked]',
  })
})
