/** Discord's nested description of what is wrong with a form. */
export interface ErrorTree {
  [key: string]: ErrorTree | readonly FormError[]
}

export interface FormError {
  readonly code: string
  readonly message: string
}

/** One value of a request, where it stands, and where to note what is wrong with it. */
export interface Field {
  readonly value: unknown
  readonly path: readonly (string | number)[]
  readonly problems: Problem[]
}

export interface Problem extends FormError {
  readonly path: readonly (string | number)[]
}

/** The form a whole request body makes. */
export function toForm(body: unknown): Field {
  return { value: body, path: [], problems: [] }
}

/** A value inside a record or a list. Absent and `null` are one: Discord treats them alike. */
export function inside(field: Field, key: string | number): Field {
  const value: unknown = Object.getOwnPropertyDescriptor(Object(field.value), key)?.value
  return { value: value ?? undefined, path: [...field.path, key], problems: field.problems }
}

/** Whether a record names a key at all, if only with `null`. */
export function names(field: Field, key: string): boolean {
  return isRecord(field.value) && Object.hasOwn(field.value, key)
}

/** Note a problem. Always undefined, so that a check can end with it. */
export function refuseField(field: Field, code: string, message: string): undefined {
  field.problems.push({ path: field.path, code, message })
  return undefined
}

/** Discord's tree: `{ embeds: { 0: { title: { _errors: [{ code, message }] } } } }`. */
export function toErrorTree(problems: readonly Problem[]): ErrorTree {
  const root: ErrorTree = {}
  for (const { path, code, message } of problems) {
    let node = root
    for (const key of path) {
      const next = node[key] ?? {}
      if (isErrors(next)) break
      node[key] = next
      node = next
    }
    const errors = node['_errors']
    node['_errors'] = [...(errors !== undefined && isErrors(errors) ? errors : []), { code, message }]
  }
  return root
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isErrors(node: ErrorTree | readonly FormError[]): node is readonly FormError[] {
  return Array.isArray(node)
}
