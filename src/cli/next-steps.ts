import { WEBHOOK_PATH } from '../flashduty/webhook.ts'
import { DOCUMENTED_TYPES } from '../incident/attention.ts'
import { NEEDED, toInviteUrl } from '../platform/discord/permissions.ts'
import { MANIFEST, toManifestUrl } from '../platform/slack/manifest.ts'
import type { Channels } from './init-files.ts'

export interface NextSteps {
  readonly channels: Channels
  /** How the relay is reached from outside, without a path. */
  readonly url?: string
  /** The id of the Discord application. */
  readonly discordApp?: string
  readonly config: string
  readonly dotenv: string
  /** Which tokens are still to be pasted. */
  readonly missing: readonly string[]
  /** Only if it was asked for. */
  readonly secret?: string
}

/** What is left to do until cards arrive, in order, with links that hold nothing secret. */
export function* toNextSteps(steps: NextSteps): Generator<string> {
  const { channels, url = 'https://YOUR-HOST', discordApp, config, dotenv, missing, secret } = steps
  let step = 0
  const next = (text: string): string => `${(step += 1)}. ${text}`
  if (channels.slack.length > 0) {
    yield next('Slack: create the app with this link, install it to the workspace, and invite it to the channels:')
    yield `   ${toManifestUrl(MANIFEST)}`
    yield '   /invite @incident-relay in each channel'
  }
  if (channels.discord.length > 0) {
    yield next('Discord: create a bot at https://discord.com/developers/applications, and invite it with this link:')
    yield `   ${toInviteUrl(discordApp ?? 'YOUR_APP_ID', NEEDED)}`
    if (discordApp === undefined) yield '   YOUR_APP_ID is the Application ID on the page "General Information"'
  }
  if (missing.length > 0) yield next(`Put into ${dotenv}: ${missing.join(', ')}`)
  yield next('Flashduty console: add an incident webhook with')
  yield `   URL      ${url}${WEBHOOK_PATH}`
  yield `   header   X-Relay-Secret: ${secret ?? `(the value of FLASHDUTY_SECRET in ${dotenv}; --show-secret shows it here)`}`
  yield `   events   all incident events (${DOCUMENTED_TYPES.length} are documented; new ones are told too)`
  const first = [...channels.slack, ...channels.discord][0]?.name ?? ''
  const named = config === 'config.yaml' ? '' : ` --config ${config}`
  yield next('Then')
  yield `   npm run relay -- check --online${named}`
  yield `   npm run relay -- send-test --to ${first}${named}`
  yield named === '' ? '   npm start' : `   npm start --${named}`
}
