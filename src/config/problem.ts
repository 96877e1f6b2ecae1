import { didYouMean } from '../nearest.ts'

/** One mistake in the configuration, or one thing worth a second look. Lines and columns count from 1. */
export interface ConfigProblem {
  /** As it was given on the command line. */
  readonly file: string
  readonly line: number
  readonly column: number
  /** Keys and indices from the root, joined by dots; empty for the file itself. */
  readonly path: string
  readonly message: string
}

/** A mistake before its place in the file is worked out. */
export interface Finding {
  /** Where, as an offset into the text. */
  readonly at: number
  readonly path: readonly string[]
  readonly message: string
}

/** Longer names and texts are cut in messages. */
const MAX_SHOWN_CHARS = 60

/** `config.yaml:5:16 routes.0.to.1: there is no destination "x"`, on one line whatever the file holds. */
export function formatProblem({ file, line, column, path, message }: ConfigProblem): string {
  return `${file}:${line}:${column} ${path === '' ? '' : `${path}: `}${message}`
}

/** A key for a message or a path: one line, not long, and nothing after a colon that lacks its space. */
export function showKey(key: string): string {
  const visible = JSON.stringify(key).slice(1, -1)
  return visible.length > MAX_SHOWN_CHARS ? `${visible.slice(0, MAX_SHOWN_CHARS)}…` : visible
}

/** `, did you mean "x"?` or nothing; long names are not compared, as that takes the product of their lengths. */
export function suggest(name: string, known: Iterable<string>): string {
  if (name.length > MAX_SHOWN_CHARS) return ''
  return didYouMean(name, [...known].filter((candidate) => candidate.length <= MAX_SHOWN_CHARS).slice(0, 500))
}

/** More are not read at once, and a file of another kind would make thousands. */
const MAX_PROBLEMS = 200

/** Place findings in their file, in the order of the file, each said once. */
export function toProblems(
  findings: readonly Finding[],
  file: string,
  positionOf: (at: number) => { readonly line: number; readonly column: number },
): ConfigProblem[] {
  const sorted = findings.toSorted((a, b) => a.at - b.at)
  const problems = new Map<string, ConfigProblem>()
  for (const { at, path, message } of sorted.slice(0, MAX_PROBLEMS)) {
    const problem = { file, ...positionOf(at), path: path.map(showKey).join('.'), message }
    problems.set(formatProblem(problem), problem)
  }
  const next = sorted[MAX_PROBLEMS]
  if (next === undefined) return [...problems.values()]
  const message = `and ${sorted.length - MAX_PROBLEMS} more, from here on`
  return [...problems.values(), { file, ...positionOf(next.at), path: '', message }]
}
