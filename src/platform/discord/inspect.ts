import { Routes } from 'discord.js'
import type { Finding, Inspector, InspectorOptions, WantedChannel } from '../inspect.ts'
import { createPatience } from '../patience.ts'
import { Channel, Guild, InspectedChannel, Member, User } from './answers.ts'
import { createClient } from './client.ts'
import { codeOf, toOutcome } from './errors.ts'
import { NEEDED, toInviteUrl } from './permissions.ts'
import { judgeChannel, toKindFinding } from './judge-channel.ts'

const NEW_TOKEN =
  'copy the token under "Bot" of the application at https://discord.com/developers/applications into the configuration or its .env'

/** Looks at what one Discord bot may do. Importing this file loads discord.js, as {@link createDiscord} does. */
export function createDiscordInspector(options: InspectorOptions): Inspector {
  const client = createClient(options)
  const patiently = createPatience({ ...options, toOutcome: (error) => toOutcome(error, 'find') })
  const servers = new Map<string, Promise<readonly [Guild, Member]>>()

  const serverOf = (guildId: string, botId: string): Promise<readonly [Guild, Member]> => {
    const known = servers.get(guildId)
    if (known !== undefined) return known
    const asked = Promise.all([
      patiently(() => client.get(Guild, Routes.guild(guildId))),
      patiently(() => client.get(Member, Routes.guildMember(guildId, botId))),
    ])
    servers.set(guildId, asked)
    return asked
  }

  async function inspectChannel(wanted: WantedChannel, bot: User): Promise<readonly Finding[]> {
    const { channel: id } = wanted
    try {
      const channel = await patiently(() => client.get(InspectedChannel, Routes.channel(id)))
      const kind = toKindFinding(channel)
      if (kind !== undefined) return [kind]
      const [guild, member] = await serverOf(channel.guild_id ?? '', bot.id)
      return judgeChannel({ channel, guild, member: { ...member, id: bot.id }, wanted, nowMs: options.nowMs() })
    } catch (error) {
      return [unusable(error, id, bot)]
    }
  }

  return {
    async inspect(channels) {
      let bot: User
      try {
        // Not Routes.user(): it writes the @ as %40.
        bot = await patiently(() => client.get(User, '/users/@me'))
      } catch (error) {
        return [{ check: 'token', verdict: 'wrong', ...whyNot(error) }]
      }
      const account: Finding = {
        check: 'token',
        verdict: 'ok',
        says: `the token is that of ${bot.username}, a Discord application`,
      }
      const found = await Promise.all(channels.map((wanted) => inspectChannel(wanted, bot)))
      return [account, ...found.flat()]
    },
    async linkTo({ channel, message }) {
      try {
        const { guild_id: guild } = await patiently(() => client.get(Channel, Routes.channel(channel)))
        return guild === undefined ? undefined : `https://discord.com/channels/${guild}/${channel}/${message}`
      } catch {
        // A link is a courtesy: the message is there without it.
        return undefined
      }
    },
    repairOf: (detail) => REPAIRS.get(Number(/^\d+/.exec(detail)?.[0])),
    stop: async () => client.stop(),
  }
}

/** What can be done about the commonest refusals without looking closer. */
const REPAIRS: ReadonlyMap<number, string> = new Map([
  [10003, 'compare the id: in Discord, "Copy Channel ID" of the channel (developer mode)'],
  [40001, NEW_TOKEN],
  [50014, NEW_TOKEN],
])

function unusable(error: unknown, channel: string, bot: User): Finding {
  const code = codeOf(error)
  const at = { check: 'channel', verdict: 'wrong', channel } as const
  if (code === 10003) return { ...at, says: 'there is no such channel', repair: REPAIRS.get(10003) ?? '' }
  if (code === 50001 || code === 10004 || code === 10007) {
    const invite = toInviteUrl(bot.id, NEEDED)
    const says = 'the bot is not in the server of the channel, or cannot see the channel'
    const repair = `in the channel: Edit Channel → Permissions, add ${bot.username} and allow "View Channel"; if the bot is not in the server yet, invite it with ${invite}`
    return { ...at, check: 'member', says, repair }
  }
  return { ...at, ...whyNot(error) }
}

function whyNot(error: unknown): Pick<Finding, 'says' | 'repair'> {
  const outcome = toOutcome(error, 'find')
  const detail = 'detail' in outcome ? outcome.detail : outcome.kind
  if (outcome.kind === 'rejected' && outcome.reason === 'token_broken') {
    return { says: `the token is not accepted (${detail})`, repair: NEW_TOKEN }
  }
  const says = `Discord gave no answer that helps: ${detail}`
  return { says, repair: 'see whether this machine reaches the API, and try again' }
}
