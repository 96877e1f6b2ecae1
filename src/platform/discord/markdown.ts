import type { Mentioned, RichText, Span, TimeFormat } from '../../message/message.ts'
import { tidySpans } from '../../message/spans.ts'
import { cutText } from '../../message/text.ts'
import { toSafeUrl } from '../../message/url.ts'
import { escapeText, toInert, type Piece } from './escape.ts'
import { isSnowflake } from './snowflake.ts'

/** https://docs.discord.com/developers/reference#message-formatting-timestamp-styles (as of 2026-11) */
const TIME_STYLES = { date_time: 'f', time: 't', relative: 'R' } as const satisfies Record<TimeFormat, string>

/** Ours: a longer name of a link says no more, and its address needs room too. */
const MAX_LABEL_UNITS = 200

/** Keeps marks apart that would run into each other, as in `**a**` before `*b*`. Not shown. */
const JOINT = '\u200b'

const ELLIPSIS = '…'

/** Each line of a quote is marked by itself. */
const QUOTE_MARK = '> '
/** Ours: eleven lines leave the rest of a card in view; further breaks become spaces. */
const MAX_BREAKS = 10

const NOTHING: Piece = { text: '', whole: true }
const NO_ROOM: Piece = { text: '', whole: false }

/**
 * Spans as one line of Discord markdown of at most `maxUnits` UTF-16 units, for a title, a description or a field. Text
 * spans show exactly their characters; whatever else there is, a span asked for. Too much is cut between graphemes and
 * ended with "…"; a link, an instant or a mention is there as a whole or not at all. Empty if there is nothing to see.
 */
export function toMarkdown(text: RichText, maxUnits: number): string {
  const spans = tidySpans(text.map(toDrawable))
  const all = fill(spans, maxUnits)
  const drawn = all.whole ? all.text.trim() : cut(spans, maxUnits)
  return isBlank(drawn) ? '' : drawn
}

function cut(spans: RichText, maxUnits: number): string {
  return maxUnits < ELLIPSIS.length ? '' : fill(spans, maxUnits - ELLIPSIS.length).text.trim() + ELLIPSIS
}

/** Plain words as markdown: see {@link toMarkdown}. */
export function wordsToMarkdown(text: string, maxUnits: number): string {
  return toMarkdown([{ kind: 'text', text }], maxUnits)
}

/** A longer text as a quote of at most `maxUnits` UTF-16 units, with its first line breaks. Empty without words. */
export function toQuote(text: string, maxUnits: number): string {
  const lines = text.split('\n')
  const shown = [...lines.slice(0, MAX_BREAKS), lines.slice(MAX_BREAKS).join(' ')].join('\n').trim()
  const room = maxUnits - (MAX_BREAKS + 1) * QUOTE_MARK.length
  const all = escapeText(shown, room)
  const drawn = all.whole ? all.text : escapeText(shown, room - ELLIPSIS.length).text.trimEnd() + ELLIPSIS
  return isBlank(drawn) || room < ELLIPSIS.length ? '' : QUOTE_MARK + drawn.replaceAll('\n', `\n${QUOTE_MARK}`)
}

/** Whether an instant is one that a date can hold. https://tc39.es/ecma262/#sec-time-values-and-time-range */
export function isInstant(atMs: number): boolean {
  return Math.abs(atMs) <= 8.64e15
}

/** Whether there is nothing to see. */
export function isBlank(drawn: string): boolean {
  return /^[\s\u200b]*$/.test(drawn)
}

