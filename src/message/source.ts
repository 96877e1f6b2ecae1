import { isMap, isScalar, isSeq, LineCounter, parseDocument, type ParsedNode, type Scalar } from 'yaml'
import { didYouMean } from '../nearest.ts'

/** A mistake in a template file. Lines and columns count from 1. */
export interface TemplateProblem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

export type SourceNode = ParsedNode | null

/** One YAML text being read: every mistake is noted, and reading goes on. */
export interface Source {
  readonly text: string
  readonly root: SourceNode
  /** Note a mistake at an offset of `text`. */
  report(offset: number, message: string): void
}

/** A text of the file, and where in the file each of its characters stands. */
export interface SourceText {
  readonly text: string
  readonly offset: number
  /** Offset in the file of the character at `index` of `text`. */
  place(index: number): number
}

export interface Entry {
  readonly key: string
  readonly offset: number
  readonly value: SourceNode
}

/** Parse a file. Undefined if YAML itself refuses it; `problems` then say why. */
export function openSource(file: string, text: string, problems: TemplateProblem[]): Source | undefined {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: 'core' })
  const report = (offset: number, message: string): void => {
    const { line, col } = lines.linePos(offset)
    problems.push({ file, line: Math.max(1, line), column: Math.max(1, col), message })
  }
  for (const { pos, message } of [...document.errors, ...document.warnings])
    report(pos[0], message + quoteHint(text, pos[0]))
  return document.errors.length > 0 ? undefined : { text, root: document.contents, report }
}

/** The entries of a map; undefined, and a mistake noted, if `node` is none. `known`, if given, are the only keys it may have. */
export function readMap(
  source: Source,
  node: SourceNode,
  what: string,
  known?: readonly string[],
): readonly Entry[] | undefined {
  if (!isMap(node)) return refuse(source, node, `${what} must be a map`)
  const entries: Entry[] = []
  for (const { key, value } of node.items) {
    if (!isScalar(key) || typeof key.value !== 'string') {
      source.report(startOf(key), `a key of ${what} must be a word`)
    } else if (known !== undefined && !known.includes(key.value)) {
      source.report(startOf(key), `${what} has no "${key.value}"${didYouMean(key.value, known)}`)
    } else {
      entries.push({ key: key.value, offset: startOf(key), value })
    }
  }
  return entries
}

/** Like {@link readMap}; each of the `known` keys that is not there is a mistake too. */
export function readWholeMap<Key extends string>(
  source: Source,
  node: SourceNode,
  what: string,
  known: readonly Key[],
): ReadonlyMap<Key, SourceNode> {
  const entries = readMap(source, node, what, known)
  const found = new Map<string, SourceNode>(entries?.map(({ key, value }) => [key, value]))
  const missing = known.filter((key) => !found.has(key))
  if (entries !== undefined && missing.length > 0) refuse(source, node, `${what} lacks ${missing.join(', ')}`)
  return new Map(known.flatMap((key) => (found.has(key) ? [[key, found.get(key) ?? null] as const] : [])))
}

/** The items of a list; undefined, and a mistake noted, if `node` is none. */
export function readList(source: Source, node: SourceNode, what: string): readonly SourceNode[] | undefined {
  return isSeq(node) ? node.items : refuse(source, node, `${what} must be a list`)
}

/** A text; undefined, and a mistake noted, if `node` is none. */
export function readText(source: Source, node: SourceNode, what: string): SourceText | undefined {
  if (!isScalar(node) || typeof node.value !== 'string') return refuse(source, node, notText(source, node, what))
  const text = node.value
  return { text, offset: startOf(node), place: (index) => placeIn(source.text, node, text, index) }
}

function refuse(source: Source, node: SourceNode, message: string): undefined {
  source.report(startOf(node), message)
  return undefined
}

function startOf(node: SourceNode): number {
  return node?.range[0] ?? 0
}

function notText(source: Source, node: SourceNode, what: string): string {
  if (node === null || (isScalar(node) && node.value === null)) return `${what} is empty: leave it out, or write a text`
  if (source.text.startsWith('{{', startOf(node))) return `${what} starts with {{: put quotes around it`
  return `${what} must be a text: put quotes around it`
}

function quoteHint(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset + 1)
  return /^\s*(- +|[\w-]+: +|- +[\w-]+: +)\{[{%]/.test(line)
    ? ' (a text that starts with {{ or {% needs quotes around it)'
    : ''
}

/**
 * Walk the file and the text side by side. YAML only ever adds to a text (indents,
 * folds, escapes, quotes), so what differs in the file is stepped over.
 */
function placeIn(file: string, node: Scalar.Parsed, text: string, index: number): number {
  const [start, end] = node.range
  const isBlock = node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL'
  let at = isBlock ? file.indexOf('\n', start) + 1 : start
  for (let i = 0; i <= index && i < text.length; i++) {
    const found = isBlank(text[i]) ? nextBlank(file, at, end) : file.indexOf(text.charAt(i), at)
    if (found < 0 || found >= end) return start
    if (i === index) return found
    at = found + 1
  }
  return at
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\n' || character === '\t'
}

function nextBlank(file: string, from: number, end: number): number {
  for (let at = from; at < end; at++) if (isBlank(file[at])) return at
  return -1
}
