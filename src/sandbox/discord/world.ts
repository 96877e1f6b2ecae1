import type { Component } from './components.ts'
import type { Embed } from './embed.ts'
import { PERMISSIONS, toBits, type Member, type Overwrite, type Role } from './permission.ts'
import { createSnowflakes } from './snowflake.ts'

export const TEXT_CHANNEL = 0
export const FORUM_CHANNEL = 15

/** A channel to have in the sandbox's guild. */
export interface DiscordChannelOptions {
  readonly id: string
  readonly name: string
  readonly type: 'text' | 'forum'
  /** The tags of a forum. */
  readonly tags?: readonly string[]
  /** A forum where every post needs a tag. */
  readonly requireTag?: boolean
  /** The bot cannot see it. */
  readonly hidden?: boolean
}

export interface User {
  readonly id: string
  readonly username: string
  readonly global_name: string | null
  readonly discriminator: string
  readonly avatar: null
  readonly bot: boolean
}

export interface Channel {
  readonly id: string
  readonly type: typeof TEXT_CHANNEL | typeof FORUM_CHANNEL
  readonly position: number
  readonly tags: readonly { readonly id: string; readonly name: string }[]
  readonly requireTag: boolean
  readonly overwrites: Overwrite[]
  readonly messages: Map<string, Message>
  name: string
  topic: string | null
  deleted: boolean
}

/** A thread's id is that of the message it was started from; a forum post's first message has the post's id. */
export interface Thread {
  readonly id: string
  readonly parent: Channel
  readonly ownerId: string
  readonly createdAtMs: number
  readonly messages: Map<string, Message>
  name: string
  tags: readonly string[]
  locked: boolean
  archived: boolean
  /** When it was last created, archived or re-opened. */
  archiveChangedAtMs: number
  autoArchiveMinutes: number
  /** When it last had a message or was re-opened: it is archived that many minutes later. */
  activeAtMs: number
  sent: number
  deleted: boolean
}

/** Where messages are: a text channel, or a thread of a channel. */
export type Place = Channel | Thread

/** A message on the wire, and what the wire does not show. */
export interface Message {
  readonly id: string
  readonly place: Place
  /** 0 somebody wrote it; 18 a thread was started; 21 the first line of a thread. */
  readonly type: 0 | 18 | 21
  readonly author: User
  readonly createdAtMs: number
  readonly reference?: { readonly channelId: string; readonly messageId?: string }
  content: string
  embeds: readonly Embed[]
  components: readonly Component[]
  flags: number
  editedAtMs: number | undefined
  mentioned: { users: readonly string[]; roles: readonly string[]; everyone: boolean }
  /** Who was notified when it was posted. */
  readonly pings: readonly string[]
  /** Who an edit named again: nobody is notified, but it shows that the edit let the text speak. */
  editPings: readonly string[]
  edits: number
  deleted: boolean
}

/** The guild, and everything that happened in it. */
export interface World {
  readonly guild: { readonly id: string; readonly name: string; readonly ownerId: string }
  readonly everyone: Role
  readonly roles: readonly Role[]
  readonly users: readonly User[]
  readonly members: readonly Member[]
  readonly bot: User
  readonly channels: readonly Channel[]
  readonly threads: Map<string, Thread>
  /** The nonces of the bot's newest messages. */
  readonly nonces: Map<string, { readonly message: Message; readonly atMs: number }>
  readonly maxActiveThreads: number
  readonly newId: () => string
  /** A word that automatic moderation keeps out of messages and thread names. */
  autoMod: string | null
}

/** The guild every sandbox starts with. Ids are fixed, so that a configuration can name them. */
export const DEFAULT_CHANNELS: readonly DiscordChannelOptions[] = [
  { id: '1100000000000000001', name: 'incidents', type: 'text' },
  { id: '1100000000000000002', name: 'payments', type: 'text' },
  { id: '1100000000000000003', name: 'incident-forum', type: 'forum', tags: ['critical', 'warning', 'info'] },
  { id: '1100000000000000004', name: 'board-room', type: 'text', hidden: true },
]

/** By the name they sign in with, and the one others see. */
const PEOPLE = [
  ['ana', 'Ann Lee'],
  ['ben', 'Ben Ortiz'],
  ['chen', '陈伟'],
] as const

const GUILD_ID = '1100000000000000100'
const BOT_ID = '1100000000000000010'
const BOT_ROLE_ID = '1100000000000000020'
/** A forum has at most 20 tags, so a channel's tags stand 20 apart. */
const FIRST_TAG_ID = 1_100_000_000_000_000_200n

/** A guild with empty channels. */
export function createWorld(options: {
  nowMs: () => number
  channels: readonly DiscordChannelOptions[]
  maxActiveThreads: number
}): World {
  const bot = createUser(BOT_ID, 'incident-relay')
  const people = PEOPLE.map(([name, shown], index) => createUser(`110000000000000001${index + 1}`, name, shown))
  const everyone = createRole(GUILD_ID, '@everyone', toBits(ANYBODY))
  return {
    guild: { id: GUILD_ID, name: 'Sandbox', ownerId: people[0]?.id ?? BOT_ID },
    everyone,
    roles: [
      { ...createRole(BOT_ROLE_ID, 'incident-relay', toBits(RELAY)), managed: true },
      { ...createRole('1100000000000000021', 'on-call', 0n), mentionable: true },
      createRole('1100000000000000022', 'management', 0n),
    ],
    users: [bot, ...people],
    members: [
      { userId: bot.id, roleIds: [BOT_ROLE_ID] },
      ...people.map(({ id }) => ({ userId: id, roleIds: ['1100000000000000021'] })),
    ],
    bot,
    channels: options.channels.map(createChannel),
    threads: new Map(),
    nonces: new Map(),
    maxActiveThreads: options.maxActiveThreads,
    newId: createSnowflakes(options.nowMs),
    autoMod: null,
  }
}

/** What everybody may do in a new guild, as far as the sandbox looks at it. */
const ANYBODY = ['VIEW_CHANNEL', 'SEND_MESSAGES', 'READ_MESSAGE_HISTORY', 'SEND_MESSAGES_IN_THREADS'] as const
/** What the relay asks for when it is invited, and no more. */
const RELAY = [...ANYBODY, 'EMBED_LINKS', 'CREATE_PUBLIC_THREADS'] as const

/** Without a name of their own to show, it is a bot. */
function createUser(id: string, name: string, shown?: string): User {
  const bot = shown === undefined
  return { id, username: name, global_name: shown ?? null, discriminator: bot ? '0007' : '0', avatar: null, bot }
}

function createRole(id: string, name: string, permissions: bigint): Role {
  return { id, name, permissions, mentionable: false, managed: false }
}

function createChannel(options: DiscordChannelOptions, position: number): Channel {
  const { id, name, type, tags = [], requireTag = false, hidden = false } = options
  const unseen: Overwrite = { id: GUILD_ID, type: 0, allow: 0n, deny: PERMISSIONS.VIEW_CHANNEL }
  return {
    id,
    name,
    type: type === 'forum' ? FORUM_CHANNEL : TEXT_CHANNEL,
    position,
    topic: null,
    tags: tags.map((tag, index) => ({ id: String(FIRST_TAG_ID + BigInt(position * 20 + index)), name: tag })),
    requireTag,
    overwrites: hidden ? [unseen] : [],
    messages: new Map(),
    deleted: false,
  }
}
