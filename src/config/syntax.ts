import { LineCounter, parseDocument, type ErrorCode, type Node } from 'yaml'
import type { Finding } from './problem.ts'

/** Where the parser's own words would quote the file, which may hold a secret, or are not plain enough. */
const WORDS: Partial<Record<ErrorCode, string>> = {
  BAD_DIRECTIVE: 'this % directive is not understood',
  BAD_DQ_ESCAPE: 'inside "…" a \\ starts an escape, and this is none; use \'…\' for a literal \\',
  MULTIPLE_DOCS: 'one file holds one configuration: remove the --- and what follows',
  RESOURCE_EXHAUSTION: 'is nested too deeply',
  TAB_AS_INDENT: 'use spaces for indentation, not tabs',
  TAG_RESOLVE_FAILED: 'tags are not supported; put quotes around what should be text',
  UNEXPECTED_TOKEN: 'this is not expected here; check quotes, brackets and indentation',
}

export interface Syntax {
  readonly root: Node | null
  readonly findings: readonly Finding[]
  readonly positionOf: (at: number) => { readonly line: number; readonly column: number }
}

/** Parse YAML 1.2, core schema: no merge keys, no tags. Finds every mistake; never throws. */
export function parseSyntax(text: string): Syntax {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    // Checked in source.ts: the library compares every key with every other.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  })
  const positionOf = (at: number) => {
    const { line, col } = lines.linePos(Math.min(at, text.length))
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const findings = document.errors.map(({ pos: [at], code, message }) => ({
    at,
    path: [],
    message: `${WORDS[code] ?? message}${hint(text, at)}`,
  }))
  return { root: document.contents, findings, positionOf }
}

/** `{ token: ${X} }` is the mistake behind most of these: inside braces the variable needs quotes. */
function hint(text: string, at: number): string {
  const start = text.lastIndexOf('\n', at - 1) + 1
  const end = text.indexOf('\n', at)
  const line = text.slice(start, end < 0 ? undefined : end)
  return /[^"'$]\$\{/.test(line) ? ' (inside { } and [ ], put quotes around "${…}")' : ''
}
