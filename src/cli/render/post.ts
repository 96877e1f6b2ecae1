import { createHttpApp } from '../../http.ts'
import { startHttp } from '../../http-server.ts'
import { createLog } from '../../ops/log.ts'
import { createMetrics } from '../../ops/metrics.ts'
import { platforms } from '../../platform/index.ts'
import type { MessageRef, Outcome, Platform } from '../../platform/platform.ts'
import { createSandbox, DISCORD_API_PATH, SLACK_API_PATH, type Sandbox } from '../../sandbox/server.ts'
import { CliError } from '../error.ts'
import { EXIT } from '../exit.ts'
import type { Preview } from './preview.ts'
import type { Shown } from './shown.ts'

/** Messages as the sandbox's platforms have them. */
export interface Posted {
  readonly state: { readonly slack: object; readonly discord: object }
  /** Which message of a channel shows a preview. */
  readonly places: ReadonlyMap<Preview, { readonly channel: string; readonly at: number }>
}

const CHANNEL = 'incidents'
const CALL_TIMEOUT_MS = 10_000

/**
 * Post previews to a sandbox of their own, which checks them as the platforms would, and give what it shows. Throws a
 * {@link CliError} that says which message was refused, and why.
 */
export async function postToSandbox(shown: readonly Shown[], startedAtMs: number): Promise<Posted> {
  let nowMs = startedAtMs
  const sandbox = createSandbox({ nowMs: () => nowMs, limits: false, maxActiveThreads: Infinity })
  const log = createLog({ level: 'silent', secrets: () => [] })
  const app = createHttpApp({ webhook: sandbox.app, metrics: createMetrics(), log, readiness: () => [] })
  const http = await startHttp(app, { host: '127.0.0.1', port: 0, log })
  const places = new Map<Preview, { channel: string; at: number }>()
  try {
    for (const { type, previews } of shown) {
      for (const preview of previews) {
        nowMs += 1_000
        const channel = sandbox[preview.platform].channel(CHANNEL)
        // One account each: an account keeps to what the real service takes in a second, and this is none.
        const account = await connect(preview.platform, sandbox, `http://127.0.0.1:${http.port}`)
        try {
          await postOne(account, channel.id, preview, `${type} on ${preview.platform}`)
        } finally {
          await account.stop()
        }
        places.set(preview, { channel: channel.id, at: channel.messages.length })
      }
    }
    const { slack, discord } = { slack: sandbox.slack.state(), discord: sandbox.discord.state() }
    return { state: { slack: { ...slack, calls: [] }, discord: { ...discord, calls: [] } }, places }
  } finally {
    await http.close(0)
  }
}

function connect(kind: Platform['kind'], sandbox: Sandbox, base: string): Promise<Platform> {
  const apiUrl = base + { slack: SLACK_API_PATH, discord: DISCORD_API_PATH }[kind]
  const { token } = sandbox[kind]
  return platforms[kind]({ token, apiUrl, callTimeoutMs: CALL_TIMEOUT_MS, people: new Map(), log: () => {} })
}

async function postOne(platform: Platform, channel: string, preview: Preview, what: string): Promise<void> {
  const key = `preview/${what}/${channel}/${preview.card.message.summary}`
  const posted = mustBeSent(await platform.postCard({ channel, drawn: preview.card.drawn, key }), `the card of ${what}`)
  if (preview.reply === undefined) return
  const started = await platform.startThread(posted, preview.card.drawn)
  const card = mustBeSent(started, `the thread of ${what}`)
  const { drawn, loudness } = preview.reply
  const reply = await platform.reply({ card, drawn, key: `${key}/reply`, broadcast: loudness === 'broadcast' })
  mustBeSent(reply, `the reply of ${what}`)
}

function mustBeSent(outcome: Outcome, what: string): MessageRef {
  if (outcome.kind === 'sent') return outcome.ref
  throw new CliError(EXIT.failed, [`${what} is refused: ${outcome.detail}`])
}
