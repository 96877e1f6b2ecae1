import { toPlainText, type Field, type Message, type RichText, type Tone } from '../../message/message.ts'
import { cutText } from '../../message/text.ts'
import { toSafeUrl } from '../../message/url.ts'
import { toInert } from './escape.ts'
import { isBlank, isInstant, toMarkdown, toMaskedLink, toQuote, wordsToMarkdown } from './markdown.ts'

/** An embed, as Discord takes it. */
export interface Embed {
  readonly color: number
  readonly title?: string
  readonly url?: string
  readonly description?: string
  readonly fields?: readonly { readonly name: string; readonly value: string; readonly inline: boolean }[]
  readonly footer?: { readonly text: string }
  readonly timestamp?: string
}

/** The bar beside a message. Closed while monitoring still fires must not look like recovered. */
const COLORS = {
  critical: 0xd92d20,
  warning: 0xf97316,
  info: 0x2e90fa,
  processing: 0xf4c430,
  snoozed: 0x98a2b3,
  recovered: 0x2eb67d,
  closed: 0x12805c,
  firing: 0xc11574,
  neutral: 0xd0d5dd,
} as const satisfies Record<Tone, number>

/**
 * Discord's own limits, UTF-16 units being the strictest way to count; `total` is over all texts of an embed.
 * https://docs.discord.com/developers/resources/message#embed-object-embed-limits (as of 2026-11)
 */
const MAX = { title: 256, description: 4096, fields: 25, name: 256, value: 1024, total: 6000 }

/** Ours: what a reader takes in at a glance, and what is kept free of it for the parts that come later. */
const OUR = {
  lines: 2500,
  onlyLines: 4000,
  line: 1000,
  lineCount: 20,
  footer: 300,
  quoteKept: 800,
  shortField: 40,
  url: 1500,
}

/** Ours: room for the mark a create is found again by. */
const MARKER_UNITS = 20

/** Everything a message has, inside every limit of Discord's. What comes first in importance gets the room. */
export function fullEmbed(message: Message): Embed {
  const url = toSafeUrl(message.title?.url ?? '')
  const title = wordsToMarkdown(message.title?.text ?? '', MAX.title)
  const footer = toFooter(message.footer ?? [])
  const onlyLines = message.quote === undefined && message.fields.length === 0
  const lines = toLines(message.lines, onlyLines ? OUR.onlyLines : OUR.lines)
  const kept = message.quote === undefined ? 0 : OUR.quoteKept
  const left = MAX.total - MARKER_UNITS - title.length - (footer.footer?.text.length ?? 0) - lines.length
  const fields = toFields(message.fields, left - kept)
  const spent = fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0)
  const quote = toQuote(message.quote ?? '', Math.min(left - spent, MAX.description - lines.length) - 1)
  const description = [lines, quote].filter((part) => part !== '').join('\n')
  const nothing = title === '' && description === '' && fields.length === 0
  return {
    color: COLORS[message.tone],
    ...(title !== '' && { title, ...(url !== undefined && { url }) }),
    ...(description !== '' && { description }),
    ...(nothing && { description: wordsToMarkdown(message.summary, OUR.line) || '…' }),
    ...(fields.length > 0 && { fields }),
    ...footer,
  }
}

/**
 * What one cannot do without: title, first line, one link. The link is markdown, which Discord does not check: the
 * address in a title or a button may be the very thing that was refused.
 */
export function compactEmbed(message: Message): Embed {
  const title = wordsToMarkdown(message.title?.text ?? '', MAX.title)
  const line = message.lines.map((each) => toMarkdown(each, OUR.line)).find((each) => each !== '')
  const [first] = message.links
  const label = first?.label ?? message.title?.text ?? message.summary
  const link = toMaskedLink(label, message.title?.url ?? first?.url ?? '', OUR.url)
  const description = [line ?? '', link ?? ''].filter((part) => part !== '').join('\n')
  return {
    color: COLORS[message.tone],
    ...(title !== '' && { title }),
    description: description || wordsToMarkdown(message.summary, OUR.line) || '…',
  }
}

/** Each line its fair share of the room; what one leaves over goes to those after it. */
function toLines(lines: readonly RichText[], maxUnits: number): string {
  const shown = lines.slice(0, OUR.lineCount)
  let out = ''
  for (const [index, line] of shown.entries()) {
    const share = Math.floor((maxUnits - out.length) / (shown.length - index)) - 1
    const drawn = toMarkdown(line, Math.min(OUR.line, share))
    if (drawn !== '') out += out === '' ? drawn : `\n${drawn}`
  }
  return out
}

/** Each field its fair share of the room; what one leaves over goes to those after it. */
function toFields(fields: readonly Field[], room: number): NonNullable<Embed['fields']> {
  const shown = fields.slice(0, MAX.fields)
  let left = room
  return shown.flatMap((field, index) => {
    const share = Math.floor(left / (shown.length - index))
    const name = wordsToMarkdown(field.name, Math.min(MAX.name, Math.floor(share / 2))) || '\u200b'
    const value = toMarkdown(field.value, Math.min(MAX.value, share - name.length))
    if (value === '') return []
    left -= name.length + value.length
    return [{ name, value, inline: isShort(field.value) }]
  })
}

/** Short values stand side by side. */
function isShort(value: RichText): boolean {
  return toPlainText(value.filter(isDrawable)).length <= OUR.shortField
}

/** Footers are plain text, where no instant shows in the reader's time zone: one at the end moves to where it does. */
function toFooter(footer: RichText): { footer?: { text: string }; timestamp?: string } {
  const last = footer.at(-1)
  const atMs = last?.kind === 'time' && isInstant(last.atMs) ? last.atMs : undefined
  const spans = atMs === undefined ? footer : footer.slice(0, -1)
  const words = toInert(toPlainText(spans.filter(isDrawable)).replace(/\s+/g, ' '))
  const text = cutText(words, OUR.footer)
    .replace(/[\s·•|,–—-]+$/, '')
    .trim()
  return {
    ...(!isBlank(text) && { footer: { text } }),
    ...(atMs !== undefined && { timestamp: new Date(atMs).toISOString() }),
  }
}

function isDrawable(span: RichText[number]): boolean {
  return span.kind !== 'time' || isInstant(span.atMs)
}
