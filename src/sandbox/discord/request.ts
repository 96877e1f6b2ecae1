import type { Answer } from '../misbehave.ts'
import type { Rate } from '../bucket.ts'
import { PERMISSIONS, toPermissions, type Permission } from './permission.ts'
import { refuse } from './refusal.ts'
import type { Channel, Place, Thread, World } from './world.ts'

/** One call of the API, let in and not yet carried out. */
export interface Request {
  readonly world: World
  readonly nowMs: number
  /** The ids in the path, as far as the route has them. */
  readonly id: string
  readonly mid: string
  readonly query: Readonly<Record<string, string>>
  /** The JSON body; an empty record if there is none. */
  readonly body: unknown
  /** Draw from a limit the headers do not tell of. Gives how long to wait: 0 if it was drawn. */
  readonly draw: (key: string, rate: Rate) => number
}

/**
 * The channel or thread a call is about, if the bot sees it and has the
 * permissions; else Discord's answer: unknown, no access, no permission.
 */
export function enter(request: Request, ...needs: readonly Permission[]): Place | Answer {
  const place = findPlace(request.world, request.id, request.nowMs)
  if (place === undefined) return refuse(10003)
  if (!may(request.world, place, 'VIEW_CHANNEL')) return refuse(50001)
  return needs.every((permission) => may(request.world, place, permission)) ? place : refuse(50013)
}

/** A channel or thread that still exists; a thread that has been quiet for too long is archived by now. */
export function findPlace(world: World, id: string, nowMs: number): Place | undefined {
  const place = world.threads.get(id) ?? world.channels.find((channel) => channel.id === id)
  if (place === undefined || place.deleted || channelOf(place).deleted) return undefined
  if (isThread(place)) archiveIfQuiet(place, nowMs)
  return place
}

/** Whether the bot may do something in a channel, or in the threads of it. */
export function may(world: World, place: Place, permission: Permission): boolean {
  const bot = world.members.find(({ userId }) => userId === world.bot.id) ?? { userId: world.bot.id, roleIds: [] }
  const bits = toPermissions(bot, world.everyone, world.roles, channelOf(place).overwrites)
  return (bits & PERMISSIONS[permission]) !== 0n
}

/** Tell a thread from a channel. */
export function isThread(place: Place): place is Thread {
  return 'parent' in place
}

/** The channel whose permissions hold in a place. */
export function channelOf(place: Place): Channel {
  return isThread(place) ? place.parent : place
}

/** The threads that count against the guild's limit, oldest first. */
export function activeThreads(world: World, nowMs: number): readonly Thread[] {
  const existing = [...world.threads.values()].filter(({ deleted, parent }) => !deleted && !parent.deleted)
  for (const thread of existing) archiveIfQuiet(thread, nowMs)
  return existing.filter(({ archived }) => !archived)
}

/** Set or lift the archived state; both restart the thread's quiet time. */
export function archive(thread: Thread, archived: boolean, atMs: number): void {
  thread.archived = archived
  thread.archiveChangedAtMs = atMs
  if (!archived) thread.activeAtMs = atMs
}

/** A thread nobody wrote in for as long as it was given is archived since then. */
export function archiveIfQuiet(thread: Thread, nowMs: number): void {
  const dueAtMs = thread.activeAtMs + thread.autoArchiveMinutes * 60_000
  if (!thread.archived && nowMs >= dueAtMs) archive(thread, true, dueAtMs)
}
