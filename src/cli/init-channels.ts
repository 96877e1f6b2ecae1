import { DISCORD_ID, SLACK_CHANNEL } from '../config/scalar.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'
import type { Channels, NamedChannel } from './init-files.ts'

/** Plain in YAML wherever it stands. */
const NAME = /^[A-Za-z][\w-]{0,63}$/
/** Words YAML or a reader would take for something else. */
const NOT_A_NAME = /^(?:true|false|null|yes|no|on|off|y|n)$/i

/** Channels given as `ID` or `NAME=ID`, those without a name called by their platform. Throws a {@link CliError}. */
export function toChannels(slack: readonly string[], discord: readonly string[]): Channels {
  const channels = {
    slack: slack.map((given, index) => toChannel(given, slack.length, index, 'slack', SLACK_CHANNEL)),
    discord: discord.map((given, index) => toChannel(given, discord.length, index, 'discord', DISCORD_ID)),
  }
  const names = [...channels.slack, ...channels.discord].map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new CliError(EXIT.usage, [`two channels are called ${twice}`])
  return channels
}

const HINTS = {
  slack: "a Slack channel id such as C0123456789: it is the last line of the channel's details",
  discord: 'a Discord channel id of 17 to 20 digits: "Copy Channel ID" in developer mode',
} as const

function toChannel(
  given: string,
  count: number,
  index: number,
  platform: 'slack' | 'discord',
  pattern: RegExp,
): NamedChannel {
  const [, named, id = ''] = /^(?:([^=]*)=)?(.*)$/s.exec(given) ?? []
  const fallback = count === 1 ? platform : `${platform}-${index + 1}`
  const name = named ?? fallback
  if (!pattern.test(id)) throw new CliError(EXIT.usage, [`${JSON.stringify(id)} is not ${HINTS[platform]}`])
  if (!NAME.test(name) || NOT_A_NAME.test(name)) {
    throw new CliError(EXIT.usage, [`${JSON.stringify(name)} is no name: a letter, then letters, digits, - and _`])
  }
  return { name, channel: id }
}
