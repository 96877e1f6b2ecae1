import * as v from 'valibot'
import { showKey, suggest } from './problem.ts'

/** Stands in a message for what the file has instead: `the text "x"`, `a list`. The loader knows what it may quote. */
export const GOT = '{got}'

/** The type of an issue about a key itself: unknown, or no name to be had. */
export const KEY_ISSUE = 'key'

const AS_MAP = `expected a map, got ${GOT}`

type Run<S extends v.GenericSchema> = S['~run']

/**
 * A map with fixed keys. Unlike `v.strictObject` alone it names every unknown
 * key, with the nearest known one, and takes a key with nothing behind it as absent.
 */
export function strict<const E extends v.ObjectEntries>(entries: E) {
  const schema = v.strictObject(entries, (issue) => (issue.expected === 'Object' ? AS_MAP : 'is required'))
  const run: Run<typeof schema> = (dataset, config) => {
    const input = dataset.value
    if (!isMap(input)) return schema['~run']({ value: undefined }, config)
    const known: Record<string, unknown> = Object.create(null)
    const unknown: string[] = []
    for (const key of Object.keys(input)) {
      if (!Object.hasOwn(entries, key)) unknown.push(key)
      else if (input[key] !== null && input[key] !== undefined) known[key] = input[key]
    }
    const result = schema['~run']({ value: known }, config)
    const issues = unknown.map((key) => keyIssue(input, key, unknownKey(key, entries)))
    return toDataset<typeof result>(result.value, [...(result.issues ?? []), ...issues])
  }
  return { ...schema, '~run': run }
}

/** A map whose keys are the user's. Unlike `v.record` it keeps every key, `constructor` and `__proto__` too. */
export function mapOf<const S extends v.GenericSchema>(
  value: S,
  keyProblem: (key: string) => string | undefined = nameProblem,
) {
  const schema = v.record(v.string(), value, AS_MAP)
  const run: Run<typeof schema> = (dataset, config) => {
    const input = dataset.value
    if (!isMap(input)) return schema['~run']({ value: undefined }, config)
    const output: Record<string, v.InferOutput<S>> = Object.create(null)
    const issues: v.BaseIssue<unknown>[] = []
    for (const [key, entry] of Object.entries(input)) {
      const message = keyProblem(key)
      if (message !== undefined) issues.push(keyIssue(input, key, message))
      const item = { type: 'object', origin: 'value', input, key, value: entry } as const
      const judged = value['~run']({ value: entry }, config)
      for (const issue of judged.issues ?? []) issues.push({ ...issue, path: [item, ...(issue.path ?? [])] })
      output[key] = judged.value
    }
    return toDataset<ReturnType<Run<typeof schema>>>(output, issues)
  }
  return { ...schema, '~run': run }
}

/**
 * One value, or a structure: whichever the input is decides which schema judges
 * it, so that a mistake is told in its terms. `v.union` would try both and name neither.
 */
export function choose<const One extends v.GenericSchema, const Many extends v.GenericSchema>(one: One, many: Many) {
  const schema = v.union([one, many])
  const run: Run<typeof schema> = (dataset, config) => (isScalar(dataset.value) ? one : many)['~run'](dataset, config)
  return { ...schema, '~run': run }
}

/** A list; one value alone stands for a list of one. */
export function listOf<const S extends v.GenericSchema>(item: S) {
  return choose(
    v.pipe(
      item,
      v.transform((value): v.InferOutput<S>[] => [value]),
    ),
    v.array(item, `expected a list, got ${GOT}`),
  )
}

/** A {@link listOf} with something in it. */
export function someOf<const S extends v.GenericSchema>(item: S) {
  return v.pipe(listOf(item), v.minLength(1, 'expected at least one'))
}

function nameProblem(key: string): string | undefined {
  return key.length > 64 || /\p{Cc}/u.test(key)
    ? `the name "${showKey(key)}" is not 1 to 64 characters on one line`
    : undefined
}

/**
 * `token:xoxb-…` without its space, or `token xoxb-…` in braces, is a key to YAML.
 * So only what looks like the name of an option is repeated.
 */
function unknownKey(key: string, entries: v.ObjectEntries): string {
  if (/^[A-Za-z]\w{0,23}$/.test(key)) return `unknown key "${key}"${suggest(key, Object.keys(entries))}`
  const option = /^\w+/.exec(key)?.[0] ?? ''
  return Object.hasOwn(entries, option) ? `after "${option}" come a colon and a space` : 'unknown key'
}

/** An issue of a key itself. Told at the key, under the path of its map: the message names the key. */
function keyIssue(input: Record<string, unknown>, key: string, message: string): v.BaseIssue<unknown> {
  const path: [v.ObjectPathItem] = [{ type: 'object', origin: 'key', input, key, value: input[key] }]
  return { kind: 'schema', type: KEY_ISSUE, input: key, expected: null, received: 'key', message, path }
}

/** What a schema's run gives back. `D` is true as long as `value` went through that schema's own members. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- generic over schemas
function toDataset<D>(value: unknown, issues: readonly v.BaseIssue<unknown>[]): D {
  const dataset = issues.length === 0 ? { typed: true, value } : { typed: false, value, issues: [...issues] }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as promised above
  return dataset as D
}

function isMap(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}

function isScalar(input: unknown): boolean {
  return typeof input === 'string' || typeof input === 'number' || typeof input === 'boolean'
}
