import type { Finding, WantedChannel } from '../inspect.ts'
import type { Guild, InspectedChannel, Member } from './answers.ts'
import { LABELS, NEEDED, NEEDED_IN_FORUM, PERMISSIONS, toPermitted, type Permission } from './permissions.ts'

/** https://docs.discord.com/developers/resources/channel#channel-object-channel-types, …#channel-flags (as of 2026-11) */
const TEXT_TYPES = new Set([0, 5])
const FORUM_TYPES = new Set([15, 16])
const THREAD_TYPES = new Set([10, 11, 12])
const REQUIRE_TAG = 1 << 4

export interface Judged {
  readonly channel: InspectedChannel
  readonly guild: Guild
  readonly member: Member & { readonly id: string }
  readonly wanted: WantedChannel
  readonly nowMs: number
}

/** What is wrong with the kind of a channel: undefined if cards can stand in it. Pure. */
export function toKindFinding({ id, type, name, guild_id: guild }: InspectedChannel): Finding | undefined {
  if (guild !== undefined && (TEXT_TYPES.has(type) || FORUM_TYPES.has(type))) return undefined
  const says = THREAD_TYPES.has(type) ? `"${name}" is a thread` : `"${name}" is neither a text channel nor a forum`
  const repair = 'name a text channel, an announcement channel or a forum of a server'
  return { check: 'channel', verdict: 'wrong', channel: id, says, repair }
}

/** What the bot may and may not do in a channel that cards can stand in. Pure. */
export function judgeChannel({ channel, guild, member, wanted, nowMs }: Judged): readonly Finding[] {
  const isForum = FORUM_TYPES.has(channel.type)
  const where = `#${channel.name}`
  const at = { channel: channel.id } as const
  const { byRoles, here, inTimeOut } = toPermitted(member, guild, channel.permission_overwrites, nowMs)
  if (inTimeOut) {
    const repair = `lift the time-out of the bot in the server ${guild.name}, or wait for its end`
    return [
      { ...at, check: 'permission', verdict: 'wrong', says: 'the bot is in a time-out: it may only read', repair },
    ]
  }
  const lacks = (permission: Permission): boolean => (here & PERMISSIONS[permission]) === 0n
  const label = (permission: Permission): string => LABELS[permission][isForum ? 1 : 0]
  const allow = (permission: Permission): string =>
    (byRoles & PERMISSIONS[permission]) === 0n
      ? `allow "${label(permission)}" for the bot's role: Server Settings → Roles, or in ${where}: Edit Channel → Permissions`
      : `in ${where}: Edit Channel → Permissions, allow "${label(permission)}" for the bot: something there takes it away`
  const missing = (isForum ? NEEDED_IN_FORUM : NEEDED).filter(lacks)
  // Who cannot see the channel lacks all the rest there only for that.
  const told = missing.includes('VIEW_CHANNEL') ? (['VIEW_CHANNEL'] as const) : missing
  const findings = told.map((permission): Finding => {
    const says = `the bot lacks "${label(permission)}" in ${where}: ${WHY[permission]}`
    return { ...at, check: 'permission', verdict: 'wrong', says, repair: allow(permission) }
  })
  if (isForum && (channel.flags & REQUIRE_TAG) !== 0 && !channel.available_tags.some(({ moderated }) => !moderated)) {
    const says = `${where} wants a tag on every post and has none that the bot may set`
    const repair = `in ${where}: Edit Channel, add a tag that anyone may set, or require none`
    findings.push({ ...at, check: 'forum', verdict: 'wrong', says, repair })
  }
  findings.push(...judgeMentions(wanted.mentions, guild, lacks('MENTION_EVERYONE'), allow('MENTION_EVERYONE'), at))
  const says = `the bot may do all it needs in ${where}${isForum ? ', a forum,' : ''} of the server ${guild.name}`
  return findings.length === 0 ? [{ ...at, check: 'permission', verdict: 'ok', says }] : findings
}

const WHY: Readonly<Record<(typeof NEEDED)[number], string>> = {
  VIEW_CHANNEL: 'it cannot see the channel',
  SEND_MESSAGES: 'no card can be posted',
  EMBED_LINKS: 'cards are shown as plain text',
  READ_MESSAGE_HISTORY: 'a message whose answer was lost cannot be looked for',
  CREATE_PUBLIC_THREADS: 'cards get no thread',
  SEND_MESSAGES_IN_THREADS: 'nothing can be told in threads',
}

/** Members can always be called; here, and roles that not everyone may call, take a right more. */
function judgeMentions(
  mentions: readonly string[],
  guild: Guild,
  mayNot: boolean,
  repair: string,
  at: { readonly channel: string },
): readonly Finding[] {
  const wrong = (says: string, fix: string): Finding => ({
    ...at,
    check: 'mention',
    verdict: 'wrong',
    says,
    repair: fix,
  })
  return [...new Set(mentions)].flatMap((id) => {
    if (id === 'here') return mayNot ? [wrong('the configuration calls here, and the bot may not', repair)] : []
    const roleId = /^group:(\d+)$/.exec(id)?.[1]
    if (roleId === undefined) return []
    const role = guild.roles.find((known) => known.id === roleId)
    if (role === undefined) {
      const fix = 'compare the id: Server Settings → Roles, "Copy Role ID" (developer mode)'
      return [wrong(`the server ${guild.name} has no role ${roleId}, which the configuration calls`, fix)]
    }
    if (role.mentionable || !mayNot) return []
    const fix = `let anyone mention the role ${role.name} (Server Settings → Roles → Display), or ${repair}`
    return [wrong(`the configuration calls the role ${role.name}, and the bot may not`, fix)]
  })
}
