import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api'
import type { Operation, Outcome } from '../platform.ts'
import { REACTIONS, type Reaction } from './reactions.ts'
import { toTransportFailure } from '../transport.ts'

/** Our choice: a full workspace and a workspace being moved need minutes; asking more often helps nobody. */
const MINUTES_MS = 3 * 60_000

/** A wait longer than a day is no wait but a mistake of whoever stands in between. */
const MAX_AFTER_MS = 24 * 60 * 60_000

/** What the client says for a 429 that does not tell how long to wait; it is a plain Error. */
const NO_RETRY_AFTER = 'Retry header did not contain a valid timeout'

/**
 * Sort whatever the Slack client threw into an {@link Outcome}. Pure; never throws. What cannot be told apart is
 * `unknown` for a create and `retry` for everything that is harmless to repeat. No detail holds text of the answer
 * beyond an error string of Slack's.
 */
export function toOutcome(error: unknown, operation: Operation): Outcome {
  if (error instanceof WebAPIRateLimitedError) return rateLimited(error.retryAfter)
  if (error instanceof WebAPIPlatformError) return ofErrorString(error, operation)
  if (error instanceof WebAPIHTTPError) return unclear(operation, `http ${error.statusCode}`)
  if (error instanceof Error && error.message.startsWith(NO_RETRY_AFTER)) return rateLimited(undefined)
  const { sent, detail } = toTransportFailure(error)
  return sent ? unclear(operation, detail) : { kind: 'retry', reason: 'unreachable', detail }
}

/** The error string of Slack in what the client threw; undefined for anything else, such as a proxy's page. */
export function errorStringOf(error: unknown): string | undefined {
  if (!(error instanceof WebAPIPlatformError)) return undefined
  const text: unknown = error.data.error
  return typeof text === 'string' && /^[a-z0-9_]{1,64}$/.test(text) ? text : undefined
}

/** What an error of Slack asks for, if its string is a known one. */
export function reactionTo(error: unknown): Reaction | undefined {
  return REACTIONS.get(errorStringOf(error) ?? '')
}

/** What each reaction comes to for an operation; `detail` is the error string. */
const OUTCOMES: Readonly<Record<Reaction, (detail: string, operation: Operation) => Outcome>> = {
  rate_limited: () => rateLimited(undefined),
  quota: (detail) => ({ kind: 'retry', reason: 'rate_limited', detail, afterMs: MINUTES_MS }),
  failed: (detail, operation) => unclear(operation, detail),
  later: (detail) => ({ kind: 'retry', reason: 'server_error', detail, afterMs: MINUTES_MS }),
  channel: (detail) => ({ kind: 'rejected', reason: 'channel_broken', detail }),
  token: (detail) => ({ kind: 'rejected', reason: 'token_broken', detail }),
  thread: (detail, operation) => ({
    kind: 'rejected',
    reason: operation === 'card' ? 'channel_broken' : 'thread_locked',
    detail,
  }),
  lost: (detail, operation) => (operation === 'card' ? bug(detail) : cardGone(detail)),
  used: (detail, operation) => (operation === 'card' ? cardGone(detail) : bug(detail)),
  frozen: (detail) => ({ kind: 'rejected', reason: 'edit_refused', detail }),
  refused: (detail) => ({ kind: 'rejected', reason: 'message_refused', detail }),
  metadata: (detail) => ({ kind: 'rejected', reason: 'message_refused', detail }),
  rescan: (detail, operation) => (operation === 'find' ? unclear(operation, detail) : bug(detail)),
  bug,
}

function ofErrorString(error: WebAPIPlatformError, operation: Operation): Outcome {
  const detail = errorStringOf(error)
  if (detail === undefined) return unclear(operation, 'the answer is not from Slack')
  const reaction = REACTIONS.get(detail)
  if (reaction === undefined) return { ...unclear(operation, detail), unlisted: true }
  if (reaction === 'rate_limited') return rateLimited(error.data.response_metadata?.retryAfter)
  return OUTCOMES[reaction](detail, operation)
}

function bug(detail: string): Outcome {
  return { kind: 'rejected', reason: 'bug', detail }
}

function cardGone(detail: string): Outcome {
  return { kind: 'gone', what: 'card', detail }
}

/** A create may have been carried out; anything else is done again without harm. */
function unclear(operation: Operation, detail: string): Extract<Outcome, { kind: 'unknown' | 'retry' }> {
  return operation === 'card' || operation === 'reply'
    ? { kind: 'unknown', detail }
    : { kind: 'retry', reason: 'server_error', detail }
}

function rateLimited(retryAfterSeconds: number | undefined): Outcome {
  const afterMs = (retryAfterSeconds ?? NaN) * 1000
  const said = afterMs >= 0 && afterMs <= MAX_AFTER_MS
  return { kind: 'retry', reason: 'rate_limited', detail: 'ratelimited', ...(said && { afterMs }) }
}
