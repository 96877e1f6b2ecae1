import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api'
import { describe, expect, it } from 'vitest'
import type { Operation, Outcome } from '../../../src/platform/platform.ts'
import { toOutcome } from '../../../src/platform/slack/errors.ts'
import { REACTIONS } from '../../../src/platform/slack/reactions.ts'

const OPERATIONS: readonly Operation[] = ['card', 'reply', 'edit', 'thread', 'find']

/** `kind`, `kind reason` or `kind what`. */
function verdict(outcome: Outcome): string {
  if (outcome.kind === 'gone') return `gone ${outcome.what}`
  return 'reason' in outcome ? `${outcome.kind} ${outcome.reason}` : outcome.kind
}

function said(error: string, more: object = {}): Error {
  return new WebAPIPlatformError({ ok: false, error, response_metadata: {}, ...more })
}

/** What a card, a reply and an edit come to, and the error strings that lead there. */
const TABLE: readonly (readonly [readonly [card: string, reply: string, edit: string], string])[] = [
  [
    ['retry rate_limited', 'retry rate_limited', 'retry rate_limited'],
    'ratelimited rate_limited message_limit_exceeded',
  ],
  [
    ['unknown', 'unknown', 'retry server_error'],
    'internal_error fatal_error service_unavailable request_timeout update_failed streaming_state_conflict ' +
      'never_heard_of_this',
  ],
  [
    ['retry server_error', 'retry server_error', 'retry server_error'],
    'team_added_to_org org_login_required external_channel_migrating accesslimited',
  ],
  [
    ['rejected channel_broken', 'rejected channel_broken', 'rejected channel_broken'],
    'not_in_channel channel_not_found is_archived is_inactive restricted_action restricted_action_read_only_channel ' +
      'restricted_action_thread_only_channel ekm_access_denied messages_tab_disabled no_permission access_denied ' +
      'app_access_restricted',
  ],
  [
    ['rejected channel_broken', 'rejected thread_locked', 'rejected thread_locked'],
    'restricted_action_thread_locked thread_locked restricted_action_non_threadable_channel',
  ],
  [
    ['rejected bug', 'gone card', 'gone card'],
    'message_not_found cant_update_message cant_delete_message thread_not_found cannot_reply_to_message',
  ],
  [['gone card', 'rejected bug', 'rejected bug'], 'duplicate_message_not_found duplicate_channel_not_found'],
  [['rejected edit_refused', 'rejected edit_refused', 'rejected edit_refused'], 'edit_window_closed'],
  [
    ['rejected message_refused', 'rejected message_refused', 'rejected message_refused'],
    'msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format invalid_attachments too_many_attachments ' +
      'attachment_payload_limit_exceeded markdown_text_conflict block_mismatch no_text metadata_too_large ' +
      'invalid_metadata_format invalid_metadata_schema metadata_must_be_sent_from_app',
  ],
  [
    ['rejected token_broken', 'rejected token_broken', 'rejected token_broken'],
    'invalid_auth not_authed token_revoked token_expired account_inactive not_allowed_token_type ' +
      'two_factor_setup_required team_access_not_granted enterprise_is_restricted missing_scope',
  ],
  [
    ['rejected bug', 'rejected bug', 'rejected bug'],
    'invalid_arguments invalid_arg_name invalid_array_arg invalid_charset invalid_form_data invalid_post_type ' +
      'missing_post_type unknown_method method_deprecated deprecated_endpoint team_not_found already_reacted ' +
      'no_reaction already_pinned too_many_reactions too_many_emoji not_reactable invalid_name users_not_found ' +
      'user_not_found user_not_visible invalid_cursor invalid_ts_oldest invalid_ts_latest',
  ],
]

const ROWS = TABLE.flatMap(([verdicts, strings]) => strings.split(' ').map((string) => [string, verdicts] as const))

describe('error strings', () => {
  it.each(ROWS)('%s', (string, [card, reply, edit]) => {
    const verdicts = (['card', 'reply', 'edit'] as const).map((operation) =>
      verdict(toOutcome(said(string), operation)),
    )
    expect(verdicts).toEqual([card, reply, edit])
    expect(toOutcome(said(string), 'card')).toMatchObject({ detail: expect.stringMatching(/^[a-z_]{1,64}$/) })
  })

  it('leaves none of them without a row here', () => {
    const rows = new Set(ROWS.map(([string]) => string))
    expect([...REACTIONS.keys()].filter((string) => !rows.has(string))).toEqual([])
    expect([...rows].filter((string) => !REACTIONS.has(string))).toEqual(['never_heard_of_this'])
  })

  it('says which of them it has never heard of, and of no page of a proxy', () => {
    const marked = (string: string) => OPERATIONS.map((operation) => 'unlisted' in toOutcome(said(string), operation))
    expect(marked('never_heard_of_this')).toEqual(OPERATIONS.map(() => true))
    for (const string of ['internal_error', 'invalid_blocks', '<html>']) expect(marked(string)).not.toContain(true)
  })

  it('starts a look-up again that lost its place', () => {
    expect(verdict(toOutcome(said('invalid_cursor'), 'find'))).toBe('retry server_error')
  })

  it('makes a full workspace and one being moved wait for minutes', () => {
    for (const string of ['message_limit_exceeded', 'external_channel_migrating']) {
      expect(toOutcome(said(string), 'edit')).toMatchObject({ afterMs: 180_000 })
    }
  })
})

