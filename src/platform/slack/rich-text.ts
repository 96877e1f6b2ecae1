import type { RichTextElement } from '@slack/types'
import type { Mentioned, RichText, Span, Style, TimeFormat } from '../../message/message.ts'
import { cutText } from '../../message/text.ts'
import { toSafeUrl } from '../../message/url.ts'
import { joinText, MAX_TEXT_CHARS } from './fit.ts'

/** Slack user ids by lower-case e-mail, as far as they are known. */
export type People = Pick<ReadonlyMap<string, string>, 'get'>

/** Whether an element that calls somebody may stand here; its name stands here otherwise. */
export type MayCall = (call: RichTextElement) => boolean

/** Ours: longer addresses would eat the room of the words. Slack takes 3000 at most. */
const MAX_URL_CHARS = 2000

const USER_ID = /^[UW][A-Z0-9]{2,}$/
const GROUP_ID = /^S[A-Z0-9]{2,}$/

/** The end of the year 9999: an instant outside of the years people write is a mistake, and Slack shows none before 1970. */
const MAX_AT_MS = 253_402_300_799_999

const DATE_FORMATS = {
  date_time: '{date_short_pretty} {time}',
  time: '{time}',
  relative: '{ago}',
} as const satisfies Record<TimeFormat, string>

/**
 * Spans as elements of a `rich_text` block, in one line. Slack does not parse these strings, so nothing is escaped.
 * A mention calls only whom `mayCall` allows; anybody else is a name.
 */
export function toElements(text: RichText, people: People, mayCall: MayCall): RichTextElement[] {
  return joinText(text.flatMap((span) => toElement(span, people, mayCall) ?? []))
}

function toElement(span: Span, people: People, mayCall: MayCall): RichTextElement | undefined {
  if (span.kind === 'text') return textElement(span.text, span.style)
  if (span.kind === 'link') return linkElement(span.text, span.url, span.style)
  if (span.kind === 'time') return dateElement(span.atMs, span.format)
  const call = toCall(span.who, people)
  if (call !== undefined && mayCall(call)) return call
  return span.who.kind === 'person' ? textElement(span.who.name) : undefined
}

/** The element that calls somebody, or undefined for a person Slack does not know and for an id that is none. */
export function toCall(who: Mentioned, people: People): RichTextElement | undefined {
  if (who.kind === 'here') return { type: 'broadcast', range: 'here' }
  if (who.kind === 'group') return GROUP_ID.test(who.id) ? { type: 'usergroup', usergroup_id: who.id } : undefined
  const id = who.kind === 'person' ? people.get(toAddress(who.email)) : who.id
  return id !== undefined && USER_ID.test(id) ? { type: 'user', user_id: id } : undefined
}

/** An e-mail address as people are known by it; empty for none. */
export function toAddress(email: string | undefined): string {
  return email?.trim().toLowerCase() ?? ''
}

/** A piece of text in one line; undefined if there is nothing to see. */
export function textElement(text: string, style?: Style): RichTextElement | undefined {
  const line = toLine(text)
  return line === '' ? undefined : { type: 'text', text: line, ...styleOf(style) }
}

/** A link, or its words alone if the address is not one to click on. */
export function linkElement(text: string, url: string, style?: Style): RichTextElement | undefined {
  const href = toHref(url)
  if (href === undefined) return textElement(text, style)
  return { type: 'link', url: href, text: toLine(text).trim() || href, ...styleOf(style) }
}

function dateElement(atMs: number, format: TimeFormat): RichTextElement | undefined {
  const fallback = toUtc(atMs)
  if (fallback === undefined) return undefined
  return { type: 'date', timestamp: Math.floor(atMs / 1000), format: DATE_FORMATS[format], fallback }
}

/** `2026-11-23 02:00 UTC`, for clients that cannot show the reader's zone; undefined for no instant. */
function toUtc(atMs: number): string | undefined {
  if (!(atMs >= 0 && atMs <= MAX_AT_MS)) return undefined
  return `${new Date(atMs).toISOString().slice(0, -8).replace('T', ' ')} UTC`
}

/** An address to click on, as long as Slack takes it; undefined for any other. */
export function toHref(url: string): string | undefined {
  const href = toSafeUrl(url)
  return href === undefined || href.length > MAX_URL_CHARS ? undefined : href
}

/** Text in one line that no client stumbles over, cut to what one text object holds. */
export function toLine(text: string): string {
  return cutText(toSafe(text).replace(/\s*\n\s*/g, ' '), MAX_TEXT_CHARS)
}

/** Text without half characters, control characters and reversals of the reading direction; line breaks stay. */
export function toSafe(text: string): string {
  return text
    .slice(0, 2 * MAX_TEXT_CHARS)
    .replace(/\p{Cs}/gu, '\uFFFD')
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/[\u202A-\u202E\u2066-\u2069]/g, '')
    .replace(/(?!\n)\p{Cc}/gu, ' ')
}

function styleOf(style: Style | undefined): { style?: Style } {
  const set = Object.entries(style ?? {}).filter(([, on]) => on === true)
  return set.length === 0 ? {} : { style: Object.fromEntries(set) }
}
