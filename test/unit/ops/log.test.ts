import { describe, expect, it } from 'vitest'
import { createLog } from '../../../src/ops/log.ts'
import type { LogOptions } from '../../../src/ops/log.ts'

const SECRET = 'corr"ect horse/battery+staple'

function capture(options: Partial<LogOptions> = {}) {
  const lines: string[] = []
  const log = createLog({
    level: 'debug',
    secrets: () => [SECRET],
    destination: { write: (line) => void lines.push(line) },
    ...options,
  })
  return { log, text: () => lines.join(''), last: (): unknown => JSON.parse(lines.at(-1) ?? '{}') }
}

describe('no line holds a secret', () => {
  it.each<[string, object]>([
    ['in a text', { detail: `sent ${SECRET} to them` }],
    ['as JSON inside JSON', { detail: JSON.stringify({ header: SECRET }) }],
    ['in a URL', { url: `https://example.com/?s=${encodeURIComponent(SECRET)}` }],
    ['in base64', { header: `x ${Buffer.from(SECRET).toString('base64')}` }],
    ['in an error', { err: new Error(`bad ${SECRET}`) }],
    ['in the cause of an error', { err: new Error('bad', { cause: new Error(SECRET) }) }],
    [
      'in a member of an error',
      { err: Object.assign(new Error('bad'), { config: { headers: { Authorization: SECRET } } }) },
    ],
    [
      'under a key that holds secrets',
      { request: { headers: { authorization: 'something else' } }, token: 'something else' },
    ],
    ['in a header of ours', { headers: { 'x-relay-secret': 'something else' } }],
    [
      'a Slack token nobody told us about',
      { detail: 'something else xoxb-123456789012-abcdefABCDEF'.replace('something else ', '') },
    ],
    ['a Slack app token', { detail: 'xapp-1-A0123456789-123456-abcdef' }],
    ['a Discord token', { detail: 'MTEyMjMzNDQ1NTY2Nzc4ODk5.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB' }],
    ['an authorization header', { detail: 'Authorization: Bot abcdefghijklmnop' }],
    ['a Slack webhook', { detail: 'https://hooks.slack.com/services/T0/B0/abcdefabcdef' }],
    ['a Discord webhook', { detail: 'https://discord.com/api/webhooks/112233445566778899/abcdefabcdef' }],
  ])('%s', (_, fields) => {
    const { log, text, last } = capture()
    log.error(fields, 'test.line')
    expect(last()).toMatchObject({ level: 'error', msg: 'test.line' })
    for (const part of ['horse', 'something else', 'abcdef', SECRET]) expect(text()).not.toContain(part)
  })

  it('that is known only later', () => {
    const secrets = ['first-secret']
    const { log, text } = capture({ secrets: () => secrets })
    secrets.push('second-secret')
    log.info({ detail: 'second-secret' }, 'test.line')
    expect(text()).not.toContain('second-secret')
  })
})

it('keeps ids, and one line stays one line', () => {
  const { log, text, last } = capture()
  log.info(
    {
      event_id: 'fac0599a2a25529ba2362c0c184b6cfb',
      incident_id: '64b1352e376e32c85c56e25b',
      channel: '112233445566778899',
      detail: 'a\r\nb\u001b[31m',
    },
    'test.line',
  )
  expect(last()).toMatchObject({
    event_id: 'fac0599a2a25529ba2362c0c184b6cfb',
    incident_id: '64b1352e376e32c85c56e25b',
    channel: '112233445566778899',
  })
  for (const odd of ['\r', '\n', '\u001b']) expect(text().trimEnd()).not.toContain(odd)
})

it('writes for people on request, without secrets', () => {
  const { log, text } = capture({ pretty: true })
  log.warn({ account: 'acme', err: new Error(`no ${SECRET}`), detail: 'a b' }, 'test.line')
  // oxlint-disable-next-line no-control-regex -- colours are what is taken off
  expect(text().replace(/\u001b\[\d+m/g, '')).toMatch(
    /^\d\d:\d\d:\d\d warn  test\.line account=acme err="no \[secret\]" detail="a b"\n$/,
  )
})

it('says nothing below its level', () => {
  const { log, text } = capture({ level: 'warn' })
  log.info({}, 'test.line')
  expect(text()).toBe('')
})
