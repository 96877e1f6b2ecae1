import { readFileSync } from 'node:fs'
import { toJsonSchema, type JsonSchema } from '@valibot/to-json-schema'
import { ConfigSchema } from '../../../src/config/schema.ts'

// The configuration's schema for editors: types and bounds from the one schema there is, words from the example, whose
// comments are the manual. What spans two places (a route's destinations) only `check` knows.

/** A part of a JSON Schema, as far as it is looked into here. */
export type Json = Record<string, unknown> & {
  type?: string
  enum?: unknown
  anyOf?: Json[]
  oneOf?: Json[]
  items?: Json
  properties?: Record<string, Json>
  additionalProperties?: Json | false
  required?: string[]
  description?: string
}

/** `${NAME}` may stand wherever text may. */
const VARIABLE = { type: 'string', pattern: '\\$\\{' } as const

/** The file, as text. `example` is the path of the example configuration. */
export function toSchemaFile(example: string): string {
  const converted = toJsonSchema(ConfigSchema, {
    typeMode: 'input',
    errorMode: 'ignore',
    target: 'draft-07',
    overrideAction: ({ valibotAction }) => bounded(valibotAction),
  }) as Json
  const root: Json = { ...converted, title: 'Incident relay: config.yaml' }
  walk(root, (part) => {
    if (part.enum !== undefined && part['const'] === undefined) allowVariable(part)
    for (const secret of ['token', 'secrets']) {
      if (part.properties?.[`${secret}_file`] === undefined) continue
      part.required = (part.required ?? []).filter((key) => key !== secret)
      part.oneOf = [{ required: [secret] }, { required: [`${secret}_file`] }]
    }
  })
  describeFrom(readFileSync(example, 'utf8'), root)
  return `${JSON.stringify(root, null, 2)}\n`
}

/** Forms and bounds that are checked behind a transformation, where the converter does not look: see scalar.ts. */
function bounded(action: { readonly type: string; readonly metadata?: unknown }): JsonSchema | undefined {
  if (action.type !== 'metadata') return undefined
  const { pattern, ...bounds } = action.metadata as JsonSchema & { pattern?: string }
  if (pattern === undefined) return { anyOf: [bounds, VARIABLE] }
  return { anyOf: [{ type: 'string', pattern: `${pattern}|${VARIABLE.pattern}` }, { type: 'number' }] }
}

function allowVariable(part: Json): void {
  part.anyOf = [{ enum: part.enum }, VARIABLE]
  delete part.enum
  delete part.type
}

function walk(part: Json, visit: (part: Json) => void): void {
  for (const child of childrenOf(part)) walk(child, visit)
  visit(part)
}

function childrenOf(part: Json): readonly Json[] {
  const { properties = {}, additionalProperties, items, anyOf = [], oneOf = [] } = part
  const rest = [additionalProperties, items].filter((child) => typeof child === 'object')
  return [...Object.values(properties), ...rest, ...anyOf, ...oneOf]
}

/** Give every option the comment that stands above it in the example, or behind it. */
function describeFrom(example: string, root: Json): void {
  const open: { indent: number; key: string }[] = []
  let block: string[] = []
  let before = ''
  for (const line of example.split('\n').slice(1)) {
    const [, left = '', dash = '', key = '', behind = ''] =
      /^( *)(- )?(?:# )?([\w@.-]+):(?: .*?(?: # (.*))?)?$/.exec(line) ?? []
    const isNote = /^ *#/.test(line)
    const indent = left.length + dash.length
    const path = [...open.filter((outer) => outer.indent < indent).map((outer) => outer.key), key]
    const parts = key === '' ? [] : find([root], path)
    if (parts.length === 0 && isNote) {
      block.push(line.replace(/^ *# ?/, '').trim())
      continue
    }
    const said = block.join(' ').replace(/ {2,}/g, ' ') || behind || before
    if (parts.length > 0) for (const part of parts) part.description ??= said
    if (line.trim() === '') before = ''
    else if (parts.length > 0) before = said
    block = []
    if (key === '' || isNote) continue
    while ((open.at(-1)?.indent ?? -1) >= indent) open.pop()
    open.push({ indent, key })
  }
}

/** The parts a path leads to: several, where an account may be of either platform. */
function find(parts: readonly Json[], [key, ...rest]: readonly string[]): readonly Json[] {
  if (key === undefined) return parts
  const maps = parts.flatMap(open)
  const next = maps.flatMap((map) => {
    const child = map.properties?.[key] ?? map.additionalProperties
    return typeof child === 'object' ? [child] : []
  })
  return next.length === 0 ? [] : find(next, rest)

  function open(part: Json): readonly Json[] {
    return [part, ...[...(part.anyOf ?? []), ...(part.oneOf ?? []), ...(part.items ? [part.items] : [])].flatMap(open)]
  }
}
