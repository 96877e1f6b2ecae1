import { toDotenvLine } from '../config/dotenv.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'

/** A channel, and what the configuration calls it. */
export interface NamedChannel {
  readonly name: string
  readonly channel: string
}

export interface Channels {
  readonly slack: readonly NamedChannel[]
  readonly discord: readonly NamedChannel[]
}

/** What goes into `.env`; a token that is not at hand is a placeholder. */
export type Secrets = Readonly<Record<'SLACK_BOT_TOKEN' | 'DISCORD_BOT_TOKEN' | 'FLASHDUTY_SECRET', string>>

/** What stands for a token until somebody pastes it: accepted by `check`, not by the platform. */
export const PLACEHOLDER = { SLACK_BOT_TOKEN: 'xoxb-paste-it-here', DISCORD_BOT_TOKEN: 'paste-it-here' } as const

/** A small configuration that is right: the accounts and channels given, and one route that takes every incident. */
export function toConfigYaml({ slack, discord }: Channels): string {
  const all = [...slack, ...discord].map(({ name }) => name)
  return [
    '# Made by init. config.example.yaml is the manual: every option, when it is needed, and its default.',
    '# "${NAME}" is a variable of the environment, or of the file .env beside this one.',
    '',
    'flashduty:',
    '  # What the Flashduty console sends as the custom header X-Relay-Secret.',
    "  secrets: '${FLASHDUTY_SECRET}'",
    '',
    'accounts:',
    ...(slack.length === 0 ? [] : ['  slack:', '    platform: slack', "    token: '${SLACK_BOT_TOKEN}'"]),
    ...(discord.length === 0 ? [] : ['  discord:', '    platform: discord', "    token: '${DISCORD_BOT_TOKEN}'"]),
    '',
    '# The channels there are, by id. The bots must be members.',
    'destinations:',
    ...slack.map(({ name, channel }) => `  ${name}: { account: slack, channel: ${channel} }`),
    ...discord.map(({ name, channel }) => `  ${name}: { account: discord, channel: '${channel}' }`),
    '',
    '# Which incidents go where: the first route that matches takes the event. Put more particular ones first, such as',
    '#   - { name: payments, match: { channel: Payments, severity: [Critical, Warning] }, to: [...] }',
    'routes:',
    '  - name: everything',
    `    to: [${all.join(', ')}]`,
    '',
  ].join('\n')
}

/** Throws a {@link CliError} for a value that a line cannot hold. It names the variable and never the value. */
export function toDotenv(secrets: Secrets, { slack, discord }: Channels): string {
  const line = (name: keyof Secrets): string => {
    const written = toDotenvLine(name, secrets[name])
    if (written === undefined) throw new CliError(EXIT.usage, [`${name} holds line breaks or every kind of quote`])
    return written
  }
  return [
    '# Secrets of the relay. Keep this file to yourself; variables of the environment go before it.',
    ...(slack.length === 0
      ? []
      : ['# Slack: "OAuth & Permissions" of the app, Bot User OAuth Token', line('SLACK_BOT_TOKEN')]),
    ...(discord.length === 0 ? [] : ['# Discord: "Bot" of the application, Token', line('DISCORD_BOT_TOKEN')]),
    '# Flashduty: the value of the custom header X-Relay-Secret',
    line('FLASHDUTY_SECRET'),
    '',
  ].join('\n')
}
