import { showKey } from './problem.ts'
import { GOT } from './shape.ts'
import type { SourceMap, SourceNode } from './source.ts'

// Careful readers of a source tree that may be wrong anywhere.

/** What was reported already: no schema takes it, and what they say of it is not repeated. */
const BROKEN = Symbol('broken')

/** The plain value of a tree, as the schema reads it. Maps have no prototype, so any key is only a key. */
export function toValue(node: SourceNode): unknown {
  switch (node.kind) {
    case 'text':
      return node.text
    case 'list':
      return node.items.map(toValue)
    case 'map':
      return toRecord(node)
    case 'broken':
      return BROKEN
    case 'nothing':
    default:
      return null
  }
}

function toRecord({ entries }: SourceMap): Record<string, unknown> {
  const record: Record<string, unknown> = Object.create(null)
  for (const [key, { node }] of entries) record[key] = toValue(node)
  return record
}

/** A place in the file. Without `node` it does not exist, and `at` is where it is missed. */
export interface Place {
  readonly at: number
  readonly node?: SourceNode
}

/** Follow a path as far as it goes. `byKey` gives the place of the last key instead of its value. */
export function locate(root: SourceNode, path: readonly string[], byKey = false): Place {
  let node = root
  let at = root.at
  for (const [index, step] of path.entries()) {
    const entry = node.kind === 'map' ? node.entries.get(step) : undefined
    const next = entry?.node ?? (node.kind === 'list' ? node.items[Number(step)] : undefined)
    if (next === undefined) return { at }
    at = byKey && entry !== undefined && index === path.length - 1 ? entry.keyAt : next.at
    node = next
  }
  return { at, node }
}

/** The entries of a map, or none. */
export function entriesOf(node: SourceNode | undefined): readonly (readonly [string, SourceNode])[] {
  return node?.kind === 'map' ? [...node.entries].map(([key, entry]) => [key, entry.node]) : []
}

/** One member of a map. */
export function member(node: SourceNode | undefined, key: string): SourceNode | undefined {
  return node?.kind === 'map' ? node.entries.get(key)?.node : undefined
}

export interface Text {
  readonly text: string
  /** Before variables were put in: for messages. */
  readonly written: string
  readonly at: number
  readonly path: readonly string[]
}

/** The texts of a list, or of one text that stands for a list of one. */
export function textsOf(node: SourceNode | undefined, path: readonly string[]): readonly Text[] {
  if (node?.kind === 'text') return [{ text: node.text, written: showKey(node.written), at: node.at, path }]
  if (node?.kind !== 'list') return []
  return node.items.flatMap((item, index) => (item.kind === 'text' ? textsOf(item, [...path, String(index)]) : []))
}

/**
 * Put into a message what the file has. Texts are quoted as written, so a
 * variable shows its name; where a map, a list or a secret belongs they are not.
 */
export function sayWhatIsThere(message: string, node: SourceNode | undefined): string {
  const quote = !message.startsWith('expected a map') && !message.startsWith('expected a list')
  return message.replace(GOT, () => describe(node, quote))
}

function describe(node: SourceNode | undefined, quote: boolean): string {
  if (node === undefined || node.kind === 'nothing' || node.kind === 'broken') return 'nothing'
  if (node.kind !== 'text') return `a ${node.kind}`
  if (node.text === '') return 'an empty text'
  if (!quote) return 'text'
  return node.word ? `the text "${showKey(node.written)}"` : node.written
}
