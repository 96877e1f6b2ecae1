import type { ContextBlock, RichTextElement } from '@slack/types'
import type { Field, Link, Mentioned, Message, RichText } from '../../message/message.ts'
import { cutText } from '../../message/text.ts'
import { fit, joinText, widthOf } from './fit.ts'
import { linkElement, textElement, toCall, toElements, toLine, toSafe } from './rich-text.ts'
import type { MayCall, People } from './rich-text.ts'

/** How the words of a part are drawn: who is known, and who may be called from it. */
export interface Ink {
  readonly people: People
  readonly mayCall: MayCall
}

/** Ours: what a reader still takes in at a glance. The byte limit of the whole message comes on top. */
const MAX_CHARS = { title: 250, line: 500, fieldName: 60, fieldValue: 300, link: 75, footer: 300 }
const MAX_COUNT = { lines: 20, fields: 20, links: 5, calls: 20, quoteLines: 10 }

/** In place of a summary without a word, where the message does not even say what it is called. */
export const UNNAMED = '…'

/** Ours: two short fields share a line up to this width, which keeps a card of eight fields on one screen. */
const FIELD_PAIR_CHARS = 56

/** Slack: 10 elements in a context block. https://docs.slack.dev/reference/block-kit/blocks/context-block (as of 2026-11) */
const MAX_CONTEXT_ELEMENTS = 10

/** The title, bold, linked where there is an address; the summary for a message without one. */
export function titlePart(message: Message): RichTextElement[] {
  const { text, url } = message.title ?? { text: message.summary, url: undefined }
  const words = cutText(toLine(text).trim() || message.noun || UNNAMED, MAX_CHARS.title)
  const element = url === undefined ? textElement(words, BOLD) : linkElement(words, url, BOLD)
  return element === undefined ? [] : [element]
}

export function linesPart(lines: readonly RichText[], ink: Ink): RichTextElement[] {
  return stack(lines.slice(0, MAX_COUNT.lines).map((line) => drawSpans(line, MAX_CHARS.line, ink)))
}

/** `Name: value`, one a line, or two where both are short. Without a value there is no field. */
export function fieldsPart(fields: readonly Field[], ink: Ink): RichTextElement[] {
  const rows: { elements: RichTextElement[]; open: boolean }[] = []
  for (const field of fields.slice(0, MAX_COUNT.fields)) {
    const elements = fieldElements(field, ink)
    if (elements.length === 0) continue
    const last = rows.at(-1)
    if (last?.open === true && widthOf(last.elements) + widthOf(elements) <= FIELD_PAIR_CHARS) {
      last.elements = [...last.elements, BETWEEN, ...elements]
      last.open = false
    } else {
      rows.push({ elements, open: true })
    }
  }
  return stack(rows.map((row) => row.elements))
}

/** A longer text of the incident, cut to `maxChars` and to a number of lines that leaves the rest in view. */
export function quotePart(quote: string | undefined, maxChars: number): RichTextElement[] {
  const text = toSafe(quote ?? '')
    .replace(/\n\s*\n/g, '\n')
    .trim()
  const lines = text.split('\n')
  const few = lines.length > MAX_COUNT.quoteLines ? `${lines.slice(0, MAX_COUNT.quoteLines).join('\n')}…` : text
  const words = cutText(few, maxChars)
  return words === '' ? [] : [{ type: 'text', text: words }]
}

/** A line of links; one whose address is unusable is left out, for its label alone says nothing. */
export function linksPart(links: readonly Link[]): RichTextElement[] {
  const drawn = links.slice(0, MAX_COUNT.links).flatMap((link) => {
    const element = linkElement(cutText(toLine(link.label), MAX_CHARS.link), link.url, link.style && BOLD)
    return element?.type === 'link' ? [element] : []
  })
  return drawn.flatMap((element, index) => (index === 0 ? [element] : [BETWEEN, element]))
}

/**
 * Who is to be called, leaving out those already called in `beside`, the other words of the message. People unknown to
 * Slack stand here by their names, beside those who are called and unless those words have them.
 */
