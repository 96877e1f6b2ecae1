import { dirname, resolve } from 'node:path'
import { readText } from './file.ts'
import type { Finding } from './problem.ts'
import type { SourceNode } from './source.ts'

/** Many times the longest token; a larger file is not a token. */
const MAX_TOKEN_FILE_BYTES = 16_384

/**
 * Read every account's `token_file` into its `token`, white space at the ends
 * cut off, so that the schema sees one way only. Paths are relative to the
 * configuration's folder. What was read is part of the tree afterwards.
 */
export function readTokenFiles(root: SourceNode, configFile: string): readonly Finding[] {
  const accounts = root.kind === 'map' ? root.entries.get('accounts')?.node : undefined
  if (accounts?.kind !== 'map') return []
  const findings: Finding[] = []
  for (const [name, { node: account }] of accounts.entries) {
    const entry = account.kind === 'map' ? account.entries.get('token_file') : undefined
    if (account.kind !== 'map' || entry?.node.kind !== 'text') continue
    const { at } = entry.node
    const path = ['accounts', name, 'token_file']
    const token = account.entries.get('token')
    if (token !== undefined && token.node.kind !== 'nothing') {
      findings.push({ at: entry.keyAt, path, message: 'set token or token_file, not both' })
      continue
    }
    const file = resolve(dirname(configFile), entry.node.text)
    const read = entry.node.text === '' ? { problem: 'has no name' } : readText(file, MAX_TOKEN_FILE_BYTES)
    const content = 'text' in read ? read.text.trim() : ''
    const problem = 'problem' in read ? read.problem : content === '' ? 'is empty' : undefined
    if (problem !== undefined)
      findings.push({ at, path, message: `the file ${problem} (paths start at this file's folder)` })
    const node =
      problem === undefined
        ? { kind: 'text' as const, at, text: content, written: '', word: true }
        : { kind: 'broken' as const, at }
    account.entries.set('token', { keyAt: entry.keyAt, node })
    account.entries.set('token_file', { keyAt: entry.keyAt, node: { ...entry.node, text: file } })
  }
  return findings
}
