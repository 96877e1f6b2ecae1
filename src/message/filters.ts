import { toDuration } from './duration.ts'
import {
  itemOf,
  listOf,
  memberOf,
  toJoined,
  toJoinShape,
  toMapShape,
  toMembers,
  toNamedValue,
  toSize,
  toValueShape,
} from './lists.ts'
import type { RichText, Style, TimeFormat } from './message.ts'
import type { Kind, Shape } from './shape.ts'
import { isRich, toRich, toSpans, toWords, withStyle, type Rich } from './spans.ts'
import { cutText } from './text.ts'
import { toSafeUrl } from './url.ts'
import type { Words } from './words.ts'

export interface Filter {
  readonly takes: readonly Kind[]
  /** How many arguments it needs, and how many it may have. */
  readonly args: readonly [number, number]
  /** What its first argument must be, if not just anything that can be printed. */
  readonly argument?: 'number' | 'text'
  /** What its first argument may be, if only few words make sense. */
  readonly oneOf?: readonly string[]
  /** What comes out, or a sentence that says why nothing can. `literal` is the first argument if it is written out. */
  readonly gives: (input: Shape, literal: string | undefined) => Shape | { readonly problem: string }
  /** Values are those of a view, or what another filter made. */
  readonly run: (value: unknown, ...args: readonly unknown[]) => unknown
}

const WORDS: readonly Kind[] = ['text', 'number']
const PRINTABLE: readonly Kind[] = ['text', 'number', 'flag', 'time', 'rich']
const TIME_FORMATS: readonly TimeFormat[] = ['date_time', 'time', 'relative']

/** Every filter a template may use. Anything a filter does not make formatted stays plain text. */
export function createFilters({ units, phrases }: Pick<Words, 'units' | 'phrases'>): ReadonlyMap<string, Filter> {
  return new Map<string, Filter>([
    ['bold', styling({ bold: true })],
    ['italic', styling({ italic: true })],
    ['code', styling({ code: true })],
    ['strike', styling({ strike: true })],
    ['link', { takes: PRINTABLE, args: [1, 1], gives: () => 'rich', run: (value, url) => toLink(toSpans(value), url) }],
    ['time', { takes: ['time'], args: [0, 1], oneOf: TIME_FORMATS, gives: () => 'rich', run: toTime }],
    ['relative', { takes: ['time'], args: [0, 0], gives: () => 'rich', run: (value) => toTime(value, 'relative') }],
    ['mention', { takes: ['record'], args: [0, 0], gives: toMentionShape, run: toMention }],
    ['duration', { takes: ['number'], args: [0, 0], gives: () => 'text', run: (value) => toDuration(value, units) }],
    ['plural', { takes: ['number'], args: [2, 2], gives: () => 'text', run: toPlural }],
    [
      'truncate',
      {
        takes: WORDS,
        args: [1, 1],
        argument: 'number',
        gives: () => 'text',
        run: (value, max) => cutText(toWords(value), Number(max)),
      },
    ],
    ['upcase', onText((text) => text.toUpperCase())],
    ['downcase', onText((text) => text.toLowerCase())],
    ['capitalize', onText((text) => text.replace(/^./u, (first) => first.toUpperCase()))],
    [
      'default',
      {
        takes: PRINTABLE,
        args: [1, 1],
        gives: (input) => input,
        run: (value, other) => (isEmpty(value) ? other : value),
      },
    ],
    [
      'join',
      {
        takes: ['list'],
        args: [0, 1],
        gives: toJoinShape,
        run: (value, separator = phrases.comma) => toJoined(value, separator),
      },
    ],
    ['map', { takes: ['list'], args: [1, 1], argument: 'text', gives: toMapShape, run: toMembers }],
    ['value', { takes: ['list'], args: [1, 1], argument: 'text', gives: toValueShape, run: toNamedValue }],
    ['first', { takes: ['list'], args: [0, 0], gives: itemOf, run: (value) => listOf(value)[0] ?? null }],
    ['size', { takes: ['list', 'text'], args: [0, 0], gives: () => 'number', run: toSize }],
  ])
}

function styling(style: Style): Filter {
  const run = (value: unknown): Rich => toRich(withStyle(toSpans(value), style))
  return { takes: PRINTABLE, args: [0, 0], gives: () => 'rich', run }
}

function onText(change: (text: string) => string): Filter {
  return { takes: WORDS, args: [0, 0], gives: () => 'text', run: (value) => change(toWords(value)) }
}

/** The words as a link, or just the words if the address is not one to link to. */
function toLink(spans: RichText, given: unknown): Rich {
  const url = toSafeUrl(toWords(given))
  if (url === undefined) return toRich(spans)
  return toRich(spans.map((span) => (span.kind === 'text' ? { ...span, kind: 'link', url } : span)))
}

function toTime(value: unknown, format: unknown): unknown {
  if (!(value instanceof Date)) return null
  const known = TIME_FORMATS.find((each) => each === format) ?? 'date_time'
  return toRich([{ kind: 'time', atMs: value.getTime(), format: known }])
}

/** Nothing for what is no person; the check at start lets nothing else through. */
function toMention(value: unknown): unknown {
  const name = memberOf(value, 'name')
  const email = memberOf(value, 'email')
  if (typeof name !== 'string') return null
  return toRich([{ kind: 'mention', who: { kind: 'person', name, ...(typeof email === 'string' ? { email } : {}) } }])
}

function toMentionShape(input: Shape): Shape | { problem: string } {
  const person = typeof input === 'object' && 'members' in input && 'email' in input.members
  return person || input === 'any' ? 'rich' : { problem: 'only people can be mentioned' }
}

function toPlural(value: unknown, one: unknown, many: unknown): string | null {
  return typeof value === 'number' ? `${value} ${toWords(value === 1 ? one : many)}` : null
}

function isEmpty(value: unknown): boolean {
  return (
    value === null ||
    value === undefined ||
    value === '' ||
    value === false ||
    (isRich(value) && toSpans(value).length === 0)
  )
}
