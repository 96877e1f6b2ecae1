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

/** A new forum post: the thread, whose first message may be told along. */
export const Post = v.object({ id: Snowflake, message: v.optional(Message) })

export const User = v.object({ id: Snowflake })
