import type { Call } from '../call.ts'
import type { Channel, Post, SlackMessage, World } from './world.ts'

/** Everything that was posted and called, deleted messages included. */
export interface SlackState {
  /** Everybody in the workspace, by the name others see. */
  readonly people: readonly { readonly id: string; readonly name: string }[]
  readonly channels: readonly SlackChannelState[]
  readonly calls: readonly Call[]
}

export interface SlackChannelState {
  readonly id: string
  readonly name: string
  readonly is_private: boolean
  readonly is_member: boolean
  readonly is_archived: boolean
  /** Roots, oldest first. */
  readonly messages: readonly SlackRoot[]
}

/** A message object with what a person could tell about it. */
export type SlackPosted = SlackMessage & {
  /** Ids of users and groups, or here, channel, everyone. */
  readonly pings: readonly string[]
  readonly edits: number
  readonly deleted: boolean
}

/** `thread` holds the replies, oldest first, those shown in the channel too among them. */
export type SlackRoot = SlackPosted & { readonly thread: readonly SlackPosted[]; readonly locked: boolean }

export function toState(world: World, calls: readonly Call[]): SlackState {
  const people = world.people.map(({ id, realName }) => ({ id, name: realName }))
  return { people, channels: world.channels.map(toChannelState), calls: [...calls] }
}

export function toChannelState(channel: Channel): SlackChannelState {
  const { id, name, isPrivate, isMember, isArchived, posts } = channel
  const roots = [...posts.values()].filter((post) => post.root === undefined)
  const messages = roots.map((post) => ({ ...toPosted(post), thread: post.replies.map(toPosted), locked: post.locked }))
  return { id, name, is_private: isPrivate, is_member: isMember, is_archived: isArchived, messages }
}

function toPosted({ message, pings, edits, deleted }: Post): SlackPosted {
  return { ...message, pings, edits, deleted }
}
