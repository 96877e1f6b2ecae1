import { dirname, resolve } from 'node:path'
import { readText } from './file.ts'
import type { Finding } from './problem.ts'
import type { SourceMap, SourceNode } from './source.ts'
import { entriesOf, member } from './tree.ts'

/** Many times the longest token; a larger file is not a token. */
const MAX_SECRET_FILE_BYTES = 16_384

/**
 * Read every account's `token_file` into its `token`, and `flashduty.secrets_file`
 * into `secrets`, one for each line, white space at the ends cut off, so that the
 * schema sees one way only. Paths are relative to the configuration's folder. What
 * was read is part of the tree afterwards.
 */
export function readSecretFiles(root: SourceNode, configFile: string): readonly Finding[] {
  const folder = dirname(configFile)
  const tokens = entriesOf(member(root, 'accounts')).flatMap(([name, account]) =>
    account.kind === 'map' ? readInto(account, 'token', ['accounts', name], folder, toText) : [],
  )
  const flashduty = member(root, 'flashduty')
  if (flashduty?.kind !== 'map') return tokens
  return [...readInto(flashduty, 'secrets', ['flashduty'], folder, toLines), ...tokens]
}

/** Put what `KEY_file` names where `KEY` belongs. */
function readInto(
  map: SourceMap,
  key: 'token' | 'secrets',
  at: readonly string[],
  folder: string,
  toNode: (content: string, at: number) => SourceNode,
): readonly Finding[] {
  const option = `${key}_file`
  const entry = map.entries.get(option)
  if (entry?.node.kind !== 'text') return []
  const { node, keyAt } = entry
  const path = [...at, option]
  const given = map.entries.get(key)
  if (given !== undefined && given.node.kind !== 'nothing') {
    return [{ at: keyAt, path, message: `set ${key} or ${option}, not both` }]
  }
  const file = resolve(folder, node.text)
  const read = node.text === '' ? { problem: 'has no name' } : readText(file, MAX_SECRET_FILE_BYTES)
  const content = 'text' in read ? read.text.trim() : ''
  const problem = 'problem' in read ? read.problem : content === '' ? 'is empty' : undefined
  const value = problem === undefined ? toNode(content, node.at) : ({ kind: 'broken', at: node.at } as const)
  map.entries.set(key, { keyAt, node: value })
  map.entries.set(option, { keyAt, node: { ...node, text: file } })
  if (problem === undefined) return []
  return [{ at: node.at, path, message: `the file ${problem} (paths start at this file's folder)` }]
}

function toText(text: string, at: number): SourceNode {
  return { kind: 'text', at, text, written: '', word: true }
}

function toLines(content: string, at: number): SourceNode {
  const lines = content.split('\n').map((line) => line.trim())
  return { kind: 'list', at, items: lines.filter((line) => line !== '').map((line) => toText(line, at)) }
}
