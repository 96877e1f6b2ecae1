import type { BaseIssue } from 'valibot'

/** The problems of a payload in Slack's wording, each with its place: `must be … [json-pointer:/blocks/0/text]`. */
export function toProblems(issues: readonly BaseIssue<unknown>[], root: string): readonly string[] {
  return issues.map((issue) => toProblem(issue, root))
}

function toProblem(issue: BaseIssue<unknown>, root: string): string {
  const keys = (issue.path ?? []).map(({ key }) => String(key))
  const key = keys.at(-1)
  if (issue.type === 'strict_object' && key !== undefined && issue.expected === 'never') {
    return at(`invalid additional property: ${key}`, root, keys.slice(0, -1))
  }
  if (key !== undefined && issue.kind === 'schema' && issue.received === 'undefined') {
    return at(`missing required field: ${key}`, root, keys.slice(0, -1))
  }
  return at(toWords(issue), root, keys)
}

function at(words: string, root: string, keys: readonly string[]): string {
  return `${words} [json-pointer:${[root, ...keys].join('/')}]`
}

function toWords(issue: BaseIssue<unknown>): string {
  const limit = Number(issue.requirement)
  const isList = Array.isArray(issue.input)
  switch (issue.type) {
    case 'max_length':
      return isList ? `no more than ${limit} items allowed` : `must be less than ${limit + 1} characters`
    case 'min_length':
      return isList ? `no fewer than ${limit} items allowed` : `must be more than ${limit - 1} characters`
    case 'variant':
      return `unsupported type: ${String(issue.input)}`
    case 'check':
      return issue.message
    default:
      return issue.expected === null ? 'invalid value' : `must provide ${issue.expected}`
  }
}
