import type { Answer } from '../misbehave.ts'
import { refuse } from './refusal.ts'
import { may, type Request } from './request.ts'
import { toWireChannel, toWireRole } from './wire.ts'

/** The bot itself: whether the token works. */
export function getCurrentUser({ world }: Request): Answer {
  return { status: 200, body: { ...world.bot, verified: true, mfa_enabled: true, flags: 0, locale: 'en-US' } }
}

/** The guild with its roles. */
export function getGuild({ world, id }: Request): Answer {
  if (id !== world.guild.id) return refuse(10004)
  const { name, ownerId } = world.guild
  const roles = [world.everyone, ...world.roles].map(toWireRole)
  return {
    status: 200,
    body: { id, name, owner_id: ownerId, roles, features: [], emojis: [], preferred_locale: 'en-US' },
  }
}

/** The roles, @everyone first: its id is the guild's. */
export function listRoles({ world, id }: Request): Answer {
  if (id !== world.guild.id) return refuse(10004)
  return { status: 200, body: [world.everyone, ...world.roles].map(toWireRole) }
}

/** The channels the bot sees; threads are not among them. */
export function listChannels({ world, id }: Request): Answer {
  if (id !== world.guild.id) return refuse(10004)
  const seen = world.channels.filter((channel) => !channel.deleted && may(world, channel, 'VIEW_CHANNEL'))
  return { status: 200, body: seen.map((channel) => toWireChannel(world, channel)) }
}

/** A member by id. `@me` is no id: Discord takes it under `/users` only. */
export function getMember({ world, id, mid }: Request): Answer {
  if (id !== world.guild.id) return refuse(10004)
  const member = world.members.find(({ userId }) => userId === mid)
  const user = world.users.find((candidate) => candidate.id === mid)
  if (member === undefined || user === undefined) return refuse(10007)
  return {
    status: 200,
    body: {
      user,
      roles: member.roleIds,
      nick: null,
      joined_at: '2024-01-01T00:00:00.000000+00:00',
      deaf: false,
      mute: false,
    },
  }
}