function limited(retryAfter?: unknown): Error {
  return said('ratelimited', { response_metadata: { retryAfter } })
}

describe('rate limits', () => {
  it.each([
    ['a 429', new WebAPIRateLimitedError(7), 7000],
    ['a 429 that says now', new WebAPIRateLimitedError(0), 0],
    ['a 429 with a negative wait', new WebAPIRateLimitedError(-3), undefined],
    ['a 429 with a wait of centuries', new WebAPIRateLimitedError(1e12), undefined],
    ['a 429 with no number', new WebAPIRateLimitedError(NaN), undefined],
    ['a 429 without Retry-After', new Error('Retry header did not contain a valid timeout (url: x)'), undefined],
    ['a 200 with Retry-After', limited(30), 30_000],
    ['a 200 without', limited(), undefined],
  ])('%s', (_, error, afterMs) => {
    for (const operation of OPERATIONS) {
      const outcome = toOutcome(error, operation)
      expect(verdict(outcome)).toBe('retry rate_limited')
      expect('afterMs' in outcome ? outcome.afterMs : undefined).toBe(afterMs)
    }
  })
})

/** An error as the network stack makes them: a code, and causes below. */
function failure(message: string, code?: string, more: object = {}): Error {
  return Object.assign(new Error(message), code !== undefined && { code }, more)
}

function caused(message: string, cause: unknown): Error {
  return new TypeError(message, { cause })
}

function request(cause: unknown): Error {
  return new WebAPIRequestError(caused('fetch failed', cause))
}

const refused = failure('connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED', { syscall: 'connect' })
const cut = failure('read ECONNRESET', 'ECONNRESET', { syscall: 'read' })

describe('calls without an answer', () => {
  it.each([
    ['refused', request(refused), 'not connected: ECONNREFUSED'],
    ['refused at all addresses', request(new AggregateError([refused, refused])), 'not connected'],
    ['no such host', request(failure('x', 'ENOTFOUND', { syscall: 'getaddrinfo' })), 'not connected: ENOTFOUND'],
    ['no DNS', request(failure('x', 'EAI_AGAIN')), 'not connected: EAI_AGAIN'],
    [
      'connecting took too long',
      request(failure('x', 'UND_ERR_CONNECT_TIMEOUT')),
      'not connected: UND_ERR_CONNECT_TIMEOUT',
    ],
    [
      'a timeout while connecting',
      request(failure('x', 'ETIMEDOUT', { syscall: 'connect' })),
      'not connected: ETIMEDOUT',
    ],
    ['a bad certificate', request(failure('x', 'CERT_HAS_EXPIRED')), 'not connected: CERT_HAS_EXPIRED'],
    [
      'a certificate of our own',
      request(failure('x', 'SELF_SIGNED_CERT_IN_CHAIN')),
      'not connected: SELF_SIGNED_CERT_IN_CHAIN',
    ],
    ['causes deep down', request(caused('a', caused('b', refused))), 'not connected: ECONNREFUSED'],
    ['a redirect', request(new Error('unexpected redirect')), 'unexpected redirect'],
    ['a port fetch does not use', request(new Error('bad port')), 'bad port'],
  ])('nothing was posted: %s', (_, error, detail) => {
    for (const operation of OPERATIONS) {
      expect(toOutcome(error, operation)).toEqual({ kind: 'retry', reason: 'unreachable', detail })
    }
  })

  const loop = new Error('loop')
  loop.cause = loop

  it.each([
    ['no answer in time', new WebAPIRequestError(new DOMException('x', 'TimeoutError')), 'timed out'],
    ['a body that stalls', new DOMException('The operation was aborted due to timeout', 'TimeoutError'), 'timed out'],
    [
      'a body cut off',
      caused('terminated', failure('other side closed', 'UND_ERR_SOCKET')),
      'connection failed: UND_ERR_SOCKET',
    ],
    ['a reset', request(cut), 'connection failed: ECONNRESET'],
    ['one address refused, one cut', request(new AggregateError([refused, cut])), 'connection failed'],
    ['a server error', new WebAPIHTTPError(503, 'x', { cookie: 'secret' }, 'secret'), 'http 503'],
    ['a proxy that wants a password', new WebAPIHTTPError(407, 'x', {}, '<html>'), 'http 407'],
    ['a page of a proxy', said('<html><body>Sign in to Wi-Fi</body></html>'), 'the answer is not from Slack'],
    ['an empty page', said(''), 'the answer is not from Slack'],
    ['an error that is none', said('', { error: undefined }), 'the answer is not from Slack'],
    ['an unknown error', new Error('xoxb-secret'), 'connection failed'],
    ['causes in a circle', loop, 'connection failed'],
    ['no error at all', 'what?', 'connection failed'],
  ])('may have been posted: %s', (_, error, detail) => {
    for (const operation of ['card', 'reply'] as const) {
      expect(toOutcome(error, operation)).toEqual({ kind: 'unknown', detail })
    }
    for (const operation of ['edit', 'thread', 'find'] as const) {
      expect(toOutcome(error, operation)).toEqual({ kind: 'retry', reason: 'server_error', detail })
    }
  })
})
