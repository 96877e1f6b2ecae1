import { suggest } from './problem.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A reference, or the `$${` that stands for a literal `${`. A body ends at the first `}`. */
const REFERENCE = /\$\$\{|\$\{([^}]*)(\})?/g
const BODY = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s

/**
 * Put variables into a text: `${NAME}` must be set, `${NAME:-default}` falls back
 * when it is unset or empty, `$${` is a literal `${`. What is put in is not read
 * again. Problems name variables, never values.
 */
export function expand(
  written: string,
  env: Environment,
): { readonly text: string; readonly problems: readonly string[] } {
  const problems: string[] = []
  const text = written.replace(REFERENCE, (whole: string, body: string | undefined, end: string | undefined) => {
    if (body === undefined) return '${'
    const [, name, fallback] = (end === undefined ? null : BODY.exec(body)) ?? []
    if (name === undefined) {
      problems.push('after ${ comes a variable name, then } or :-default}; write $${ for a literal ${')
      return whole
    }
    if (fallback?.includes('${')) {
      problems.push(`the default of \${${name}} holds another variable: they do not nest`)
      return whole
    }
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    if (fallback !== undefined) return value === undefined || value === '' ? fallback : value
    if (value === undefined) problems.push(`the variable ${name} is not set${suggest(name, Object.keys(env))}`)
    return value ?? whole
  })
  return { text, problems }
}
