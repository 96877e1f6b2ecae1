import * as v from 'valibot'
import { Blocks } from './blocks.ts'

/**
 * The old frame around blocks: the only one with a colour.
 * Members and limits as in @slack/types 3.2.0.
 * @see https://docs.slack.dev/messaging/formatting-message-text#attachments
 */
export const Attachments = v.array(
  v.strictObject({
    blocks: v.optional(Blocks),
    fallback: v.optional(v.string()),
    color: v.optional(v.pipe(v.string(), v.regex(/^(?:good|warning|danger|#?[0-9a-f]{6}|#[0-9a-f]{3})$/i))),
    pretext: v.optional(v.string()),
    author_name: v.optional(v.string()),
    author_link: v.optional(v.string()),
    author_icon: v.optional(v.string()),
    title: v.optional(v.string()),
    title_link: v.optional(v.string()),
    text: v.optional(v.string()),
    fields: v.optional(
      v.array(v.strictObject({ title: v.string(), value: v.string(), short: v.optional(v.boolean()) })),
    ),
    image_url: v.optional(v.string()),
    thumb_url: v.optional(v.string()),
    footer: v.optional(v.pipe(v.string(), v.maxLength(300))),
    footer_icon: v.optional(v.string()),
    ts: v.optional(v.union([v.string(), v.number()])),
    callback_id: v.optional(v.string()),
    mrkdwn_in: v.optional(v.array(v.picklist(['pretext', 'text', 'fields']))),
  }),
)

export type Attachment = v.InferOutput<typeof Attachments>[number]
