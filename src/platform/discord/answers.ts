import * as v from 'valibot'

const Snowflake = v.pipe(v.string(), v.regex(/^\d{17,20}$/))
const OptionalText = v.nullish(v.string(), '')

/** A message, as far as this relay reads it. */
export const Message = v.object({
  id: Snowflake,
  content: OptionalText,
  author: v.optional(v.object({ id: Snowflake })),
  nonce: v.nullish(v.union([v.string(), v.number()])),
  embeds: v.optional(
    v.array(v.object({ url: OptionalText, footer: v.optional(v.object({ text: OptionalText }), { text: '' }) })),
    [],
  ),
})
export type Message = v.InferOutput<typeof Message>

export const Messages = v.array(Message)

/** A channel or a thread, as far as this relay reads it. */
export const Channel = v.object({
  id: Snowflake,
  type: v.number(),
  guild_id: v.optional(Snowflake),
  parent_id: v.nullish(Snowflake),
  owner_id: v.optional(Snowflake),
  last_message_id: v.nullish(Snowflake),
  flags: v.optional(v.number(), 0),
  available_tags: v.optional(v.array(v.object({ id: Snowflake, moderated: v.optional(v.boolean(), false) })), []),
  thread_metadata: v.optional(v.object({ locked: v.optional(v.boolean(), false) })),
})
export type Channel = v.InferOutput<typeof Channel>

export const Threads = v.object({ threads: v.array(Channel) })

const Bits = v.pipe(
  v.string(),
  v.regex(/^\d{1,30}$/),
  v.transform((digits) => BigInt(digits)),
)

/** What a channel allows or denies a role (0) or one member (1). */
export const Overwrite = v.object({ id: Snowflake, type: v.number(), allow: Bits, deny: Bits })
export type Overwrite = v.InferOutput<typeof Overwrite>

/** A channel, for whoever wants to know what may be done in it. */
export const InspectedChannel = v.object({
  ...Channel.entries,
  name: OptionalText,
  permission_overwrites: v.optional(v.array(Overwrite), []),
})
export type InspectedChannel = v.InferOutput<typeof InspectedChannel>

/** A server with its roles; that of everyone has the server's id. */
export const Guild = v.object({
  id: Snowflake,
  name: v.string(),
  roles: v.array(v.object({ id: Snowflake, name: v.string(), permissions: Bits, mentionable: v.boolean() })),
})
export type Guild = v.InferOutput<typeof Guild>

/** The bot as a member of a server. */
export const Member = v.object({
  roles: v.array(Snowflake),
  /** The end of a time-out, which may have passed. */
  communication_disabled_until: v.nullish(v.string()),
})
export type Member = v.InferOutput<typeof Member>

/** A new forum post: the thread, whose first message may be told along. */
export const Post = v.object({ id: Snowflake, message: v.optional(Message) })

export const User = v.object({ id: Snowflake, username: OptionalText })
export type User = v.InferOutput<typeof User>
