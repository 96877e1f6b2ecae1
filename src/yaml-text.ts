import { LineCounter, parseDocument, type Document, type ErrorCode } from 'yaml'

/** A YAML text read: what it holds, or every mistake that keeps it from being YAML, at offsets into the text. */
export interface YamlText {
  /** Null for an empty text, and for one with mistakes. */
  readonly root: Document.Parsed['contents'] | null
  readonly mistakes: readonly { readonly at: number; readonly message: string }[]
  /** Lines and columns count from 1. */
  readonly positionOf: (at: number) => { readonly line: number; readonly column: number }
}

/** Ours: ten screens wide. The library takes seconds for a mistake at each character of a line of a MiB. */
const MAX_LINE_CHARS = 10_000
/** Ours: nothing we read needs ten. Thousands of open brackets end the process inside the library; of closing ones each is a mistake. */
const MAX_OPEN_BRACKETS = 100
/** Ours: whoever has more mistakes than this puts the first ones right, and looks again. */
const MAX_MISTAKES = 100

/**
 * Read YAML 1.2, core schema: no merge keys, no tags. Finds all mistakes of the syntax, in words of our own that quote
 * nothing of the text, which may hold a secret; a key given twice is left to the reader. Never throws.
 */
export function readYaml(text: string): YamlText {
  const refused = refuse(text)
  const lines = new LineCounter()
  if (refused !== undefined) {
    countLines(text, lines)
    return { root: null, mistakes: [refused], positionOf }
  }
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    // The library compares every key with every other.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  })
  const byLine = new Map<number, YamlText['mistakes'][number]>()
  for (const { pos, code, message } of document.errors) {
    // The first of a line is the mistake; what follows on it follows from it.
    const { line } = positionOf(pos[0])
    if (byLine.size < MAX_MISTAKES && !byLine.has(line))
      byLine.set(line, { at: pos[0], message: inWords(code, message) })
  }
  const mistakes = [...byLine.values()]
  return { root: mistakes.length > 0 ? null : document.contents, mistakes, positionOf }

  function positionOf(at: number) {
    const { line, col } = lines.linePos(Math.min(at, text.length))
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
}

function countLines(text: string, lines: LineCounter): void {
  lines.addNewLine(0)
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1)
}

/** What would stop the library, or take it long. */
function refuse(text: string): { readonly at: number; readonly message: string } | undefined {
  let lineStart = 0
  let open = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '\n') lineStart = at + 1
    if (at - lineStart > MAX_LINE_CHARS)
      return {
        at: lineStart,
        message: `this line is longer than ${MAX_LINE_CHARS.toLocaleString('en')} characters: break it up`,
      }
    if (char === '[' || char === '{') open++
    else if (char === ']' || char === '}') open--
    if (Math.abs(open) > MAX_OPEN_BRACKETS)
      return { at, message: open > 0 ? TOO_DEEP : 'far more brackets are closed than were opened' }
  }
  return undefined
}

const TOO_DEEP = 'is nested too deeply'

/** Each mistake in plain words, with what to do about it. */
const WORDS: Record<ErrorCode, string> = {
  ALIAS_PROPS: 'an alias (*name) stands alone: put nothing in front of it',
  BAD_ALIAS: 'the name of an alias is not as it must be; put quotes around a text that starts with * or &',
  BAD_COLLECTION_TYPE: 'tags are not supported; put quotes around what should be text',
  BAD_DIRECTIVE: 'this % directive is not understood',
  BAD_DQ_ESCAPE: 'inside "…" a \\ starts an escape, and this is none; use \'…\' for a literal \\',
  BAD_INDENT: 'this line is not indented as those around it',
  BAD_PROP_ORDER: 'an anchor (&name) stands at the wrong place',
  BAD_SCALAR_START: 'a text that starts with this character needs quotes around it',
  BLOCK_AS_IMPLICIT_KEY: 'a second ":" on one line: put quotes around a text with ": " in it, or begin a new line',
  BLOCK_IN_FLOW: 'inside [ ] and { } a comma stands between two parts, and a text with ": " or "- " in it needs quotes',
  DUPLICATE_KEY: 'this key is given twice',
  IMPOSSIBLE: 'this is not expected here; check quotes, brackets and indentation',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR: 'something is missing here: a ":" behind a key, a bracket or a quote at the end',
  MULTILINE_IMPLICIT_KEY: 'a key, or what stands before its ":", goes over several lines; is a ":" or a quote missing?',
  MULTIPLE_ANCHORS: 'a value has one anchor (&name) at most',
  MULTIPLE_DOCS: 'one file holds one document: remove the --- and what follows',
  MULTIPLE_TAGS: 'tags are not supported; put quotes around what should be text',
  NON_STRING_KEY: 'a key must be plain text',
  RESOURCE_EXHAUSTION: TOO_DEEP,
  TAB_AS_INDENT: 'use spaces for indentation, not tabs',
  TAG_RESOLVE_FAILED: 'tags are not supported; put quotes around what should be text',
  UNEXPECTED_TOKEN: 'this is not expected here; check quotes, brackets and indentation',
}

function inWords(code: ErrorCode, message: string): string {
  if (code === 'MISSING_CHAR' && message.includes('quote'))
    return 'a text in quotes is not closed: end it with the quote it starts with'
  const bracket = /end with a ([\]}])/.exec(message)?.[1]
  if (bracket !== undefined)
    return `a ${bracket} is missing: close what was opened before, or put quotes around the text`
  if (code === 'BLOCK_AS_IMPLICIT_KEY' && message.includes('sequence')) return WORDS.BAD_INDENT
  if (message.startsWith('Missing , ')) return 'a comma is missing in front of this'
  return WORDS[code]
}
