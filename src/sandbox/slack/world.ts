import type { FilledBlock } from './fill.ts'
import type { Metadata } from './metadata.ts'
import { toMicros, toTs } from './ts.ts'

/** A message object as Slack gives it out. */
export interface SlackMessage {
  readonly type: 'message'
  readonly subtype?: string
  readonly ts: string
  readonly user: string
  readonly team: string
  readonly text: string
  readonly bot_id?: string
  readonly app_id?: string
  readonly client_msg_id?: string
  readonly blocks?: readonly FilledBlock[]
  readonly attachments?: readonly object[]
  readonly metadata?: Metadata | Pick<Metadata, 'event_type'>
  readonly edited?: { readonly user: string; readonly ts: string }
  readonly thread_ts?: string
  readonly parent_user_id?: string
  readonly [more: string]: unknown
}

/** One message and what Slack knows about it but does not give out. */
export interface Post {
  message: SlackMessage
  /** Who was notified when it was posted. An edit notifies nobody. */
  readonly pings: readonly string[]
  readonly root?: Post
  /** Oldest first. */
  readonly replies: Post[]
  edits: number
  deleted: boolean
  locked: boolean
}

export interface Channel {
  readonly id: string
  readonly name: string
  readonly isPrivate: boolean
  isMember: boolean
  isArchived: boolean
  /** Every message ever posted, by `ts`, oldest first. */
  readonly posts: Map<string, Post>
  /** By `client_msg_id`. */
  readonly posted: Map<string, Post>
  lastMicros: number
}

export interface Person {
  readonly id: string
  readonly name: string
  readonly realName: string
  readonly email: string
  /** Left the company: still in old messages, and not to be found any more. */
  readonly deactivated?: true
  /** Sees only the channels they were invited to. */
  readonly guest?: true
}

export interface World {
  readonly team: { readonly id: string; readonly name: string; readonly url: string }
  readonly bot: { readonly id: string; readonly userId: string; readonly appId: string; readonly name: string }
  token: string
  revoked: boolean
  scopes: readonly string[]
  /** Whether a `client_msg_id` sent twice makes one message. Slack does not promise it. */
  readonly deduplicates: boolean
  readonly people: readonly Person[]
  readonly channels: readonly Channel[]
  /** Grows with every id that Slack fills in. */
  serial: number
}

export interface SlackChannelOptions {
  readonly id: string
  readonly name: string
  /** Whether the bot is in it; default true. */
  readonly member?: boolean
  readonly private?: boolean
}

const DEFAULT_TOKEN = 'xoxb-sandbox-0001-local-only'

const DEFAULT_CHANNELS: readonly SlackChannelOptions[] = [
  { id: 'C0INCIDENTS', name: 'incidents' },
  { id: 'C0PAYMENTS', name: 'payments' },
  { id: 'C0GENERAL', name: 'general', member: false },
  { id: 'C0SECURITY', name: 'security', member: false, private: true },
]

/** What the recommended manifest asks for, but for `chat:write.public`: the bot posts where it was invited. */
const DEFAULT_SCOPES = [
  'chat:write',
  'channels:read',
  'groups:read',
  'channels:history',
  'groups:history',
  'users:read',
  'users:read.email',
]

const PEOPLE: readonly Person[] = [
  { id: 'U0ANNLEE01', name: 'ann', realName: 'Ann Lee', email: 'ann@example.com' },
  { id: 'U0BENORT02', name: 'ben', realName: 'Ben Ortiz', email: 'ben@example.com' },
  { id: 'U0CHENWE03', name: 'chen', realName: '陈伟', email: 'chen@example.com' },
  { id: 'U0DANANO04', name: 'dana', realName: 'Dana Novák', email: 'dana@example.com' },
  { id: 'U0GUSTAV05', name: 'gus', realName: 'Gus Tavera', email: 'gus@example.com', guest: true },
  { id: 'U0OLGAEX06', name: 'olga', realName: 'Olga Marsh', email: 'olga@example.com', deactivated: true },
]

/** A workspace with people and empty channels, and a bot that is in most of them. */
export function createWorld(options: {
  readonly token?: string | undefined
  readonly channels?: readonly SlackChannelOptions[] | undefined
  readonly deduplicates?: boolean | undefined
}): World {
  return {
    team: { id: 'T0SANDBOX', name: 'Sandbox', url: 'https://sandbox.slack.com/' },
    bot: { id: 'B0RELAY001', userId: 'U0RELAY001', appId: 'A0RELAY001', name: 'incident-relay' },
    token: options.token ?? DEFAULT_TOKEN,
    revoked: false,
    scopes: DEFAULT_SCOPES,
    deduplicates: options.deduplicates ?? true,
    people: PEOPLE,
    channels: (options.channels ?? DEFAULT_CHANNELS).map((channel) => ({
      id: channel.id,
      name: channel.name,
      isPrivate: channel.private ?? false,
      isMember: channel.member ?? true,
      isArchived: false,
      posts: new Map(),
      posted: new Map(),
      lastMicros: 0,
    })),
    serial: 0,
  }
}

export function findChannel(world: World, nameOrId: string): Channel | undefined {
  const name = nameOrId.replace(/^#/, '')
  return world.channels.find((channel) => channel.id === nameOrId || channel.name === name)
}

/** Keep a new message under the next `ts` of its channel. */
export function addPost(
  channel: Channel,
  nowMs: number,
  post: { readonly root?: Post | undefined; readonly pings: readonly string[] },
  toMessage: (ts: string) => SlackMessage,
): Post {
  channel.lastMicros = Math.max(Math.floor(nowMs) * 1000, channel.lastMicros) + 100
  const ts = toTs(channel.lastMicros)
  const { root, pings } = post
  const added: Post = {
    message: toMessage(ts),
    pings,
    ...(root && { root }),
    replies: [],
    edits: 0,
    deleted: false,
    locked: false,
  }
  channel.posts.set(ts, added)
  root?.replies.push(added)
  return added
}

/** The message `ts` names, deleted ones included. */
export function findPost(channel: Channel, ts: string): Post | undefined {
  const micros = toMicros(ts)
  return micros === undefined ? undefined : channel.posts.get(toTs(micros))
}

export function liveReplies(post: Post): readonly Post[] {
  return post.replies.filter((reply) => !reply.deleted)
}

/** Whether anything of a message is left: itself, or the tombstone that replies hang from. */
export function isShown(post: Post): boolean {
  return !post.deleted || liveReplies(post).length > 0
}

/**
 * The message as the API shows it: a root with replies says so, a deleted one is
 * a tombstone. Of the metadata only the type is given out unless all is asked for.
 */
export function toShown(world: World, post: Post, allMetadata: boolean): SlackMessage {
  const replies = liveReplies(post)
  const ts = post.message.ts
  const last = replies.at(-1)
  const thread = last && {
    thread_ts: ts,
    reply_count: replies.length,
    reply_users_count: new Set(replies.map(({ message }) => message.user)).size,
    reply_users: [...new Set(replies.map(({ message }) => message.user))],
    latest_reply: last.message.ts,
    is_locked: post.locked,
  }
  if (post.deleted) {
    const text = 'This message was deleted.'
    return {
      type: 'message',
      subtype: 'tombstone',
      hidden: true,
      user: 'USLACKBOT',
      team: world.team.id,
      text,
      ts,
      ...thread,
    }
  }
  const { metadata, ...message } = post.message
  const kept = metadata && { metadata: allMetadata ? metadata : { event_type: metadata.event_type } }
  return { ...message, ...kept, ...thread }
}
