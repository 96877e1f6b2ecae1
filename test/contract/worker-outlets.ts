import type { Outlet } from '../../src/delivery/held.ts'
import { createHttpApp } from '../../src/http.ts'
import { startHttp } from '../../src/http-server.ts'
import type { Mentioned } from '../../src/message/message.ts'
import { createLog } from '../../src/ops/log.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { platforms } from '../../src/platform/index.ts'
import type { Platform } from '../../src/platform/platform.ts'
import { DISCORD_API_PATH, SLACK_API_PATH, type Sandbox } from '../../src/sandbox/server.ts'

export interface Connected {
  readonly outlets: ReadonlyMap<string, Outlet>
  /** Whether somebody is looked up at this moment. */
  readonly looking: () => boolean
  readonly disconnect: () => Promise<void>
}

/** Whom the configuration names in Discord. Slack is asked. */
export const DISCORD_PEOPLE: ReadonlyMap<string, string> = new Map([['ben@example.com', '1100000000000000012']])

/** Real accounts on a sandbox, with the channels of both as outlets. */
export async function connect(sandbox: Sandbox, callTimeoutMs: number, monotonicMs: () => number): Promise<Connected> {
  const log = createLog({ level: 'silent', secrets: () => [] })
  const app = createHttpApp({ webhook: sandbox.app, metrics: createMetrics(), log, readiness: () => [] })
  const http = await startHttp(app, { host: '127.0.0.1', port: 0, log })
  const base = `http://127.0.0.1:${http.port}`
  const rest = { callTimeoutMs, monotonicMs, log: () => {} }
  const workspace = await platforms.slack({
    ...rest,
    token: sandbox.slack.token,
    apiUrl: base + SLACK_API_PATH,
    people: new Map(),
  })
  const discord = await platforms.discord({
    ...rest,
    token: sandbox.discord.token,
    apiUrl: base + DISCORD_API_PATH,
    people: DISCORD_PEOPLE,
  })
  let sought: readonly Mentioned[] = []
  const reach: Platform['reach'] = (who) => {
    const found = workspace.reach(who)
    if (found === 'soon') sought = [...sought, who]
    return found
  }
  const slack: Platform = { ...workspace, reach }
  const outlets = new Map<string, Outlet>([
    [
      'slack',
      { destination: 'slack', account: 'acme', channel: sandbox.slack.channel('incidents').id, platform: slack },
    ],
    [
      'slack-2',
      { destination: 'slack-2', account: 'acme', channel: sandbox.slack.channel('payments').id, platform: slack },
    ],
    [
      'discord',
      { destination: 'discord', account: 'bot', channel: sandbox.discord.channel('incidents').id, platform: discord },
    ],
    [
      'forum',
      {
        destination: 'forum',
        account: 'bot',
        channel: sandbox.discord.channel('incident-forum').id,
        platform: discord,
      },
    ],
  ])
  return {
    outlets,
    looking() {
      sought = sought.filter((who) => workspace.reach(who) === 'soon')
      return sought.length > 0
    },
    async disconnect() {
      await Promise.all([slack.stop(), discord.stop()])
      await http.close(0)
    },
  }
}