/** A link with a name of its own; undefined if its address is not one to link to, or if it does not fit. */
export function toMaskedLink(label: string, url: string, maxUnits: number): string | undefined {
  // A name that looks like an address makes Discord show the markup instead of the link.
  const name = cutText(label, MAX_LABEL_UNITS)
    .replace(/\s+/g, ' ')
    .replace(/https?:\/\//gi, '')
    .trim()
  // A bracket would end the address, and a mark the style around the link.
  const href = toSafeUrl(url)?.replace(/[()*~]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)
  if (href === undefined || isBlank(name)) return undefined
  const { text, whole } = escapeText(name, maxUnits - href.length - '[](<>)'.length)
  return whole ? `[${text}](<${href}>)` : undefined
}

/** What mentions a user or a role; undefined if it is not by id, or by one that is none. */
export function toMention(who: Mentioned): string | undefined {
  if (who.kind === 'person' || who.kind === 'here' || !isSnowflake(who.id)) return undefined
  return who.kind === 'group' ? `<@&${who.id}>` : `<@${who.id}>`
}

/** In one line. People by their names: Discord shows `@unknown-user` for somebody a reader's client has not met yet. */
function toDrawable(span: Span): Span {
  if (span.kind === 'time') return span
  if (span.kind !== 'mention') return { ...span, text: toOneLine(span.text) }
  if (span.who.kind === 'person') return { kind: 'text', text: toOneLine(span.who.name) }
  return span.who.kind === 'here' ? { kind: 'text', text: '@here' } : span
}

/** What is not shown goes first: white space behind it would be between a mark and its word, which begins a list. */
function toOneLine(text: string): string {
  return text.replace(/(?!\s)\p{Cc}/gu, '').replace(/\s+/g, ' ')
}

function fill(spans: RichText, maxUnits: number): Piece {
  let out = ''
  let afterMarks = false
  for (const span of spans) {
    const marks = marksOf(span)
    const joint = afterMarks && marks !== '' ? JOINT : ''
    const { text, whole } = drawSpan(span, marks, maxUnits - out.length - joint.length)
    if (text !== '') {
      out += joint + text
      afterMarks = marks !== ''
    }
    if (!whole) return { text: out, whole: false }
  }
  return { text: out, whole: true }
}

function drawSpan(span: Span, marks: string, room: number): Piece {
  switch (span.kind) {
    case 'text':
      return drawText(span.text, marks, room)
    case 'link': {
      const link = toMaskedLink(span.text, span.url, room - 2 * marks.length)
      return link === undefined ? drawText(span.text, marks, room) : { text: wrap(link, marks), whole: true }
    }
    case 'time':
      return drawToken(toTimeToken(span.atMs, span.format), room)
    case 'mention':
      return drawToken(toMention(span.who) ?? '', room)
  }
}

function drawText(text: string, marks: string, room: number): Piece {
  if (marks === '') return escapeText(text, room)
  // Marks hug the words: Discord reads `* a *` as a list.
  const words = text.trim()
  if (isBlank(words)) return escapeText(text, room)
  const start = text.slice(0, text.length - text.trimStart().length)
  const end = text.slice(text.trimEnd().length)
  const inner = room - start.length - end.length - 2 * marks.length - JOINT.length
  const piece = marks === '`' ? toCode(words, inner) : escapeText(words, inner)
  if (isBlank(piece.text)) return { text: '', whole: piece.whole }
  return { text: start + wrap(piece.text, marks) + end, whole: piece.whole }
}

/** Inside code a backslash is just that, so the backtick, which would end it, gives way to one that looks alike. */
function toCode(words: string, room: number): Piece {
  if (room < 1) return NO_ROOM
  const code = toInert(words.slice(0, 2 * room)).replaceAll('`', '\u02cb')
  return { text: cutText(code, room), whole: words.length <= 2 * room }
}

function drawToken(token: string, room: number): Piece {
  if (token === '') return NOTHING
  return token.length <= room ? { text: token, whole: true } : NO_ROOM
}

function toTimeToken(atMs: number, format: TimeFormat): string {
  return isInstant(atMs) ? `<t:${Math.floor(atMs / 1000)}:${TIME_STYLES[format]}>` : ''
}

/** What opens the style of a span; backwards, it is what closes it. */
function marksOf(span: Span): string {
  if (span.kind !== 'text' && span.kind !== 'link') return ''
  const { strike, bold, italic, code } = span.style ?? {}
  // Marks around code would end at those that are in it, where nothing can be escaped.
  if (code === true && span.kind === 'text') return '`'
  return (strike === true ? '~~' : '') + (bold === true ? '**' : '') + (italic === true ? '*' : '')
}

function wrap(inner: string, marks: string): string {
  const closing = marks.split('').toReversed().join('')
  const joint = closing !== '' && inner.endsWith(closing.slice(0, 1)) ? JOINT : ''
  return marks + inner + joint + closing
}
