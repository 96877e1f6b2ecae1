import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRelay, type Relay } from '../app.ts'
import type { Config } from '../config/schema.ts'
import { WEBHOOK_PATH } from '../flashduty/webhook.ts'
import { createHttpApp } from '../http.ts'
import type { Log } from '../ops/log.ts'
import { createMetrics } from '../ops/metrics.ts'
import { toDemoPushes } from '../sandbox/demo.ts'
import type { SandboxRelay } from '../sandbox/relay.ts'
import { createSandbox, DISCORD_API_PATH, SLACK_API_PATH, type Sandbox } from '../sandbox/server.ts'
import { startHttp } from '../http-server.ts'
import { toSandboxRelay } from './sandbox-relay.ts'
import { toSpeech } from './speech.ts'
import { toBase, type Address } from '../address.ts'
import { SANDBOX_SECRET } from './sandbox-secret.ts'

export interface SandboxRun {
  readonly port: number
  stop(): Promise<void>
}

export interface SandboxOptions {
  readonly listen: Address
  readonly log: Log
  readonly write: (line: string) => void
  /** Keep to the platforms' rate limits. */
  readonly limits: boolean
}

/** The whole demo on one port: relay, local Slack and Discord, page, and an incident that plays through. */
export async function startSandboxRelay(
  options: SandboxOptions & {
    readonly onFatal: (error: Error) => void
    readonly demo: boolean
  },
): Promise<SandboxRun> {
  const { listen, log, write, onFatal } = options
  let door: SandboxRelay | undefined
  const sandbox = createSandbox({ nowMs: Date.now, limits: options.limits, relay: () => door })
  const folder = mkdtempSync(join(tmpdir(), 'incident-relay-'))
  const forget = (): void => rmSync(folder, { recursive: true, force: true })
  const config = toSandboxConfig(sandbox, listen, join(folder, 'relay.db'))
  let relay: Relay
  try {
    relay = await startRelay({ config, templates: () => toSpeech(undefined, 'en'), log, extra: sandbox.app, onFatal })
  } catch (error) {
    forget()
    throw error
  }
  const base = toBase({ ...listen, port: relay.port })
  const destinations = Object.keys(config.destinations)
  door = toSandboxRelay({ relay, base, secret: SANDBOX_SECRET, destinations })
  const playing = new AbortController()
  if (options.demo) {
    void playDemo(base, playing.signal).catch((error: unknown) => log.error({ err: error }, 'demo.failed'))
    await firstCards(sandbox)
  }
  for (const line of greeting(base)) write(line)
  return {
    port: relay.port,
    async stop() {
      playing.abort()
      await relay.stop()
      forget()
    },
  }
}

/** The local Slack and Discord alone, for a relay that runs elsewhere on this machine. */
export async function startSandbox({ listen, log, write, limits }: SandboxOptions): Promise<SandboxRun> {
  const sandbox = createSandbox({ nowMs: Date.now, limits })
  const refused = createHttpApp({ webhook: sandbox.app, metrics: createMetrics(), log, readiness: () => [] })
  const http = await startHttp(refused, { ...listen, log })
  const base = toBase({ ...listen, port: http.port })
  for (const line of accessOf(sandbox, base)) write(line)
  return { port: http.port, stop: () => http.close(0) }
}

/** Who the people of the sample incident are in the local Discord; Slack finds them by e-mail. */
const PEOPLE: Config['people'] = {
  'ann@example.com': { discord: '1100000000000000011' },
  'ben@example.com': { discord: '1100000000000000012' },
}

