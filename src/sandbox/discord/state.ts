import type { Call } from '../call.ts'
import { archiveIfQuiet } from './request.ts'
import { toWireMessage, type Wire } from './wire.ts'
import { FORUM_CHANNEL, type Channel, type Message, type Thread, type World } from './world.ts'

/** Everything there is to see: channels in the guild's order, calls oldest first. */
export interface DiscordState {
  /** Users and roles of the guild, by the name others see. */
  readonly people: readonly { readonly id: string; readonly name: string }[]
  readonly channels: readonly DiscordChannelState[]
  readonly calls: readonly Call[]
}

export interface DiscordChannelState {
  readonly id: string
  readonly name: string
  /** 0 a text channel, 15 a forum. */
  readonly type: number
  readonly deleted: boolean
  /** Oldest first; of a forum the first message of each post. Deleted ones stay, and say so. */
  readonly messages: readonly DiscordRootState[]
}

/** Discord's own message object, and what it does not tell. */
export interface DiscordMessageState extends Wire {
  readonly id: string
  readonly content: string
  /** Who was notified: ids of users and roles, and the words everyone and here. */
  readonly pings: readonly string[]
  /** Who an edit's text named with leave to do so; an edit notifies nobody. */
  readonly edit_pings: readonly string[]
  readonly edits: number
  readonly deleted: boolean
}

export interface DiscordRootState extends DiscordMessageState {
  /** The replies in the thread that was started from this message, or in this post; oldest first. */
  readonly thread: readonly DiscordMessageState[]
  readonly thread_info?: {
    readonly id: string
    readonly name: string
    readonly archived: boolean
    readonly locked: boolean
    readonly deleted: boolean
    readonly applied_tags: readonly string[]
  }
}

/** The whole guild, deleted things included; `nowMs` decides which threads are archived by now. */
export function toState(world: World, calls: readonly Call[], nowMs: number): DiscordState {
  const users = world.users.map(({ id, username, global_name }) => ({ id, name: global_name ?? username }))
  const people = [...users, ...world.roles.map(({ id, name }) => ({ id, name }))]
  return { people, channels: world.channels.map((channel) => toChannelState(world, channel, nowMs)), calls: [...calls] }
}

/** One channel of it. */
export function toChannelState(world: World, channel: Channel, nowMs: number): DiscordChannelState {
  const { id, name, type, deleted } = channel
  const messages = rootsOf(world, channel).map(([message, thread]) => {
    if (thread === undefined) return { ...toMessageState(world, message), thread: [] }
    archiveIfQuiet(thread, nowMs)
    return { ...toMessageState(world, message), ...toThreadState(world, thread) }
  })
  return { id, name, type, deleted, messages }
}

function rootsOf(world: World, channel: Channel): readonly (readonly [Message, Thread | undefined])[] {
  if (channel.type !== FORUM_CHANNEL) {
    return [...channel.messages.values()].map((message) => [message, world.threads.get(message.id)])
  }
  const posts = [...world.threads.values()].filter(({ parent }) => parent === channel)
  return posts.flatMap((post) => {
    const first = post.messages.get(post.id)
    return first === undefined ? [] : [[first, post] as const]
  })
}

/** The line that Discord puts on top of a thread only repeats the root: it is left out. */
function toThreadState(world: World, thread: Thread): Pick<DiscordRootState, 'thread' | 'thread_info'> {
  const { id, name, archived, locked, deleted, tags } = thread
  const replies = [...thread.messages.values()].filter((message) => message.id !== id && message.type === 0)
  return {
    thread: replies.map((message) => toMessageState(world, message)),
    thread_info: { id, name, archived, locked, deleted, applied_tags: tags },
  }
}

function toMessageState(world: World, message: Message): DiscordMessageState {
  const { thread: _, ...wire } = toWireMessage(world, message)
  const { id, content, pings, edits, deleted } = message
  return { ...wire, id, content, pings, edit_pings: message.editPings, edits, deleted }
}
