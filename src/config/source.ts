import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml'
import { expand, type Environment } from './environment.ts'
import { showKey, type Finding } from './problem.ts'

/**
 * A configuration file as written: where each value stands, and every scalar as
 * text, whatever YAML would make of it. So a 19-digit id stays exact, `1.10` keeps
 * its zero, and a variable's value can never become anything but text: the schema
 * says which texts are numbers. `written` is the text before variables were put in:
 * only that may be quoted in a message. `broken` was reported already.
 */
export type SourceNode =
  | {
      readonly kind: 'text'
      readonly at: number
      readonly text: string
      readonly written: string
      readonly word: boolean
    }
  | { readonly kind: 'nothing' | 'broken'; readonly at: number }
  | { readonly kind: 'list'; readonly at: number; readonly items: readonly SourceNode[] }
  | SourceMap

export interface SourceMap {
  readonly kind: 'map'
  readonly at: number
  readonly entries: Map<string, SourceEntry>
}

export interface SourceEntry {
  readonly keyAt: number
  readonly node: SourceNode
}

/** A thousand routes with a dozen values each fit many times; aliases that multiply do not. */
const MAX_VALUES = 100_000
/** The schema needs 7; what is deeper is no configuration. */
const MAX_DEPTH = 32

/** A node with what its aliases would multiply. */
interface Built {
  readonly node: SourceNode
  readonly values: number
  readonly depth: number
}

/** Turn a parsed YAML tree into a {@link SourceNode}, variables put in. */
export function toSource(
  root: Node | null,
  env: Environment,
): { readonly root: SourceNode; readonly findings: readonly Finding[] } {
  const findings: Finding[] = []
  /** Undefined while the anchored value is still being read. */
  const anchors = new Map<string, Built | undefined>()
  return { root: build(root, [], 0).node, findings }

  function build(node: Node | null, path: readonly string[], fallbackAt: number): Built {
    const at = node?.range?.[0] ?? fallbackAt
    const broken = (message: string): Built => {
      findings.push({ at, path, message })
      return single({ kind: 'broken', at })
    }
    if (node === null) return single({ kind: 'nothing', at })
    if (isAlias(node)) {
      const built = anchors.get(node.source)
      if (built !== undefined) {
        return path.length + built.depth > MAX_DEPTH ? broken(`is nested deeper than ${MAX_DEPTH} levels`) : built
      }
      return broken(
        anchors.has(node.source) ? 'an alias cannot stand inside what it repeats' : 'there is no such anchor',
      )
    }
    if (node.tag !== undefined) return broken('tags are not supported; put quotes around what should be text')
    if (path.length > MAX_DEPTH) return broken(`is nested deeper than ${MAX_DEPTH} levels`)
    if (isScalar(node)) return anchored(node.anchor, () => single(toText(node, path, at)))
    if (!isMap(node) && !isSeq(node)) return broken('expected text, a list or a map')
    return anchored(node.anchor, () => {
      const { children, ...built } = isMap(node) ? buildMap(node.items, path, at) : buildList(node.items, path, at)
      const values = children.reduce((sum, child) => sum + child.values, 1)
      if (values > MAX_VALUES) return broken(`holds more than ${MAX_VALUES.toLocaleString('en')} values`)
      return { ...built, values, depth: 1 + children.reduce((most, child) => Math.max(most, child.depth), 0) }
    })
  }

  function anchored(name: string | undefined, make: () => Built): Built {
    if (name === undefined) return make()
    anchors.set(name, undefined)
    const built = make()
    anchors.set(name, built)
    return built
  }

  function buildList(items: readonly unknown[], path: readonly string[], at: number) {
    const children = items.map((item, index) => build(isNode(item) ? item : null, [...path, String(index)], at))
    return { node: { kind: 'list', at, items: children.map((child) => child.node) } as const, children }
  }

  function buildMap(pairs: readonly Pair[], path: readonly string[], at: number) {
    const entries = new Map<string, SourceEntry>()
    const children: Built[] = []
    for (const pair of pairs) {
      const keyAt = (isNode(pair.key) ? pair.key.range?.[0] : undefined) ?? at
      const key = isScalar(pair.key) && pair.key.tag === undefined ? textOf(pair.key) : ''
      if (key === '') {
        findings.push({ at: keyAt, path, message: 'a key must be plain text' })
        continue
      }
      const child = build(isNode(pair.value) ? pair.value : null, [...path, key], keyAt)
      children.push(child)
      if (entries.has(key)) findings.push({ at: keyAt, path, message: `the key "${showKey(key)}" is given twice` })
      else entries.set(key, { keyAt, node: child.node })
    }
    return { node: { kind: 'map', at, entries } as const, children }
  }

  function toText(scalar: Scalar, path: readonly string[], at: number): SourceNode {
    if (scalar.value === null) return { kind: 'nothing', at }
    const written = textOf(scalar)
    const { text, problems } = expand(written, env)
    for (const message of problems) findings.push({ at, path, message })
    if (problems.length > 0) return { kind: 'broken', at }
    return { kind: 'text', at, text, written, word: typeof scalar.value === 'string' }
  }
}

/** What a scalar says, before YAML makes a number or a truth value of it. */
function textOf(scalar: Scalar): string {
  return scalar.source ?? ''
}

function single(node: SourceNode): Built {
  return { node, values: 1, depth: 0 }
}
