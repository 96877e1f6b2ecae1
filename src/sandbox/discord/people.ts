import { ALLOW_ALL, toCalled, toMentions } from './mentions.ts'
import { isPermission, PERMISSIONS, type Permission } from './permission.ts'
import { addMessage } from './post.ts'
import { channelOf, findPlace, isThread, may } from './request.ts'
import { FORUM_CHANNEL, type Message, type Place, type Thread, type World } from './world.ts'

const ALL = Object.keys(PERMISSIONS).filter(isPermission)

/** Write as a person, with the mentions a person can make. Gives the message's id. */
export function postAs(world: World, who: string, place: Place, text: string, nowMs: number): string {
  const author = world.users.find(({ id, username }) => [id, username].includes(who))
  if (author === undefined) throw new Error(`no person ${who}`)
  if (!isThread(place) && place.type === FORUM_CHANNEL) throw new Error(`#${place.name} is a forum: write in a post`)
  const role = (id: string) => world.roles.some((known) => known.id === id && known.mentionable)
  const called = toCalled(toMentions(text), ALLOW_ALL, { everyone: false, role })
  return addMessage(world, nowMs, place, { author, content: text, called }).id
}

/** Allow or deny the bot something: one overwrite for the bot itself, which nothing else overrides. */
export function overwrite(world: World, place: Place, permission: Permission, allowed: boolean): void {
  const { overwrites } = channelOf(place)
  const bit = PERMISSIONS[permission]
  const known = overwrites.find(({ id, type }) => type === 1 && id === world.bot.id)
  const own = known ?? { id: world.bot.id, type: 1, allow: 0n, deny: 0n }
  if (known === undefined) overwrites.push(own)
  own.deny = allowed ? own.deny & ~bit : own.deny | bit
  own.allow &= ~bit
  if (allowed && !may(world, place, permission)) own.allow |= bit
}

/** What the bot itself was denied in a channel. */
export function denied(world: World, place: Place): readonly Permission[] {
  const own = channelOf(place).overwrites.find(({ id, type }) => type === 1 && id === world.bot.id)
  return ALL.filter((permission) => ((own?.deny ?? 0n) & PERMISSIONS[permission]) !== 0n)
}

/** A channel by name or id, or a thread by id; throws if there is none. */
export function thePlace(world: World, nameOrId: string, nowMs: number): Place {
  const named = world.channels.find(({ name }) => name === nameOrId)
  const place = findPlace(world, named?.id ?? nameOrId, nowMs)
  if (place === undefined) throw new Error(`no channel or thread ${nameOrId}`)
  return place
}

/** Insist on a thread; throws if it is a channel. */
export function asThread(place: Place): Thread {
  if (!isThread(place)) throw new Error(`#${place.name} is a channel, not a thread`)
  return place
}

/** A message that still exists; throws if there is none. */
export function theMessage(place: Place, id: string): Message {
  const message = place.messages.get(id)
  if (message === undefined || message.deleted) throw new Error(`no message ${id} in ${place.name}`)
  return message
}
