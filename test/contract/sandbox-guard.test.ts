import { beforeAll, describe, expect, it } from 'vitest'
import { SLOW_START_MS, startRun, type Run } from './sandbox-run.ts'

// The page needs no password, and any page that is open in the same browser could try to use that.

let run: Run
beforeAll(async () => {
  run = await startRun()
}, SLOW_START_MS)

const json = { 'content-type': 'application/json' }
const FAULT = JSON.stringify({ platform: 'slack', does: { kind: 'hang', after: false } })
const CHANGES = [
  ['POST', '/sandbox/push', '{}'],
  ['POST', '/sandbox/acts', JSON.stringify({ platform: 'slack', does: 'archive', channel: 'incidents' })],
  ['POST', '/sandbox/faults', FAULT],
  ['DELETE', '/sandbox/faults', ''],
  ['POST', '/sandbox/relay/retry', '{"ids":["x"]}'],
  ['POST', '/sandbox/relay/drop', '{"ids":["x"]}'],
] as const
const READS = ['/sandbox', '/sandbox/state', '/sandbox/panel', '/sandbox/relay', '/sandbox/calls/1', '/sandbox/events']

const FROM_ELSEWHERE: readonly (readonly [name: string, headers: Readonly<Record<string, string>>])[] = [
  ['another origin', { origin: 'http://evil.example' }],
  ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
  ['a page without an origin', { origin: 'null' }],
  ['another site, says the browser', { 'sec-fetch-site': 'cross-site' }],
  ['the same site, another port', { 'sec-fetch-site': 'same-site' }],
  ['a name that was made to lead here', { host: 'evil.example' }],
  ['such a name that agrees with its origin', { host: 'evil.example:80', origin: 'http://evil.example:80' }],
]

describe.each(FROM_ELSEWHERE)('a request of %s', (_, headers) => {
  it.each(CHANGES)('is refused: %s %s', async (method, path, body) => {
    const { status, body: answer } = await run.ask(method, path, { ...json, ...headers }, body)
    expect([status, JSON.parse(answer)]).toEqual([
      403,
      { ok: false, code: expect.any(String), reason: expect.any(String) },
    ])
  })
})

it('nothing was changed by any of them', async () => {
  const { places, faults, calls } = await run.panel()
  expect([places.slack.some(({ archived }) => archived), faults, calls]).toEqual([false, [], []])
  expect((await run.relay()).lanes).toEqual([])
})

it.each(READS)('%s is not read through a name that was made to lead here', async (path) => {
  expect((await run.ask('GET', path, { host: 'evil.example' })).status).toBe(403)
})

it.each(CHANGES.filter(([method]) => method === 'POST'))(
  '%s %s takes JSON only, which no form can send',
  async (method, path, body) => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      expect((await run.ask(method, path, { 'content-type': type }, body)).status).toBe(415)
    }
    expect((await run.ask(method, path, {}, body)).status).toBe(415)
  },
)

it.each(['127.0.0.1', 'localhost', '[::1]'])('its own page may ask, under the name %s', async (name) => {
  const host = `${name}:${new URL(run.url).port}`
  const headers = { ...json, host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }
  expect((await run.ask('POST', '/sandbox/faults', headers, FAULT)).status).toBe(200)
  expect((await run.ask('DELETE', '/sandbox/faults', headers)).status).toBe(200)
})

it('lets no other page show it in a frame, where a click could be led astray', async () => {
  const { headers } = await run.ask('GET', '/sandbox', {})
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
})

it('leaves the platforms to their tokens, whatever name the relay calls them by', async () => {
  const asked = await run.ask('POST', '/sandbox/slack/api/auth.test', { host: 'slack.internal:9000', ...json }, '{}')
  expect([asked.status, JSON.parse(asked.body)]).toEqual([200, { ok: false, error: 'not_authed' }])
})
