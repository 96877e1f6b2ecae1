/** Longest single line (a title, a name, a label) a message is made from, UTF-16 units. Ours: far above every platform's limit. */
export const MAX_LINE_UNITS = 1_000
/** Longest text (a description) a message is made from, UTF-16 units. Ours: no platform shows more in one message. */
export const MAX_TEXT_UNITS = 10_000
/** Line breaks one text may hold; further ones become spaces. Ours: eleven lines still fit a phone beside the rest of a card. */
const MAX_BREAKS = 10
/** Marks on one letter. Ours: no living script needs more, and "zalgo" text would overlap the lines around it. */
const MAX_MARKS = 8
const ELLIPSIS = '…'

/** One line of foreign text, safe to show: see {@link cleanText}; every run of white space is one space. */
export function cleanLine(text: string, maxUnits = MAX_LINE_UNITS): string {
  return cleaned(text, maxUnits, (scrubbed) => scrubbed.replace(/\s+/g, ' ').trim())
}

/**
 * Foreign text, safe to show: HTML entities decoded once, well-formed, without
 * control, direction and invisible characters, with few line breaks, at most
 * `maxUnits` UTF-16 units. Costs the same for any length of input.
 */
export function cleanText(text: string, maxUnits = MAX_TEXT_UNITS): string {
  return cleaned(text, maxUnits, tidyLines)
}

/** At most `maxUnits` UTF-16 units of `text`, cut between graphemes and ended with "…" if anything was cut. */
export function cutText(text: string, maxUnits: number): string {
  if (text.length <= maxUnits) return text
  if (maxUnits < 1) return ''
  return text.slice(0, graphemeStart(text, maxUnits - ELLIPSIS.length)).trimEnd() + ELLIPSIS
}

/** Entities and invisible characters make a text shorter: this much of it is enough to fill `maxUnits`. */
const PRECUT_FACTOR = 4

function cleaned(text: string, maxUnits: number, tidy: (scrubbed: string) => string): string {
  const start = text.slice(0, maxUnits * PRECUT_FACTOR)
  const result = tidy(scrub(decodeEntities(start)))
  const short = start.length < text.length && result.length < maxUnits
  return short ? result + ELLIPSIS : cutText(result, maxUnits)
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', '\u00a0'],
])

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:([a-z]{2,4})|#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6}));/g,
    (entity, name?: string, decimal?: string, hex?: string) => {
      if (name !== undefined) return ENTITIES.get(name) ?? entity
      const code = decimal === undefined ? parseInt(hex ?? '', 16) : parseInt(decimal, 10)
      return code <= 0x10ffff ? String.fromCodePoint(code) : entity
    },
  )
}

/** Joiners shape emoji, Arabic and Indic letters; anywhere else they only hide. */
const JOINED =
  '[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F\\p{Script=Arabic}\\p{Script=Devanagari}\\p{Script=Bengali}' +
  '\\p{Script=Gujarati}\\p{Script=Gurmukhi}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Oriya}\\p{Script=Sinhala}' +
  '\\p{Script=Tamil}\\p{Script=Telugu}]'
const KEPT_OR_INVISIBLE = new RegExp(
  `((?<=${JOINED})[\\u200C\\u200D](?=${JOINED})|[\\uFE0E\\uFE0F])|\\p{Default_Ignorable_Code_Point}|[\\uFFF9-\\uFFFB]`,
  'gu',
)
const TERMINAL_COLOUR = /\p{Cc}\[[0-9;]*m/gu
const MANY_MARKS = new RegExp(`(\\p{M}{${MAX_MARKS}})\\p{M}+`, 'gu')

function scrub(text: string): string {
  return text
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(TERMINAL_COLOUR, '')
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replaceAll('\t', ' ')
    .replace(/\p{Cc}/gu, (control) => (control === '\n' ? control : ''))
    .replace(KEPT_OR_INVISIBLE, (_, kept?: string) => kept ?? '')
    .replace(MANY_MARKS, '$1')
}

function tidyLines(text: string): string {
  const lines: string[] = []
  for (const line of text.split('\n').map((each) => each.trimEnd())) {
    if (line !== '' || (lines.length > 0 && lines.at(-1) !== '')) lines.push(line)
  }
  if (lines.at(-1) === '') lines.pop()
  const rest = lines.slice(MAX_BREAKS).filter((line) => line !== '')
  return [...lines.slice(0, MAX_BREAKS), ...(rest.length > 0 ? [rest.join(' ')] : [])].join('\n')
}

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Units looked at before a cut. Ours: longer than any real grapheme; segmenting a whole text would cost its length. */
const WINDOW_UNITS = 256

/** The last place at or before `index` where a grapheme starts; `index` itself inside a grapheme too long to be real. */
function graphemeStart(text: string, index: number): number {
  const from = windowStart(text, index)
  const window = GRAPHEMES.segment(text.slice(from, index + WINDOW_UNITS))
  const start = from + (window.containing(index - from)?.index ?? 0)
  if (start > from || from === index) return start
  return isLowSurrogate(text, index) ? index - 1 : index
}

/** A place a little before `index` between two plain ASCII characters, where a grapheme is sure to start. */
function windowStart(text: string, index: number): number {
  const first = Math.max(0, index - WINDOW_UNITS)
  if (first === 0) return 0
  const plain = text.slice(first, index).search(/[ -~][ -~]/)
  if (plain >= 0) return first + plain + 1
  return isLowSurrogate(text, first) ? first + 1 : first
}

function isLowSurrogate(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xdc00
}
