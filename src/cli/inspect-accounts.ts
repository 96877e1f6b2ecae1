import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/schema.ts'
import { inspectors, type PlatformKind } from '../platform/index.ts'
import type { Finding, Inspector, WantedChannel } from '../platform/inspect.ts'

/** A finding with what the configuration calls that which it is about. */
export interface Inspected extends Finding {
  readonly account: string
  readonly platform: PlatformKind
  readonly destination?: string
}

/** The longest wait for one answer: who checks wants to know soon, and a slow platform is worth knowing too. */
const CALL_TIMEOUT_MS = 10_000

/**
 * Look at every account and the channels of its destinations, all accounts at once. Posts nothing; never rejects for
 * what a platform says. In the order of the configuration.
 */
export async function inspectAccounts(config: Config): Promise<readonly Inspected[]> {
  const found = await Promise.all(Object.keys(config.accounts).map((account) => inspectAccount(config, account)))
  return found.flat()
}

async function inspectAccount(config: Config, account: string): Promise<readonly Inspected[]> {
  const platform = config.accounts[account]?.platform
  if (platform === undefined) return []
  const destinations = Object.entries(config.destinations).filter(([, destination]) => destination.account === account)
  const channels = [...new Set(destinations.map(([, { channel }]) => channel))]
  const inspector = await createInspector(config, account)
  try {
    const findings = await inspector.inspect(channels.map((channel) => toWanted(config, destinations, channel)))
    return findings.flatMap((finding): readonly Inspected[] => {
      if (finding.channel === undefined) return [{ account, platform, ...finding }]
      const of = destinations.filter(([, { channel }]) => channel === finding.channel)
      return of.map(([destination]) => ({ account, platform, destination, ...finding }))
    })
  } finally {
    await inspector.stop()
  }
}

/** Who looks at one account of a configuration. */
export async function createInspector(config: Config, name: string): Promise<Inspector> {
  const account = config.accounts[name]
  if (account === undefined) throw new Error(`no account ${name}`)
  const { platform, token, api_url: apiUrl } = account
  return inspectors[platform]({
    token,
    ...(apiUrl !== undefined && { apiUrl }),
    callTimeoutMs: CALL_TIMEOUT_MS,
    people: new Map(),
    log: () => {},
    sleep: (ms) => sleep(ms),
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
  })
}

/** A channel with all that the routes to it may call there. */
function toWanted(
  { routes }: Config,
  destinations: readonly (readonly [string, Config['destinations'][string]])[],
  channel: string,
): WantedChannel {
  const names = destinations.filter(([, destination]) => destination.channel === channel).map(([name]) => name)
  const leading = routes.filter(({ to }) => to.some((name) => names.includes(name)))
  const mentions = leading.flatMap(({ mention, attention }) => [
    ...mention,
    ...Object.values(attention).flatMap((one) => (typeof one.mention === 'object' ? one.mention : [])),
  ])
  return { channel, mentions: [...new Set(mentions)] }
}
