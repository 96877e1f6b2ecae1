import type { Answer } from '../misbehave.ts'
import type { ErrorTree } from './form.ts'

/** HTTP status and words of Discord's JSON error codes. https://docs.discord.com/developers/topics/opcodes-and-status-codes (as of 2026-11) */
const REFUSALS = {
  10003: [404, 'Unknown Channel'],
  10004: [404, 'Unknown Guild'],
  10007: [404, 'Unknown Member'],
  10008: [404, 'Unknown Message'],
  10087: [404, 'Unknown tag'],
  20001: [403, 'Bots cannot use this endpoint'],
  40005: [413, 'Request entity too large'],
  40058: [400, 'Cannot send a message in a forum channel'],
  40067: [400, 'A tag is required to create a forum post in this channel'],
  50001: [403, 'Missing Access'],
  50005: [403, 'Cannot edit a message authored by another user'],
  50006: [400, 'Cannot send an empty message'],
  50013: [403, 'Missing Permissions'],
  50021: [403, 'Cannot execute action on a system message'],
  50024: [400, 'Cannot execute action on this channel type'],
  50083: [400, 'Thread is archived'],
  50109: [400, 'The request body contains invalid JSON.'],
  160002: [403, 'Cannot reply without permission to read message history'],
  160004: [400, 'A thread has already been created for this message'],
  160005: [403, 'Thread is locked'],
  160006: [400, 'Maximum number of active threads reached'],
  200000: [400, 'Message was blocked by automatic moderation'],
  200001: [400, 'Title was blocked by automatic moderation'],
} as const satisfies Readonly<Record<number, readonly [status: number, message: string]>>

export type RefusalCode = keyof typeof REFUSALS

/** The answer Discord gives for one of its error codes. */
export function refuse(code: RefusalCode): Answer {
  const [status, message] = REFUSALS[code]
  return { status, body: { message, code } }
}

/** `50035`: the form is wrong, and the tree says where. */
export function refuseForm(errors: ErrorTree): Answer {
  return { status: 400, body: { message: 'Invalid Form Body', code: 50035, errors } }
}

/** An answer that has no code of its own: `401: Unauthorized`, `404: Not Found`. */
export function refusePlainly(status: 401 | 404, words: string): Answer {
  return { status, body: { message: `${status}: ${words}`, code: 0 } }
}

/** 429 with the wait in whole seconds in the header, and to the millisecond in the body. */
export function refuseForNow(afterMs: number, limit: { message?: string; code?: number; global?: boolean }): Answer {
  const { message = 'You are being rate limited.', code, global = false } = limit
  return {
    status: 429,
    headers: {
      'Retry-After': String(Math.ceil(afterMs / 1000)),
      'X-RateLimit-Scope': global ? 'global' : 'user',
      ...(global && { 'X-RateLimit-Global': 'true' }),
    },
    body: { message, retry_after: afterMs / 1000, global, ...(code !== undefined && { code }) },
  }
}

/** Tell what was looked for from the answer that says it cannot be had. */
export function isAnswer(value: object): value is Answer {
  return 'status' in value
}
