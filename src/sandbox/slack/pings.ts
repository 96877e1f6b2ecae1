/** How the text outside blocks is read: Slack's `parse` and `link_names`. */
export interface Parsing {
  readonly parse: string
  readonly linkNames: boolean
}

export interface Pinging {
  readonly text: string
  readonly blocks?: readonly unknown[] | undefined
  readonly attachments?: readonly unknown[] | undefined
}

/**
 * Who a new message notifies: ids of users and groups, and the words here,
 * channel and everyone; each once. Where Slack's reading is not documented this
 * counts the ping: better one too many than a mention nobody meant.
 * @see https://docs.slack.dev/messaging/formatting-message-text
 */
export function toPings(message: Pinging, parsing: Parsing): readonly string[] {
  const literal = parsing.parse === 'full' || parsing.linkNames
  // With blocks the text is only what a notification says; it is not part of the message.
  const text = (message.blocks ?? []).length > 0 ? [] : inMrkdwn(message.text, literal)
  const attachments = (message.attachments ?? []).flatMap((attachment) => inAttachment(attachment, literal))
  return [...new Set([...text, ...inBlock(message.blocks ?? []), ...attachments])]
}

/** `<!here>`, `<@U…>`, `<!subteam^S…>`; and `@here` as it stands where Slack links names by itself. */
function inMrkdwn(text: string, literal: boolean): readonly string[] {
  const tokens = [...text.matchAll(/<([@!])([^>|]+)(?:\|[^>]*)?>/g)].flatMap(([, sign, name]) => {
    if (sign === '@') return [String(name)]
    const group = /^subteam\^(\w+)$/.exec(String(name))
    if (group !== null) return [String(group[1])]
    return /^(?:here|channel|everyone|group)$/.test(String(name)) ? [String(name)] : []
  })
  const words = literal ? [...text.matchAll(/(?:^|[^\w@<!])@(here|channel|everyone)\b/g)] : []
  return [...tokens, ...words.map(([, word]) => String(word))]
}

/** Of the old members of an attachment, those Slack reads as mrkdwn. A fallback is plain text. */
function inAttachment(attachment: unknown, literal: boolean): readonly string[] {
  if (!isObject(attachment)) return []
  const fields = Array.isArray(attachment['fields']) ? attachment['fields'] : []
  const texts = [attachment['pretext'], attachment['text'], ...fields.map((field) => isObject(field) && field['value'])]
  const own = texts.flatMap((text) => (typeof text === 'string' ? inMrkdwn(text, literal) : []))
  return [...own, ...inBlock(attachment['blocks'])]
}

/** Anything inside blocks, however deep: only three kinds of elements and two kinds of text can call somebody. */
function inBlock(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(inBlock)
  if (!isObject(value)) return []
  const { type, text } = value
  if (type === 'mrkdwn' && typeof text === 'string') return inMrkdwn(text, value['verbatim'] !== true)
  if (type === 'markdown' && typeof text === 'string') return inMrkdwn(text, true)
  if (type === 'user') return [String(value['user_id'])]
  if (type === 'usergroup') return [String(value['usergroup_id'])]
  if (type === 'broadcast') return [String(value['range'])]
  return Object.values(value).flatMap(inBlock)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
