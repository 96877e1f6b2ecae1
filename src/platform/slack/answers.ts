import * as v from 'valibot'

/** The answer to chat.postMessage, as far as it is relied on. */
export const Posted = v.object({
  channel: v.pipe(v.string(), v.minLength(1)),
  ts: v.pipe(v.string(), v.minLength(1)),
  message: v.optional(v.object({ thread_ts: v.optional(v.string()), metadata: v.optional(v.unknown()) })),
})

/** The answer to auth.test. Only bots have a `bot_id`. */
export const Identity = v.object({ bot_id: v.string() })

/** The answer to users.lookupByEmail. Guests are people like any other. */
export const Profile = v.object({
  user: v.object({ id: v.pipe(v.string(), v.regex(/^[UW][A-Z0-9]{2,}$/)), deleted: v.optional(v.boolean()) }),
})

/** The answer to auth.test, for whoever wants to know who the token is. */
export const Tested = v.object({ user: v.string(), team: v.string(), bot_id: v.optional(v.string()) })

/** What a refusal for want of a scope says of it. */
export const Missing = v.object({ needed: v.string() })

/** The answer to conversations.info. */
export const ChannelInfo = v.object({
  channel: v.object({ name: v.string(), is_archived: v.optional(v.boolean(), false) }),
})

/** The answer to chat.getPermalink. */
export const Permalink = v.object({ permalink: v.pipe(v.string(), v.url()) })

/** One page of conversations.history or conversations.replies. */
export const Page = v.object({
  messages: v.array(
    v.object({
      ts: v.string(),
      bot_id: v.optional(v.string()),
      thread_ts: v.optional(v.string()),
      client_msg_id: v.optional(v.string()),
      metadata: v.optional(v.unknown()),
    }),
  ),
  response_metadata: v.optional(v.object({ next_cursor: v.optional(v.string()) })),
})

export type Listed = v.InferOutput<typeof Page>['messages'][number]

const Mark = v.object({ event_payload: v.object({ key: v.string() }) })

/** The key in the metadata of a message, if it is one of ours. */
export function keyIn(metadata: unknown): string | undefined {
  const mark = v.safeParse(Mark, metadata)
  return mark.success ? mark.output.event_payload.key : undefined
}
