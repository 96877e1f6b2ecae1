import { DiscordAPIError, HTTPError, RateLimitError } from 'discord.js'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { CODES } from '../../../src/platform/discord/codes.ts'
import { codeOf, toOutcome } from '../../../src/platform/discord/errors.ts'
import type { Operation, Outcome } from '../../../src/platform/platform.ts'

const OPERATIONS: readonly Operation[] = ['card', 'reply', 'edit', 'thread', 'find']
const SECRET = 'MTA5.secret-token'
const SENT = { files: undefined, body: { content: SECRET } }

/** `kind`, `kind reason` or `kind what`. */
function verdict(outcome: Outcome): string {
  if (outcome.kind === 'gone') return `gone ${outcome.what}`
  return 'reason' in outcome ? `${outcome.kind} ${outcome.reason}` : outcome.kind
}

function verdicts(error: unknown): Readonly<Record<Operation, string>> {
  const of = (operation: Operation) => verdict(toOutcome(error, operation))
  return { card: of('card'), reply: of('reply'), edit: of('edit'), thread: of('thread'), find: of('find') }
}

/** The same for all operations, but for those named. */
function all(rest: string, but: Partial<Record<Operation, string>> = {}): Readonly<Record<Operation, string>> {
  return { card: rest, reply: rest, edit: rest, thread: rest, find: rest, ...but }
}

function refused(code: number, status = 400, more: object = {}): DiscordAPIError {
  return new DiscordAPIError({ code, message: SECRET, ...more }, code, status, 'POST', `https://x/${SECRET}`, SENT)
}

/** An answer that is no JSON of Discord's. */
function page(status: number): DiscordAPIError {
  const raw = { error: '<html>', error_description: '<html>' }
  return Object.assign(new DiscordAPIError(raw, '', status, 'POST', 'https://x', SENT), { code: undefined })
}

const UNCLEAR = { card: 'unknown', reply: 'unknown' }

/** What each code comes to. */
const TABLE: readonly (readonly [ReturnType<typeof all>, string])[] = [
  [all('rejected channel_broken', { reply: 'gone thread' }), '10003'],
  [all('gone card'), '10008'],
  [all('rejected bug', { edit: 'gone card' }), '50005'],
  [
    all('rejected channel_broken'),
    '10004 10015 10087 40058 40066 40067 50001 50008 50013 50024 50027 160002 220001 220002 220003 220004',
  ],
  [all('rejected token_broken'), '40001 40333 50014'],
  [all('rejected message_refused', { find: 'rejected bug' }), '40005 50006 50035 50109'],
  [all('rejected content_blocked'), '200000 200001 240000'],
  [all('retry rate_limited'), '20016 20028 20029 30046 40062'],
  [all('retry server_error'), '40004 110000 130000 160004 160006 160007'],
  [all('retry archived'), '50083'],
  [all('rejected thread_locked', { edit: 'rejected edit_refused' }), '160005'],
  [all('rejected bug'), '30033'],
]

const ROWS = TABLE.flatMap(([expected, codes]) => codes.split(' ').map((code) => [Number(code), expected] as const))

describe('codes of Discord', () => {
  it.each(ROWS)('%d', (code, expected) => {
    expect(verdicts(refused(code))).toEqual(expected)
    expect(codeOf(refused(code))).toBe(code)
  })

  it('leaves none of them without a row here', () => {
    expect([...CODES.keys()].toSorted((a, b) => a - b)).toEqual(ROWS.map(([code]) => code).toSorted((a, b) => a - b))
  })

  it('names the permission that may be missing', () => {
    expect(toOutcome(refused(50013, 403), 'card')).toMatchObject({ detail: expect.stringContaining('Embed Links') })
  })

  it('names the fields of a form that is wrong, and nothing that was in them', () => {
    const wrong = { code: 'BASE_TYPE_MAX_LENGTH', message: `Value "${SECRET}" is too long` }
    const errors = { embeds: { 0: { title: { _errors: [wrong] } } }, content: { _errors: [wrong] } }
    expect(toOutcome(refused(50035, 400, { errors }), 'edit')).toEqual({
      kind: 'rejected',
      reason: 'message_refused',
      detail: '50035 the form is not valid: embeds[0].title[BASE_TYPE_MAX_LENGTH], content[BASE_TYPE_MAX_LENGTH]',
    })
  })
})

describe('answers without a code of ours', () => {
  it.each([
    [400, all('rejected message_refused', { find: 'rejected bug' })],
    [401, all('rejected token_broken')],
    [403, all('rejected channel_broken')],
    [404, all('retry server_error', UNCLEAR)],
    [405, all('rejected bug')],
    [408, all('retry server_error', UNCLEAR)],
    [413, all('rejected message_refused', { find: 'rejected bug' })],
    [418, all('retry server_error', UNCLEAR)],
  ])('%d', (status, expected) => {
    expect(verdicts(page(status))).toEqual(expected)
    expect(verdicts(refused(0, status))).toEqual(expected)
    expect(verdicts(refused(999_999, status))).toEqual(expected)
    expect(codeOf(page(status))).toBeUndefined()
  })

  it('are marked where Discord itself gave one that is not listed', () => {
    const marked = (error: unknown) => OPERATIONS.map((operation) => 'unlisted' in toOutcome(error, operation))
    expect(marked(refused(999_999, 404))).toEqual(OPERATIONS.map(() => true))
    for (const error of [refused(999_999, 400), refused(0, 404), page(404)]) expect(marked(error)).not.toContain(true)
  })

  it('believes a 401 whatever code it carries', () => {
    expect(verdicts(refused(50001, 401))).toEqual(all('rejected token_broken'))
  })
})