function toSandboxConfig(sandbox: Sandbox, listen: Address, sqlite: string): Config {
  const base = toBase(listen)
  const channel = (name: string) => ({
    slack: { account: 'slack', channel: sandbox.slack.channel(name).id },
    discord: { account: 'discord', channel: sandbox.discord.channel(name).id },
  })
  const incidents = channel('incidents')
  const payments = channel('payments')
  const route = { continue: false, attention: {}, mention: [] }
  return {
    listen: { ...listen },
    flashduty: { secrets: [SANDBOX_SECRET], late_events: 'skip', body_limit_bytes: 1_048_576 },
    admin: { host: '127.0.0.1', port: 0 },
    store: { sqlite, retention_days: 30 },
    accounts: {
      slack: { platform: 'slack', token: sandbox.slack.token, api_url: base + SLACK_API_PATH },
      discord: { platform: 'discord', token: sandbox.discord.token, api_url: base + DISCORD_API_PATH },
    },
    destinations: {
      'slack-incidents': incidents.slack,
      'discord-incidents': incidents.discord,
      'slack-payments': payments.slack,
      'discord-payments': payments.discord,
    },
    routes: [
      { ...route, name: 'payments', match: { channel: ['Payments'] }, to: ['slack-payments', 'discord-payments'] },
      { ...route, name: 'everything-else', match: {}, to: ['slack-incidents', 'discord-incidents'] },
    ],
    delivery: { on_card_deleted: 'recreate', storm_after: 20 },
    people: PEOPLE,
    templates: { language: 'en' },
  }
}

async function playDemo(base: string, signal: AbortSignal): Promise<void> {
  const startedAtMs = Date.now()
  for (const { afterMs, body } of toDemoPushes(startedAtMs, startedAtMs.toString(36))) {
    await sleep(Math.max(0, startedAtMs + afterMs - Date.now()), undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    await fetch(base + WEBHOOK_PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-relay-secret': SANDBOX_SECRET },
      body: JSON.stringify(body),
      signal,
    })
  }
}

/** When there is something to watch: the first card in both chats. A newcomer waits no longer than a moment for it. */
function firstCards({ slack, discord, ...sandbox }: Sandbox): Promise<void> {
  return new Promise((resolve) => {
    const isShown = (): boolean =>
      [...slack.state().channels, ...discord.state().channels].filter(({ messages }) => messages.length > 0).length >= 2
    const end = (): void => {
      clearTimeout(timer)
      stop()
      resolve()
    }
    const timer = setTimeout(() => end(), 1_000)
    const stop = sandbox.onChange(() => isShown() && end())
  })
}

function greeting(base: string): readonly string[] {
  return [
    'Incident relay, sandbox mode: a local Slack and Discord, nothing leaves this machine.',
    '',
    `  Watch      ${base}/sandbox   (a sample incident is playing)`,
    '  Send one   curl -sS -H "X-Relay-Secret: ' + SANDBOX_SECRET + '" -H "Content-Type: application/json" \\',
    `               -d '${samplePush()}' \\`,
    `               ${base}${WEBHOOK_PATH}`,
    '  Go live    npm run relay -- init   (it says what comes next)',
    '',
    'Ctrl-C stops it and forgets everything.',
  ]
}

/** As short as a push can be and still look like an incident; it starts now, so posting it twice shows one card. */
function samplePush(): string {
  const nowMs = Date.now()
  const startedAt = Math.floor(nowMs / 1000)
  const incident = {
    incident_id: `curl-${startedAt}`,
    title: 'disk full on db-1',
    incident_severity: 'Critical',
    incident_status: 'Critical',
    progress: 'Triggered',
    start_time: startedAt,
    channel_name: 'Databases',
    detail_url: 'https://console.flashcat.cloud/incident',
  }
  return JSON.stringify({ event_id: `curl-${startedAt}-1`, event_type: 'i_new', event_time: nowMs, incident })
}

function accessOf(sandbox: Sandbox, base: string): readonly string[] {
  const channels = (list: readonly { readonly id: string; readonly name: string }[]): string[] =>
    list.map(({ id, name }) => `    ${id.padEnd(21)} #${name}`)
  return [
    'A local Slack and Discord; nothing leaves this machine.',
    '',
    `  Watch      ${base}/sandbox`,
    '  accounts:',
    `    sandbox-slack:   { platform: slack,   api_url: ${base}${SLACK_API_PATH}, token: ${sandbox.slack.token} }`,
    `    sandbox-discord: { platform: discord, api_url: ${base}${DISCORD_API_PATH}, token: ${sandbox.discord.token} }`,
    '  Slack channels:',
    ...channels(sandbox.slack.state().channels),
    '  Discord channels:',
    ...channels(sandbox.discord.state().channels),
    '',
    'Ctrl-C stops it and forgets everything.',
  ]
}
