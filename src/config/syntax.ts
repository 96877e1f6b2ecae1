import type { Node } from 'yaml'
import { readYaml } from '../yaml-text.ts'
import type { Finding } from './problem.ts'

export interface Syntax {
  readonly root: Node | null
  readonly findings: readonly Finding[]
  readonly positionOf: (at: number) => { readonly line: number; readonly column: number }
}

/** Parse a configuration's YAML. Finds every mistake; never throws. */
export function parseSyntax(text: string): Syntax {
  const { root, mistakes, positionOf } = readYaml(text)
  const findings = mistakes.map(({ at, message }) => ({ at, path: [], message: message + hint(text, at) }))
  return { root, findings, positionOf }
}

/** `{ token: ${X} }` is the mistake behind most of these: inside braces the variable needs quotes. */
function hint(text: string, at: number): string {
  const start = text.lastIndexOf('\n', at - 1) + 1
  const end = text.indexOf('\n', at)
  const line = text.slice(start, end < 0 ? undefined : end)
  return /[^"'$]\$\{/.test(line) ? ' (inside { } and [ ], put quotes around "${…}")' : ''
}
