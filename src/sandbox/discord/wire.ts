import type { Role } from './permission.ts'
import { toTimestamp } from './snowflake.ts'
import { FORUM_CHANNEL, type Channel, type Message, type Thread, type World } from './world.ts'

/** A JSON object as Discord sends it. */
export type Wire = Readonly<Record<string, unknown>>

const PUBLIC_THREAD = 11
/** Set on a message that a thread was started from. */
const HAS_THREAD = 1 << 5
/** Set on a forum where every post needs a tag. */
const REQUIRE_TAG = 1 << 4

/** @see {@link https://docs.discord.com/developers/resources/message#message-object} */
export function toWireMessage(world: World, message: Message): Wire {
  const { place, reference, mentioned } = message
  const thread = startedFrom(world, message)
  return {
    id: message.id,
    type: message.type,
    channel_id: place.id,
    author: message.author,
    content: message.content,
    embeds: message.embeds,
    components: message.components,
    attachments: [],
    mentions: mentioned.users.flatMap((id) => world.users.filter((user) => user.id === id)),
    mention_roles: mentioned.roles,
    mention_everyone: mentioned.everyone,
    pinned: false,
    tts: false,
    timestamp: toTimestamp(message.createdAtMs),
    edited_timestamp: message.editedAtMs === undefined ? null : toTimestamp(message.editedAtMs),
    flags: message.flags | (thread === undefined ? 0 : HAS_THREAD),
    ...(thread !== undefined && { thread: toWireThread(world, thread) }),
    ...(reference !== undefined && {
      message_reference: {
        type: 0,
        guild_id: world.guild.id,
        channel_id: reference.channelId,
        ...(reference.messageId !== undefined && { message_id: reference.messageId }),
      },
    }),
  }
}

/** @see {@link https://docs.discord.com/developers/resources/channel#channel-object} */
export function toWireChannel(world: World, channel: Channel): Wire {
  const forum = channel.type === FORUM_CHANNEL
  const threads = [...world.threads.values()].filter(({ parent, deleted }) => parent === channel && !deleted)
  const last = forum ? threads.at(-1)?.id : lastMessageId(channel.messages)
  return {
    id: channel.id,
    type: channel.type,
    guild_id: world.guild.id,
    name: channel.name,
    topic: channel.topic,
    position: channel.position,
    parent_id: null,
    nsfw: false,
    rate_limit_per_user: 0,
    last_message_id: last ?? null,
    flags: channel.requireTag ? REQUIRE_TAG : 0,
    permission_overwrites: channel.overwrites.map(({ id, type, allow, deny }) => ({
      id,
      type,
      allow: allow.toString(),
      deny: deny.toString(),
    })),
    ...(forum && {
      available_tags: channel.tags.map((tag) => ({ ...tag, moderated: false, emoji_id: null, emoji_name: null })),
      default_reaction_emoji: null,
      default_sort_order: null,
      default_forum_layout: 0,
    }),
  }
}

/** A thread is a channel object of its own type. */
export function toWireThread(world: World, thread: Thread): Wire {
  const forum = thread.parent.type === FORUM_CHANNEL
  const written = [...thread.messages.values()].filter(({ id, type, deleted }) => {
    return type === 0 && !deleted && id !== thread.id
  })
  return {
    id: thread.id,
    type: PUBLIC_THREAD,
    guild_id: world.guild.id,
    parent_id: thread.parent.id,
    owner_id: thread.ownerId,
    name: thread.name,
    last_message_id: lastMessageId(thread.messages) ?? null,
    message_count: written.length,
    total_message_sent: thread.sent,
    member_count: 1,
    rate_limit_per_user: 0,
    flags: 0,
    thread_metadata: {
      archived: thread.archived,
      archive_timestamp: toTimestamp(thread.archiveChangedAtMs),
      auto_archive_duration: thread.autoArchiveMinutes,
      locked: thread.locked,
      create_timestamp: toTimestamp(thread.createdAtMs),
    },
    ...(forum && { applied_tags: thread.tags }),
  }
}

/** @see {@link https://docs.discord.com/developers/topics/permissions#role-object} */
export function toWireRole(role: Role): Wire {
  return { ...role, permissions: role.permissions.toString(), color: 0, hoist: false, position: 0, flags: 0 }
}

/** The thread that was started from a message of a text channel. */
export function startedFrom(world: World, message: Message): Thread | undefined {
  const thread = world.threads.get(message.id)
  return thread !== undefined && thread.parent === message.place && !thread.deleted ? thread : undefined
}

function lastMessageId(messages: ReadonlyMap<string, Message>): string | undefined {
  return [...messages.keys()].at(-1)
}
