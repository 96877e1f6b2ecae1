import { LRUCache } from 'lru-cache'
import * as v from 'valibot'
import type { WebClient } from '@slack/web-api'
import type { AccountOptions, Reach } from '../platform.ts'
import { Profile } from './answers.ts'
import { errorStringOf, toOutcome } from './errors.ts'
import { toAddress, type People } from './rich-text.ts'

/** Who is who in a workspace: as the configuration says, else as Slack does. */
export interface Directory extends People {
  /** Whether somebody can be called now, by e-mail. Begins to look them up if nobody knows. */
  reach(email: string | undefined): Reach
}

export interface DirectoryOptions extends Pick<AccountOptions, 'people' | 'log'> {
  /** Not the one that posts: its calls must not queue behind look-ups. */
  readonly client: Pick<WebClient, 'apiCall'>
  readonly monotonicMs: () => number
}

/** More people than are on call anywhere; an entry costs some 200 bytes. */
const MAX_PEOPLE = 10_000
/** Ids stay with their people; a day is soon enough for an address that moved on. */
const FOUND_MS = 24 * 3_600_000
/** Somebody who joined the workspace, or came to have that address, is called after this. */
const NOT_FOUND_MS = 3_600_000
/** Slack failed: asking for the same person more often helps nobody. */
const FAILED_MS = 60_000
/** A scope is added by people, who see that it works within the hour. */
const NOT_ALLOWED_MS = 3_600_000

/**
 * Slack: tier 3, 50 calls a minute. https://docs.slack.dev/reference/methods/users.lookupByEmail (as of 2026-11)
 * Ours stays under it, as others may use the app's look-ups too.
 */
const BUDGET = { count: 45, perMs: 60_500 }
/** A wait that Slack asks for, within reason; and if it does not say how long. */
const WAIT_MS = { least: 1_000, most: 15 * 60_000, unsaid: 30_000 }

/** RFC 5321: 254 characters. Whatever else a source takes for an address is none to ask for. */
const ADDRESS = /^(?=.{3,254}$)[^\s@<>]+@[^\s@<>]+$/

/** So long an answer is worth waiting for. Ours: longer, and the line that calls somebody comes too late to be of use. */
const SOON_MS = 2_000

const NOBODY = ''

/** What Slack says about an address that is nobody's here. Deactivated people are nobody. */
const NOT_FOUND = new Set(['users_not_found', 'user_not_found', 'user_not_visible'])
/** What it says to an app that may not look people up. */
const NOT_ALLOWED = new Set(['missing_scope', 'no_permission', 'not_allowed_token_type', 'access_denied'])

/**
 * People by e-mail. Nobody ever waits for a look-up, and one that fails, in whatever way, leaves a name where a mention
 * would have been. Addresses are personal: they are in no log line.
 * @see https://docs.slack.dev/reference/methods/users.lookupByEmail
 */
export function createDirectory({ client, people, monotonicMs, log }: DirectoryOptions): Directory {
  const looked = new LRUCache<string, string>({
    max: MAX_PEOPLE,
    ttl: FOUND_MS,
    ttlResolution: 0,
    perf: { now: monotonicMs },
  })
  /** Since when. */
  const underWay = new Map<string, number>()
  let startedAtMs: readonly number[] = []
  let pausedUntilMs = -Infinity
  let hasComplained = false

  async function lookUp(address: string): Promise<void> {
    underWay.set(address, monotonicMs())
    try {
      const { user } = v.parse(Profile, await client.apiCall('users.lookupByEmail', { email: address }))
      const id = user.deleted === true ? NOBODY : user.id
      looked.set(address, id, { ttl: id === NOBODY ? NOT_FOUND_MS : FOUND_MS })
    } catch (error) {
      heard(address, error)
    } finally {
      underWay.delete(address)
    }
  }

  function heard(address: string, error: unknown): void {
    const said = errorStringOf(error) ?? ''
    if (NOT_FOUND.has(said)) return void looked.set(address, NOBODY, { ttl: NOT_FOUND_MS })
    if (NOT_ALLOWED.has(said)) {
      pausedUntilMs = monotonicMs() + NOT_ALLOWED_MS
      complain(said)
      return
    }
    const outcome = toOutcome(error, 'find')
    if (outcome.kind === 'retry' && outcome.reason === 'rate_limited') {
      const waitMs = Math.min(Math.max(outcome.afterMs ?? WAIT_MS.unsaid, WAIT_MS.least), WAIT_MS.most)
      pausedUntilMs = monotonicMs() + waitMs
      return
    }
    looked.set(address, NOBODY, { ttl: FAILED_MS })
    log('debug', `slack: a person could not be looked up (${'detail' in outcome ? outcome.detail : outcome.kind})`)
  }

  /** Once: who wants it that way need not read it every hour. */
  function complain(said: string): void {
    if (hasComplained) return
    hasComplained = true
    log(
      'warn',
      `slack does not let this app look people up by e-mail (${said}): those that people of the configuration names are mentioned, others appear by name; the scopes users:read and users:read.email would change that`,
    )
  }

  function mayAsk(): boolean {
    const nowMs = monotonicMs()
    startedAtMs = startedAtMs.filter((atMs) => atMs > nowMs - BUDGET.perMs)
    return nowMs >= pausedUntilMs && startedAtMs.length < BUDGET.count
  }

  function get(address: string): string | undefined {
    return people.get(address) ?? (looked.get(address) || undefined)
  }

  return {
    get,
    reach(email) {
      const address = toAddress(email)
      if (get(address) !== undefined) return 'yes'
      const sinceMs = underWay.get(address)
      if (sinceMs !== undefined) return monotonicMs() - sinceMs < SOON_MS ? 'soon' : 'no'
      if (looked.has(address) || !ADDRESS.test(address) || !mayAsk()) return 'no'
      startedAtMs = [...startedAtMs, monotonicMs()]
      void lookUp(address)
      return 'soon'
    },
  }
}
