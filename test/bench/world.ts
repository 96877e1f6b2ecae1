import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DISCORD_API_PATH, SLACK_API_PATH } from '../../src/sandbox/server.ts'
import { startChild, startRelayProcess, type Child, type Listening } from './child.ts'
import { SECRET } from './push.ts'

type Platform = 'slack' | 'discord'
const PLATFORMS: readonly Platform[] = ['slack', 'discord']

/** Where the relay delivers to. */
export interface Chat extends Child {
  readonly port: number
  readonly slack: { readonly token: string; readonly channel: string }
  readonly discord: { readonly token: string; readonly channel: string }
}

export async function startChat(): Promise<Chat> {
  const child = await startChild('chat')
  return { ...child, ...(child.first as Pick<Chat, 'port' | Platform>) }
}

/** Budgets are kept per account: with ten of them, a message every 100 ms waits for none. */
export const ACCOUNTS = 10

/**
 * Write the configuration of a relay with both platforms and a database of its
 * own, with so many accounts of each. A push with the label `to: slack3` goes to that destination alone, any
 * other to one destination of each platform.
 */
export function configure(folder: string, chat: Chat, accounts = ACCOUNTS, store = '{ sqlite: ./relay.db }'): void {
  mkdirSync(folder, { recursive: true })
  const base = `http://127.0.0.1:${chat.port}`
  const paths = { slack: SLACK_API_PATH, discord: DISCORD_API_PATH }
  const names = PLATFORMS.flatMap((platform) =>
    Array.from({ length: accounts }, (_, index) => ({ platform, name: `${platform}${index}` })),
  )
  const accountLines = names.map(
    ({ platform, name }) =>
      `  ${name}: { platform: ${platform}, token: "${chat[platform].token}", api_url: "${base}${paths[platform]}" }`,
  )
  const destinations = names.map(
    ({ platform, name }) => `  ${name}: { account: ${name}, channel: "${chat[platform].channel}" }`,
  )
  const routes = names.map(({ name }) => `  - { name: ${name}, match: { labels: { to: ${name} } }, to: ${name} }`)
  writeFileSync(
    join(folder, 'config.yaml'),
    [
      `flashduty: { secrets: ["${SECRET}"] }`,
      `store: ${store}`,
      'accounts:',
      ...accountLines,
      'destinations:',
      ...destinations,
      'routes:',
      ...routes,
      '  - { name: all, to: [slack0, discord0] }',
      '',
    ].join('\n'),
  )
}

/** Start the real relay in a configured folder. */
export async function startRelay(folder: string): Promise<Listening> {
  const args = ['start', '--config', join(folder, 'config.yaml'), '--listen', '127.0.0.1:0']
  const { child, match } = await startRelayProcess(args, folder, /"port":(\d+).*"relay\.started"/)
  return { ...child, port: Number(match[1]) }
}

/** Wait until the relay has judged all it accepted, so that one round does not weigh on the next. Throws after `withinMs`. */
export async function judged(relay: Listening, withinMs = 120_000): Promise<void> {
  const lateMs = performance.now() + withinMs
  while (performance.now() < lateMs) {
    const response = await fetch(`http://127.0.0.1:${relay.port}/metrics`)
    if (/^relay_events_unapplied 0$/m.test(await response.text())) return
    await sleep(100)
  }
  throw new Error('the relay did not judge what it accepted')
}
