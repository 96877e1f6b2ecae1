import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createHttpApp } from '../../src/http.ts'
import { startHttp } from '../../src/http-server.ts'
import { createLog } from '../../src/ops/log.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { createSandbox, DISCORD_API_PATH, SLACK_API_PATH, type Sandbox } from '../../src/sandbox/server.ts'
import { fastNowMs } from './fast-clock.ts'
import { toPeopleYaml } from './people.ts'

export const SECRET = 'a-secret-for-the-crash-harness'

/** A Slack and a Discord of its own, with a folder that has the configuration and the database of one relay. */
export interface World {
  readonly sandbox: Sandbox
  readonly folder: string
  /** Where the relay listens, each time it is started. */
  readonly port: number
  close(): Promise<void>
}

/** The undisturbed relay is told of every incident of a whole campaign, each in a thread of its own. */
const MANY_THREADS = 100_000

/** `deduplicates`: whether Slack knows a repeated client_msg_id again, which it does not promise. */
export async function createWorld(folder: string, { deduplicates }: { deduplicates: boolean }): Promise<World> {
  mkdirSync(folder, { recursive: true })
  const sandbox = createSandbox({ nowMs: fastNowMs, limits: false, deduplicates, maxActiveThreads: MANY_THREADS })
  const log = createLog({ level: 'silent', secrets: () => [] })
  const app = createHttpApp({ webhook: sandbox.app, metrics: createMetrics(), log, readiness: () => [] })
  const http = await startHttp(app, { host: '127.0.0.1', port: 0, log })
  const yaml = toYaml(sandbox, `http://127.0.0.1:${http.port}`)
  // Two incidents that wait for their cards at once are a storm.
  writeFileSync(join(folder, 'config.yaml'), `${yaml}delivery: { storm_after: 1 }\n`)
  return { sandbox, folder, port: await freePort(), close: () => http.close(0) }
}

let nextPort = 10_000 + (process.pid % 2_000) * 8

/** Below the ports that outgoing calls use: between two starts nobody else may take it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = nextPort++
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (isFree) return port
  }
}

/** The configuration of a relay that reaches the sandbox at `base`. */
export function toYaml({ slack, discord }: Sandbox, base: string, store = '{ sqlite: ./relay.db }'): string {
  return `
flashduty: { secrets: ["${SECRET}"] }
store: ${store}
accounts:
  acme-slack: { platform: slack, token: "${slack.token}", api_url: "${base}${SLACK_API_PATH}" }
  acme-discord: { platform: discord, token: "${discord.token}", api_url: "${base}${DISCORD_API_PATH}" }
destinations:
  slack: { account: acme-slack, channel: ${slack.channel('incidents').id} }
  discord: { account: acme-discord, channel: "${discord.channel('incidents').id}" }
  forum: { account: acme-discord, channel: "${discord.channel('incident-forum').id}" }
routes: [{ name: all, to: [slack, discord, forum] }]
people:
${toPeopleYaml()}
`
}
