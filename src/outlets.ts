import type { Config } from './config/schema.ts'
import type { Outlet } from './delivery/held.ts'
import type { Log } from './ops/log.ts'
import { platforms } from './platform/index.ts'
import type { Platform } from './platform/platform.ts'

/** The longest wait for a platform's answer: the lane's lease leaves room for it. */
const CALL_TIMEOUT_MS = 10_000
/** Make every account of the configuration ready, by name. Loads the library of each platform that is used. */
export async function createAccounts(config: Config, log: Log): Promise<ReadonlyMap<string, Platform>> {
  const entries = Object.entries(config.accounts).map(async ([name, { platform, token, api_url: apiUrl }]) => {
    const people = Object.entries(config.people).flatMap(([email, ids]) => {
      const id = ids[platform]
      return id === undefined ? [] : [[email, id] as const]
    })
    const made = await platforms[platform]({
      token,
      ...(apiUrl !== undefined && { apiUrl }),
      callTimeoutMs: CALL_TIMEOUT_MS,
      people: new Map(people),
      log: (level, message) => log[level]({ account: name, message }, 'platform.said'),
    })
    return [name, made] as const
  })
  return new Map(await Promise.all(entries))
}

/** Where each destination leads. */
export function toOutlets(config: Config, accounts: ReadonlyMap<string, Platform>): ReadonlyMap<string, Outlet> {
  const outlets = new Map<string, Outlet>()
  for (const [destination, { account, channel }] of Object.entries(config.destinations)) {
    const platform = accounts.get(account)
    if (platform !== undefined) outlets.set(destination, { destination, account, channel, platform })
  }
  return outlets
}