function limited(retryAfter: number, global = false): RateLimitError {
  return new RateLimitError({
    global,
    retryAfter,
    hash: 'h',
    limit: 5,
    majorParameter: '1',
    method: 'POST',
    route: '/x',
    scope: 'user',
    sublimitTimeout: 0,
    timeToReset: retryAfter,
    url: `https://x/${SECRET}`,
  })
}

describe('rate limits', () => {
  it.each([
    ['a wait', 7050, 7050],
    ['a wait of no time', 12, 1000],
    ['no wait at all', 0, 1000],
    ['a wait of centuries', 1e15, undefined],
    ['a wait that is no number', NaN, undefined],
  ])('%s', (_, retryAfter, afterMs) => {
    for (const operation of OPERATIONS) {
      const outcome = toOutcome(limited(retryAfter), operation)
      expect(verdict(outcome)).toBe('retry rate_limited')
      expect('afterMs' in outcome ? outcome.afterMs : undefined).toBe(afterMs)
    }
  })

  it('says when the whole account has to wait', () => {
    expect(toOutcome(limited(2000, true), 'edit')).toMatchObject({ detail: expect.stringContaining('whole account') })
  })
})

function failure(message: string, more: object = {}): Error {
  return Object.assign(new Error(message), more)
}

function fetchFailed(cause: unknown): Error {
  return new TypeError('fetch failed', { cause })
}

const noConnection = failure('connect ECONNREFUSED', { code: 'ECONNREFUSED', syscall: 'connect' })
const cut = failure('read ECONNRESET', { code: 'ECONNRESET', syscall: 'read' })

describe('calls without an answer', () => {
  it.each([
    ['refused', fetchFailed(noConnection), 'not connected: ECONNREFUSED'],
    ['refused at all addresses', fetchFailed(new AggregateError([noConnection, noConnection])), 'not connected'],
    ['no such host', fetchFailed(failure('x', { code: 'ENOTFOUND' })), 'not connected: ENOTFOUND'],
    [
      'too slow to connect',
      fetchFailed(failure('x', { code: 'ETIMEDOUT', syscall: 'connect' })),
      'not connected: ETIMEDOUT',
    ],
    ['a bad certificate', fetchFailed(failure('x', { code: 'CERT_HAS_EXPIRED' })), 'not connected: CERT_HAS_EXPIRED'],
    ['a redirect', fetchFailed(failure('unexpected redirect')), 'unexpected redirect'],
  ])('nothing was posted: %s', (_, error, detail) => {
    for (const operation of OPERATIONS) {
      expect(toOutcome(error, operation)).toEqual({ kind: 'retry', reason: 'unreachable', detail })
    }
  })

  const notDiscord = v.safeParse(v.object({ id: v.string() }), new ArrayBuffer(8))
  const loop = new Error('loop')
  loop.cause = loop

  it.each([
    ['given up by us', new DOMException('x', 'AbortError'), 'timed out'],
    ['given up while reading', fetchFailed(new DOMException('x', 'TimeoutError')), 'timed out'],
    ['a reset', fetchFailed(cut), 'connection failed: ECONNRESET'],
    ['one address refused, one cut', fetchFailed(new AggregateError([noConnection, cut])), 'connection failed'],
    [
      'a body cut off',
      new TypeError('terminated', { cause: failure('x', { code: 'UND_ERR_SOCKET' }) }),
      'connection failed: UND_ERR_SOCKET',
    ],
    ['a server error', new HTTPError(503, SECRET, 'POST', 'https://x', SENT), 'http 503'],
    [
      'an answer of something else',
      new v.ValiError(notDiscord.issues ?? [failNow()]),
      'the answer is not from Discord',
    ],
    ['an unknown error', new Error(SECRET), 'connection failed'],
    ['causes in a circle', loop, 'connection failed'],
    ['no error at all', SECRET, 'connection failed'],
  ])('may have been posted: %s', (_, error, detail) => {
    for (const operation of ['card', 'reply'] as const) {
      expect(toOutcome(error, operation)).toEqual({ kind: 'unknown', detail })
    }
    for (const operation of ['edit', 'thread', 'find'] as const) {
      expect(toOutcome(error, operation)).toEqual({ kind: 'retry', reason: 'server_error', detail })
    }
  })

  it('knows a client that lost its token', () => {
    const lost = new Error('Expected token to be set for this request, but none was present')
    expect(verdicts(lost)).toEqual(all('rejected token_broken'))
  })
})

it('says nothing of what was sent or answered', () => {
  const errors = [...ROWS.map(([code]) => refused(code, 403)), refused(1, 400), page(403), limited(1)]
  for (const error of errors) {
    for (const operation of OPERATIONS) {
      expect(JSON.stringify(toOutcome(error, operation))).not.toMatch(/secret|<html>/)
    }
  }
})

function failNow(): never {
  throw new Error('the schema took what it should not')
}
