import type { Draw, Rate } from '../bucket.ts'

const MINUTE_MS = 60_000

/**
 * Slack: calls per minute, per method, workspace and app. Tier 2: 20, tier 3: 50,
 * tier 4: 100; `special` methods have hundreds.
 * https://docs.slack.dev/apis/web-api/rate-limits (as of 2026-11)
 */
const PER_MINUTE: ReadonlyMap<string, number> = new Map([
  ['auth.test', 600],
  ['chat.delete', 50],
  ['chat.getPermalink', 600],
  ['chat.update', 50],
  ['conversations.history', 50],
  ['conversations.info', 50],
  ['conversations.join', 50],
  ['conversations.list', 20],
  ['conversations.replies', 50],
  ['users.info', 100],
  ['users.lookupByEmail', 50],
])

/**
 * Slack: one message per second and channel, short bursts allowed, and several
 * hundred a minute per workspace; neither the burst nor the hundreds are published.
 * https://docs.slack.dev/apis/web-api/rate-limits (as of 2026-11)
 */
const POST_PER_CHANNEL: Rate = { kind: 'refill', count: 5, perMs: 1000 }
const POST_PER_WORKSPACE: Rate = { kind: 'sliding', count: 300, perMs: MINUTE_MS }

/** The buckets one call draws from. A reply costs its channel, not its thread. */
export function toDraws(method: string, channel: string | undefined): readonly Draw[] {
  if (method === 'chat.postMessage') {
    return [
      { key: `${method} ${channel}`, rate: POST_PER_CHANNEL },
      { key: method, rate: POST_PER_WORKSPACE },
    ]
  }
  const count = PER_MINUTE.get(method)
  return count === undefined ? [] : [{ key: method, rate: { kind: 'sliding', count, perMs: MINUTE_MS } }]
}
