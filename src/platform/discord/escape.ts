/** Characters that mean something to Discord wherever they stand. A backslash takes the meaning away and is not shown. */
const MARKUP = new Set('\\*_~|`<>[]()@:#')

/** Our choice: longer than any real grapheme, so that a text can be looked at in part without splitting one in view. */
const SLACK_UNITS = 64

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' })

export interface Piece {
  readonly text: string
  /** Nothing had to be left out. */
  readonly whole: boolean
}

/**
 * Foreign text as Discord markdown that shows exactly these characters: no markup, no mention, no link, no emoji, no
 * timestamp. As many graphemes as fit into `room` UTF-16 units, never half an escape. One pass, whose cost grows with
 * `room` and not with the text.
 */
export function escapeText(text: string, room: number): Piece {
  const looked = toInert(text.slice(0, Math.max(0, room) + SLACK_UNITS))
  const pen: Pen = { before: '', line: 'start' }
  let out = ''
  for (const grapheme of toGraphemes(looked)) {
    const escaped = escapeGrapheme(grapheme, pen)
    if (out.length + escaped.length > room) return { text: out, whole: false }
    out += escaped
  }
  return { text: out, whole: text.length <= Math.max(0, room) + SLACK_UNITS }
}

/** Most texts are ASCII, where each character is one; Unicode's rules would take several times as long. */
function toGraphemes(text: string): Iterable<string> {
  return /[^\0-\x7f]/.test(text) ? Array.from(GRAPHEMES.segment(text), ({ segment }) => segment) : text
}

/** Well-formed, without control characters, and without the words that call everybody. */
export function toInert(text: string): string {
  return text
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(/\p{Cc}/gu, (control) => (control === '\n' || control === '\t' ? control : ''))
    .replace(/@(?=everyone|here)/gi, '@\u200b')
}

/** What the next character may depend on: the one before, and whether the line could still become a list. */
interface Pen {
  before: string
  line: 'start' | 'number' | 'inside'
}

function escapeGrapheme(grapheme: string, pen: Pen): string {
  let out = ''
  for (const char of grapheme) {
    out += needsEscape(char, pen) ? `\\${char}` : char
    pen.line = nextLine(char, pen.line)
    pen.before = char
  }
  return out
}

function needsEscape(char: string, pen: Pen): boolean {
  if (MARKUP.has(char)) return true
  // Lists and small print, which only a line can begin with.
  if (char === '-' || char === '+') return pen.line === 'start'
  if (char === '.') return pen.line === 'number'
  // Invitations such as discord.gg/x work without a scheme.
  return char === '/' && /[a-z\d]/i.test(pen.before)
}

function nextLine(char: string, line: Pen['line']): Pen['line'] {
  if (char === '\n') return 'start'
  if (line === 'inside' || /\s/.test(char)) return line
  return /\d/.test(char) ? 'number' : 'inside'
}
