import * as v from 'valibot'
import { RichTextElements, Url, words } from './richtext.ts'

const Id = v.optional(words(255))

function plainText(max: number) {
  return v.strictObject({ type: v.literal('plain_text'), text: words(max), emoji: v.optional(v.boolean()) })
}

function anyText(max: number) {
  const mrkdwn = v.strictObject({ type: v.literal('mrkdwn'), text: words(max), verbatim: v.optional(v.boolean()) })
  return v.variant('type', [plainText(max), mrkdwn])
}

const Confirm = v.optional(
  v.strictObject({
    title: v.optional(plainText(100)),
    text: anyText(300),
    confirm: v.optional(plainText(30)),
    deny: v.optional(plainText(30)),
    style: v.optional(v.picklist(['primary', 'danger'])),
  }),
)

const Option = v.strictObject({
  text: anyText(75),
  value: v.optional(words(150)),
  description: v.optional(anyText(75)),
  url: v.optional(Url),
})

const Button = v.strictObject({
  type: v.literal('button'),
  text: plainText(75),
  action_id: Id,
  url: v.optional(Url),
  value: v.optional(words(2000)),
  style: v.optional(v.picklist(['primary', 'danger'])),
  confirm: Confirm,
  accessibility_label: v.optional(words(75)),
})

const Overflow = v.strictObject({
  type: v.literal('overflow'),
  action_id: Id,
  options: v.pipe(v.array(Option), v.minLength(1), v.maxLength(5)),
  confirm: Confirm,
})

const Select = v.strictObject({
  type: v.literal('static_select'),
  action_id: Id,
  placeholder: v.optional(plainText(150)),
  options: v.pipe(v.array(Option), v.minLength(1), v.maxLength(100)),
  initial_option: v.optional(Option),
  confirm: Confirm,
})

const Image = v.strictObject({ type: v.literal('image'), image_url: Url, alt_text: words(2000) })
const RichText = v.strictObject({ type: v.literal('rich_text'), block_id: Id, elements: RichTextElements })

const Section = v.pipe(
  v.strictObject({
    type: v.literal('section'),
    block_id: Id,
    text: v.optional(anyText(3000)),
    fields: v.optional(v.pipe(v.array(anyText(2000)), v.minLength(1), v.maxLength(10))),
    accessory: v.optional(v.variant('type', [Button, Overflow, Select, Image])),
    expand: v.optional(v.boolean()),
  }),
  v.check((section) => section.text !== undefined || section.fields !== undefined, 'missing required field: text'),
)

const Cell = v.variant('type', [
  RichText,
  v.strictObject({ type: v.literal('raw_text'), text: words() }),
  v.strictObject({ type: v.literal('raw_number'), value: v.number(), text: words() }),
])

const Column = v.strictObject({
  align: v.optional(v.picklist(['left', 'center', 'right'])),
  is_wrapped: v.optional(v.boolean()),
})

export type Block = v.InferOutput<typeof Blocks>[number]

/**
 * The blocks of a message with every limit of @slack/types 3.2.0: those an app sends to a
 * channel. Blocks for modals and for AI answers are refused as unknown.
 * @see https://docs.slack.dev/reference/block-kit/blocks
 */
export const Blocks = v.pipe(
  v.array(
    v.variant('type', [
      Section,
      RichText,
      v.strictObject({ type: v.literal('header'), block_id: Id, text: plainText(150) }),
      v.strictObject({ type: v.literal('divider'), block_id: Id }),
      v.strictObject({
        type: v.literal('context'),
        block_id: Id,
        elements: v.pipe(v.array(v.variant('type', [anyText(3000), Image])), v.minLength(1), v.maxLength(10)),
      }),
      v.strictObject({
        type: v.literal('actions'),
        block_id: Id,
        elements: v.pipe(v.array(v.variant('type', [Button, Overflow, Select])), v.minLength(1), v.maxLength(25)),
      }),
      v.strictObject({ ...Image.entries, block_id: Id, title: v.optional(plainText(2000)) }),
      v.strictObject({ type: v.literal('markdown'), block_id: Id, text: words(12_000) }),
      v.strictObject({
        type: v.literal('alert'),
        block_id: Id,
        text: anyText(3000),
        level: v.optional(v.picklist(['default', 'info', 'warning', 'error', 'success'])),
      }),
      v.strictObject({
        type: v.literal('table'),
        block_id: Id,
        rows: v.pipe(v.array(v.pipe(v.array(Cell), v.minLength(1), v.maxLength(20))), v.minLength(1), v.maxLength(100)),
        column_settings: v.optional(v.pipe(v.array(Column), v.maxLength(20))),
      }),
    ]),
  ),
  v.maxLength(50),
)
