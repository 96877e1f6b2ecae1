import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar } from 'yaml'
import { didYouMean } from '../nearest.ts'
import { readYaml } from '../yaml-text.ts'

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
  /** Note a mistake at an offset of `text`, which is worked out only if there are not too many already. */
  report(offset: number | (() => number), message: string): void
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

/** Mistakes told of one file. Ours: nobody reads more at once, and finding the place of each takes a walk through the file. */
const MAX_PROBLEMS = 50

/** Parse a file. Undefined if YAML itself refuses it, or there is nothing in it; `problems` then say why. */
export function openSource(file: string, text: string, problems: TemplateProblem[]): Source | undefined {
  const { root, mistakes, positionOf } = readYaml(text)
  let count = 0
  const report: Source['report'] = (offset, message) => {
    count += 1
    if (count > MAX_PROBLEMS + 1) return
    const place = positionOf(typeof offset === 'number' ? offset : offset())
    problems.push({ file, ...place, message: count > MAX_PROBLEMS ? 'and more, from here on' : message })
  }
  for (const { at, message } of mistakes) report(at, message + quoteHint(text, at))
  if (mistakes.length > 0) return undefined
  if (root === null) report(0, 'the file is empty')
  return root === null ? undefined : { text, root, report }
}

/** The entries of a map; undefined, and a mistake noted, if `node` is none. `known`, if given, are the only keys it may have. */
export function readMap(
  source: Source,
  node: SourceNode,
  what: string,
  known?: readonly string[],
): readonly Entry[] | undefined {
  if (hasTag(node)) return refuse(source, node, TAGS)
  if (!isMap(node)) return refuse(source, node, `${what} must be a map`)
  const entries = new Map<string, Entry>()
  for (const { key, value } of node.items) {
    if (!isScalar(key) || typeof key.value !== 'string') {
      source.report(startOf(key), `a key of ${what} must be a word`)
    } else if (known !== undefined && !known.includes(key.value)) {
      source.report(startOf(key), `${what} has no "${showName(key.value)}"${didYouMean(key.value, known)}`)
    } else if (entries.has(key.value)) {
      source.report(startOf(key), `${what} has "${showName(key.value)}" twice`)
    } else {
      entries.set(key.value, { key: key.value, offset: startOf(key), value })
    }
  }
  return [...entries.values()]
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
  if (hasTag(node)) return refuse(source, node, TAGS)
  return isSeq(node) ? node.items : refuse(source, node, `${what} must be a list`)
}

/** A text; undefined, and a mistake noted, if `node` is none. */
export function readText(source: Source, node: SourceNode, what: string): SourceText | undefined {
  if (hasTag(node)) return refuse(source, node, TAGS)
  if (!isScalar(node) || typeof node.value !== 'string') return refuse(source, node, notText(source, node, what))
  const text = node.value
  return { text, offset: startOf(node), place: (index) => placeIn(source.text, node, text, index) }
}

/** A name of the file for a message: on one line, and not long. */
function showName(name: string): string {
  const visible = JSON.stringify(name).slice(1, -1)
  return visible.length > MAX_SHOWN_CHARS ? `${visible.slice(0, MAX_SHOWN_CHARS)}…` : visible
}

const MAX_SHOWN_CHARS = 60

function refuse(source: Source, node: SourceNode, message: string): undefined {
  source.report(startOf(node), message)
  return undefined
}

const TAGS = 'tags are not supported; put quotes around what should be text'

function hasTag(node: SourceNode): boolean {
  return node !== null && !isAlias(node) && node.tag !== undefined
}

function startOf(node: SourceNode): number {
  return node?.range[0] ?? 0
}

function notText(source: Source, node: SourceNode, what: string): string {
  if (node === null || (isScalar(node) && node.value === null)) return `${what} is empty: leave it out, or write a text`
  if (isAlias(node)) return `${what} must be a text: aliases are not supported here`
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