export function callsPart(
  mentions: readonly Mentioned[],
  people: People,
  beside: readonly RichTextElement[] = [],
): RichTextElement[] {
  const words = beside.map((element) => (element.type === 'text' ? element.text : '')).join('')
  const seen = new Set(beside.map(identityOf))
  const drawn = mentions.slice(0, MAX_COUNT.calls).flatMap((who) => {
    const element = toCall(who, people) ?? (who.kind === 'person' ? nameElement(who.name, words) : undefined)
    if (element === undefined || seen.has(identityOf(element))) return []
    seen.add(identityOf(element))
    return [element]
  })
  // Names alone call nobody, and would hang below the message without a word.
  if (!drawn.some((element) => element.type !== 'text')) return []
  return joinText(drawn.flatMap((element, index) => (index === 0 ? [element] : [SPACE, element])))
}

/** Lets exactly those be called whom the message names in `mentions`. */
export function callsOnly(mentions: readonly Mentioned[], people: People): MayCall {
  const intended = new Set(
    mentions
      .map((who) => toCall(who, people))
      .flatMap((call) => call ?? [])
      .map(identityOf),
  )
  return (call) => intended.has(identityOf(call))
}

export function footerPart(footer: RichText | undefined, ink: Ink): RichTextElement[] {
  return drawSpans(footer ?? [], MAX_CHARS.footer, ink)
}

/**
 * A footer in small type. Its words are `plain_text`; only an instant is mrkdwn, made of a number and our own
 * constants, since a context block knows no `date` element.
 * @see https://docs.slack.dev/messaging/formatting-message-text#date-formatting
 */
export function toContextBlock(footer: readonly RichTextElement[]): ContextBlock {
  const elements = footer.flatMap((element): ContextBlock['elements'] => {
    if (element.type === 'date') {
      const { timestamp, format, fallback } = element
      return [{ type: 'mrkdwn', text: `<!date^${timestamp}^${format}|${fallback ?? timestamp}>`, verbatim: true }]
    }
    const text = element.type === 'text' || element.type === 'link' ? (element.text ?? '').trim() : ''
    return text === '' ? [] : [{ type: 'plain_text', text, emoji: false }]
  })
  return { type: 'context', elements: elements.slice(0, MAX_CONTEXT_ELEMENTS) }
}

const BOLD = { bold: true } as const
const BETWEEN: RichTextElement = { type: 'text', text: '  ·  ' }
const SPACE: RichTextElement = { type: 'text', text: ' ' }
const NEW_LINE: RichTextElement = { type: 'text', text: '\n' }

function nameElement(name: string, words: string): RichTextElement | undefined {
  const text = cutText(toLine(name).trim(), MAX_CHARS.fieldName)
  return words.includes(text) ? undefined : textElement(text)
}

function fieldElements(field: Field, ink: Ink): RichTextElement[] {
  const value = drawSpans(field.value, MAX_CHARS.fieldValue, ink)
  const words = cutText(toLine(field.name).trim(), MAX_CHARS.fieldName)
  const name = textElement(words + (/\p{Script=Han}$/u.test(words) ? '：' : ': '), BOLD)
  return value.length === 0 || name === undefined ? [] : [name, ...value]
}

/** Spans in one line, or nothing if there is nothing to see. */
function drawSpans(text: RichText, maxChars: number, { people, mayCall }: Ink): RichTextElement[] {
  const elements = toElements(text, people, mayCall)
  const blank = elements.every((element) => element.type === 'text' && element.text.trim() === '')
  return blank ? [] : fit(elements, { chars: maxChars, bytes: Infinity })
}

/** Each on a line of its own; empty ones leave no gap. */
function stack(lines: readonly (readonly RichTextElement[])[]): RichTextElement[] {
  const shown = lines.filter((line) => line.length > 0)
  return joinText(shown.flatMap((line, index) => (index === 0 ? line : [NEW_LINE, ...line])))
}

function identityOf(element: RichTextElement): string {
  return JSON.stringify(element)
}
