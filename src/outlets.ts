import type { Config } from './config/schema.ts'
import type { Outlet } from './delivery/held.ts'
import type { Log } from './ops/log.ts'
import { platforms } from './platform/index.ts'
import { CALL_TIMEOUT_MS, type Platform } from './platform/platform.ts'

/** A connected account, and what it was made from. */
export interface Account {
  readonly platform: Platform
  readonly madeFrom: string
}

/**
 * Make every account of the configuration ready, by name. Loads the library of each platform that is used. One of
 * `before` that would be made from the same again is kept, with all it has learnt. Rejects if one cannot be made.
 */
export async function createAccounts(
  config: Config,
  log: Log,
  before: ReadonlyMap<string, Account> = new Map(),
): Promise<ReadonlyMap<string, Account>> {
  const entries = Object.entries(config.accounts).map(async ([name, { platform, token, api_url: apiUrl }]) => {
    const people = Object.entries(config.people).flatMap(([email, ids]) => {
      const id = ids[platform]
      return id === undefined ? [] : [[email, id] as const]
    })
    const madeFrom = JSON.stringify([platform, token, apiUrl, people.toSorted(([a], [b]) => (a < b ? -1 : 1))])
    const known = before.get(name)
    if (known?.madeFrom === madeFrom) return [name, known] as const
    const made = await platforms[platform]({
      token,
      ...(apiUrl !== undefined && { apiUrl }),
      callTimeoutMs: CALL_TIMEOUT_MS,
      people: new Map(people),
      log: (level, message) => log[level]({ account: name, message }, 'platform.said'),
    })
    return [name, { platform: made, madeFrom }] as const
  })
  return new Map(await Promise.all(entries))
}

/** Where each destination leads. */
export function toOutlets(config: Config, accounts: ReadonlyMap<string, Account>): ReadonlyMap<string, Outlet> {
  const outlets = new Map<string, Outlet>()
  for (const [destination, { account, channel }] of Object.entries(config.destinations)) {
    const platform = accounts.get(account)?.platform
    if (platform !== undefined) outlets.set(destination, { destination, account, channel, platform })
  }
  return outlets
}
