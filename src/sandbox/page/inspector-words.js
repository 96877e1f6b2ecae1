/** @typedef {import('../trace.ts').TracedCall} TracedCall */

const RATE_LIMITED = 'too many calls: wait as long as Retry-After says'

/**
 * What Slack's words mean to whoever runs the relay.
 * @type {Readonly<Record<string, string>>}
 */
const SLACK = {
  ratelimited: RATE_LIMITED,
  channel_not_found: 'there is no such channel, or the bot cannot see it',
  not_in_channel: 'the bot is not a member of the channel',
  is_archived: 'the channel is archived',
  message_not_found: 'the message is deleted',
  thread_not_found: 'the thread is gone',
  cant_update_message: 'the message cannot be edited',
  edit_window_closed: 'the message is too old to be edited',
  invalid_auth: 'the token is wrong',
  not_authed: 'there is no token',
  token_revoked: 'the token was revoked',
  missing_scope: 'the token lacks a scope',
  restricted_action: 'an administrator does not allow it',
  restricted_action_thread_locked: 'the thread is locked',
  no_text: 'the message is empty',
  msg_too_long: 'the message is too long',
  invalid_blocks: 'the blocks are not valid',
  unknown_method: 'Slack has no such method',
}

/**
 * What Discord's codes mean.
 * @type {Readonly<Record<string, string>>}
 */
const DISCORD = {
  0: 'there is no such route',
  401: 'the token is wrong',
  429: RATE_LIMITED,
  500: 'Discord failed',
  10003: 'there is no such channel',
  10008: 'the message is deleted',
  30033: 'the thread is full',
  40005: 'the body is too large',
  50001: 'the bot cannot see the channel',
  50013: 'the bot lacks a permission',
  50035: 'the message is not valid',
  50083: 'the thread is archived',
  50109: 'the body is no JSON',
  160004: 'the message has a thread already',
  160005: 'the thread is locked',
  160006: 'the guild has too many active threads',
  200000: 'AutoMod blocked it',
}

/**
 * What the client met when the sandbox misbehaved: before the call was carried out, and after.
 * @type {Readonly<Record<string, readonly [before: string, after: string]>>}
 */
const LOST = {
  reset: ['the connection was cut; nothing was done', 'done, but the answer was lost'],
  hang: ['never answered; nothing was done', 'done, but never answered'],
  cut_body: ['', 'done, but the answer was cut off'],
  stall_body: ['', 'done, but the answer stopped half-way'],
  html: ["a proxy's page was answered; nothing was done", "done, but a proxy's page was answered"],
}

/** @param {TracedCall} call */
export function isFailure({ status, error, fault }) {
  return status < 200 || status > 299 || error !== undefined || Object.hasOwn(LOST, fault ?? '')
}

/**
 * What a call came to; empty if all went well.
 * @param {TracedCall} call
 */
export function toWords({ platform, status, error, fault }) {
  const lost = LOST[fault ?? '']
  if (lost !== undefined) return status === 0 || error === fault ? lost[0] : lost[1]
  if (fault === 'status' && error === 'status') return status === 429 ? RATE_LIMITED : `the platform failed: ${status}`
  if (fault === 'delay' || fault === 'late') return 'answered late'
  if (error === undefined) return ''
  return (platform === 'slack' ? SLACK : DISCORD)[error] ?? error
}
