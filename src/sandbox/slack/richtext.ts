import * as v from 'valibot'

/** A text that is not empty. Slack refuses empty ones everywhere inside blocks. */
export function words(max = Infinity) {
  return v.pipe(v.string(), v.minLength(1), v.maxLength(max))
}

export const Url = v.pipe(
  words(3000),
  v.check((text) => /^(?:https?|mailto|tel|slack):/i.test(text) && URL.canParse(text), 'must be a valid URL'),
)

const Style = v.optional(
  v.strictObject({
    bold: v.optional(v.boolean()),
    italic: v.optional(v.boolean()),
    strike: v.optional(v.boolean()),
    code: v.optional(v.boolean()),
    underline: v.optional(v.boolean()),
  }),
)

const Text = v.strictObject({ type: v.literal('text'), text: words(), style: Style })
const Link = v.strictObject({
  type: v.literal('link'),
  url: Url,
  text: v.optional(words()),
  unsafe: v.optional(v.boolean()),
  style: Style,
})

/** As in @slack/types 3.2.0. https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
const DATE_TOKEN =
  /\{(?:day_divider_pretty|date_num|date_slash|date_long_full|time|time_secs|ago|date(?:_long|_short)?(?:_pretty)?)\}/g

const DateFormat = v.pipe(
  words(),
  v.check((format) => /\{\w+\}/.test(format) && !/[{}]/.test(format.replaceAll(DATE_TOKEN, '')), 'invalid date format'),
)

const Element = v.variant('type', [
  Text,
  Link,
  v.strictObject({ type: v.literal('user'), user_id: v.pipe(v.string(), v.regex(/^[UW][A-Z0-9]{2,}$/)), style: Style }),
  v.strictObject({
    type: v.literal('usergroup'),
    usergroup_id: v.pipe(v.string(), v.regex(/^S[A-Z0-9]{2,}$/)),
    style: Style,
  }),
  v.strictObject({
    type: v.literal('channel'),
    channel_id: v.pipe(v.string(), v.regex(/^[CG][A-Z0-9]{2,}$/)),
    style: Style,
  }),
  v.strictObject({ type: v.literal('broadcast'), range: v.picklist(['here', 'channel', 'everyone']), style: Style }),
  v.strictObject({
    type: v.literal('emoji'),
    name: v.pipe(v.string(), v.regex(/^[a-z0-9_+'-]+$/)),
    unicode: v.optional(words()),
    style: Style,
  }),
  v.strictObject({
    type: v.literal('date'),
    timestamp: v.pipe(v.number(), v.integer(), v.minValue(0)),
    format: DateFormat,
    url: v.optional(Url),
    fallback: v.optional(words()),
    style: Style,
  }),
  v.strictObject({ type: v.literal('color'), value: v.pipe(v.string(), v.regex(/^#[0-9a-fA-F]{6}$/)), style: Style }),
])

const Border = v.optional(v.picklist([0, 1]))
const Elements = v.pipe(v.array(Element), v.minLength(1))
const Section = v.strictObject({ type: v.literal('rich_text_section'), elements: Elements })

/** The elements of a `rich_text` block. Its texts are never parsed, so they need no escaping. */
export const RichTextElements = v.pipe(
  v.array(
    v.variant('type', [
      Section,
      v.strictObject({
        type: v.literal('rich_text_list'),
        style: v.picklist(['bullet', 'ordered']),
        elements: v.pipe(v.array(Section), v.minLength(1)),
        indent: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8))),
        offset: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
        border: Border,
      }),
      v.strictObject({ type: v.literal('rich_text_quote'), elements: Elements, border: Border }),
      v.strictObject({
        type: v.literal('rich_text_preformatted'),
        elements: v.pipe(v.array(v.variant('type', [Text, Link])), v.minLength(1)),
        border: Border,
      }),
    ]),
  ),
  v.minLength(1),
)
