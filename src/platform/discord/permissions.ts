import type { Guild, Member, Overwrite } from './answers.ts'

/** Discord's bits for what a member may do. https://docs.discord.com/developers/topics/permissions (as of 2026-11) */
export const PERMISSIONS = {
  VIEW_CHANNEL: 1n << 10n,
  SEND_MESSAGES: 1n << 11n,
  EMBED_LINKS: 1n << 14n,
  READ_MESSAGE_HISTORY: 1n << 16n,
  MENTION_EVERYONE: 1n << 17n,
  CREATE_PUBLIC_THREADS: 1n << 35n,
  SEND_MESSAGES_IN_THREADS: 1n << 38n,
} as const
export type Permission = keyof typeof PERMISSIONS

/** What the relay asks for when it is invited. */
export const NEEDED = [
  'VIEW_CHANNEL',
  'SEND_MESSAGES',
  'EMBED_LINKS',
  'READ_MESSAGE_HISTORY',
  'CREATE_PUBLIC_THREADS',
  'SEND_MESSAGES_IN_THREADS',
] as const satisfies readonly Permission[]

/** A forum's posts are opened with Send Messages. https://docs.discord.com/developers/resources/channel (as of 2026-11) */
export const NEEDED_IN_FORUM = NEEDED.filter((permission) => permission !== 'CREATE_PUBLIC_THREADS')

/** What Discord's settings call them, in a text channel and in a forum. */
export const LABELS: Readonly<Record<Permission, readonly [text: string, forum: string]>> = {
  VIEW_CHANNEL: ['View Channel', 'View Channel'],
  SEND_MESSAGES: ['Send Messages', 'Create Posts'],
  EMBED_LINKS: ['Embed Links', 'Embed Links'],
  READ_MESSAGE_HISTORY: ['Read Message History', 'Read Message History'],
  MENTION_EVERYONE: ['Mention @everyone, @here, and All Roles', 'Mention @everyone, @here, and All Roles'],
  CREATE_PUBLIC_THREADS: ['Create Public Threads', 'Create Public Threads'],
  SEND_MESSAGES_IN_THREADS: ['Send Messages in Threads', 'Send Messages in Posts'],
}

const ADMINISTRATOR = 1n << 3n
/** All a member in time-out has left. Same page. */
const IN_TIME_OUT = PERMISSIONS.VIEW_CHANNEL | PERMISSIONS.READ_MESSAGE_HISTORY

/** Several permissions as one number, as Discord's links and roles hold them. */
export function toBits(permissions: readonly Permission[]): bigint {
  return permissions.reduce((bits, permission) => bits | PERMISSIONS[permission], 0n)
}

/**
 * Where a bot is invited with these permissions and no more.
 * @see https://docs.discord.com/developers/topics/oauth2#bot-authorization-flow (as of 2026-11)
 */
export function toInviteUrl(applicationId: string, permissions: readonly Permission[]): string {
  return `https://discord.com/oauth2/authorize?client_id=${applicationId}&scope=bot&permissions=${toBits(permissions)}`
}

/** What a member may do in a server, and in one channel of it. */
export interface Permitted {
  readonly byRoles: bigint
  readonly here: bigint
  readonly inTimeOut: boolean
}

/**
 * What a member may do: the roles together, then what the channel says for everyone, for the roles, for the member. Who
 * cannot see a channel can do nothing in it.
 * @see https://docs.discord.com/developers/topics/permissions#permission-overwrites (as of 2026-11)
 */
export function toPermitted(
  member: Member & { readonly id: string },
  guild: Pick<Guild, 'id' | 'roles'>,
  overwrites: readonly Overwrite[],
  nowMs: number,
): Permitted {
  const mine = (id: string): boolean => id === guild.id || member.roles.includes(id)
  const byRoles = guild.roles.reduce((bits, { id, permissions }) => (mine(id) ? bits | permissions : bits), 0n)
  const everything = toBits([...NEEDED, 'MENTION_EVERYONE'])
  if ((byRoles & ADMINISTRATOR) !== 0n) return { byRoles: everything, here: everything, inTimeOut: false }
  const layers = [
    overwrites.filter(({ id }) => id === guild.id),
    overwrites.filter(({ id, type }) => type === 0 && id !== guild.id && mine(id)),
    overwrites.filter(({ id, type }) => type === 1 && id === member.id),
  ]
  const here = layers.reduce((before, layer) => {
    const denied = layer.reduce((bits, { deny }) => bits | deny, 0n)
    const allowed = layer.reduce((bits, { allow }) => bits | allow, 0n)
    return (before & ~denied) | allowed
  }, byRoles)
  const inTimeOut = Date.parse(member.communication_disabled_until ?? '') > nowMs
  if ((here & PERMISSIONS.VIEW_CHANNEL) === 0n) return { byRoles, here: 0n, inTimeOut }
  return { byRoles, here: inTimeOut ? here & IN_TIME_OUT : here, inTimeOut }
}
