/** Discord's bits for what a member may do. https://docs.discord.com/developers/topics/permissions (as of 2026-11) */
export const PERMISSIONS = {
  ADD_REACTIONS: 1n << 6n,
  MANAGE_CHANNELS: 1n << 4n,
  VIEW_CHANNEL: 1n << 10n,
  SEND_MESSAGES: 1n << 11n,
  MANAGE_MESSAGES: 1n << 13n,
  EMBED_LINKS: 1n << 14n,
  READ_MESSAGE_HISTORY: 1n << 16n,
  MENTION_EVERYONE: 1n << 17n,
  MANAGE_THREADS: 1n << 34n,
  CREATE_PUBLIC_THREADS: 1n << 35n,
  SEND_MESSAGES_IN_THREADS: 1n << 38n,
} as const

export type Permission = keyof typeof PERMISSIONS

export function isPermission(name: string): name is Permission {
  return Object.hasOwn(PERMISSIONS, name)
}

export interface Role {
  readonly id: string
  readonly name: string
  readonly permissions: bigint
  readonly mentionable: boolean
  readonly managed: boolean
}

/** What a channel allows or denies a role (`type` 0) or one member (`type` 1) beyond the guild's roles. */
export interface Overwrite {
  readonly id: string
  readonly type: 0 | 1
  allow: bigint
  deny: bigint
}

export interface Member {
  readonly userId: string
  readonly roleIds: readonly string[]
}

/**
 * What a member may do in a channel: the roles together, then the channel's
 * overwrites for everyone, for the roles, for the member. Who cannot see a
 * channel can do nothing in it.
 * @see {@link https://docs.discord.com/developers/topics/permissions#permission-overwrites}
 */
export function toPermissions(
  member: Member,
  everyone: Role,
  roles: readonly Role[],
  overwrites: readonly Overwrite[],
): bigint {
  const own = roles.filter(({ id }) => member.roleIds.includes(id))
  const base = own.reduce((bits, role) => bits | role.permissions, everyone.permissions)
  const layers = [
    overwrites.filter(({ id }) => id === everyone.id),
    overwrites.filter(({ id, type }) => type === 0 && member.roleIds.includes(id)),
    overwrites.filter(({ id, type }) => type === 1 && id === member.userId),
  ]
  const bits = layers.reduce((before, layer) => {
    const deny = layer.reduce((sum, overwrite) => sum | overwrite.deny, 0n)
    const allow = layer.reduce((sum, overwrite) => sum | overwrite.allow, 0n)
    return (before & ~deny) | allow
  }, base)
  return (bits & PERMISSIONS.VIEW_CHANNEL) === 0n ? 0n : bits
}

/** Several permissions as one number. */
export function toBits(permissions: readonly Permission[]): bigint {
  return permissions.reduce((bits, name) => bits | PERMISSIONS[name], 0n)
}
