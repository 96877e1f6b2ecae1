/** What is wrong with one line. Never quotes it: it may hold a token. Lines and columns count from 1. */
export interface LineProblem {
  readonly line: number
  readonly column: number
  readonly message: string
}

export interface Dotenv {
  readonly values: Readonly<Record<string, string>>
  readonly problems: readonly LineProblem[]
}

const LINE = /^(\s*(?:export\s+)?)([A-Za-z_][A-Za-z0-9_]*)(\s*=[^\S\n]*)(.*)$/
const QUOTED = /^(['"`])(.*?)\1\s*(?:#.*)?$/

/**
 * Read the text of a `.env` file: a name, `=` and a value on each line, in quotes or not; `#` begins a comment. It
 * means what Node's own `--env-file` makes of it, but what Node would skip without a word, or read on into the next
 * line, is a problem here.
 * @see https://nodejs.org/docs/latest-v24.x/api/environment_variables.html#env-files
 */
export function parseDotenv(text: string): Dotenv {
  const values: Record<string, string> = {}
  const problems: LineProblem[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#.*)?$/.test(line)) continue
    const complain = (column: number, message: string): void => void problems.push({ line: index + 1, column, message })
    const [, before = '', name, equals = '', written = ''] = LINE.exec(line) ?? []
    if (name === undefined) complain(1 + line.search(/\S/), 'expected NAME=value, a comment or an empty line')
    else if (Object.hasOwn(values, name)) complain(1 + before.length, `${name} is given twice`)
    else {
      const value = toValue(written)
      const at = 1 + before.length + name.length + equals.length
      if (value === undefined) complain(at, `the value of ${name} has an opening quote and must end with the same`)
      else values[name] = value
    }
  }
  return { values, problems }
}

/** Undefined if a quote is not closed on the line, or something follows it. */
function toValue(written: string): string | undefined {
  if (!/^['"`]/.test(written)) return written.replace(/#.*$/, '').trim()
  const [, quote, inside] = QUOTED.exec(written) ?? []
  return quote === '"' ? inside?.replaceAll(String.raw`\n`, '\n') : inside
}

/** A line of a `.env` file that {@link parseDotenv} reads as it was; undefined if no quotes can hold the value. */
export function toDotenvLine(name: string, value: string): string | undefined {
  if (/^[\w.:/+=-]*$/.test(value)) return `${name}=${value}`
  if (/[\r\n]/.test(value)) return undefined
  const quote = ["'", '`'].find((candidate) => !value.includes(candidate))
  return quote && `${name}=${quote}${value}${quote}`
}
