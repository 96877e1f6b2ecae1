import * as v from 'valibot'

const Line = v.looseObject({ time: v.string(), level: v.string(), msg: v.string() })

const COLOURS: Readonly<Record<string, string>> = { debug: '90', info: '36', warn: '33', error: '31' }

/** A JSON log line for human eyes: `03:02:11 info  delivery.attempted event_id=…`. A line that is none is left as it is. */
export function toHumanLine(line: string): string {
  const parsed = v.safeParse(Line, parse(line))
  if (!parsed.success) return line
  const { time, level, msg, ...fields } = parsed.output
  const rest = Object.entries(fields).map(([name, value]) => ` \u001b[90m${name}=\u001b[39m${toText(value)}`)
  return `\u001b[90m${time.slice(11, 19)}\u001b[39m \u001b[${COLOURS[level] ?? '39'}m${level.padEnd(5)}\u001b[39m ${msg}${rest.join('')}\n`
}

/** JSON for anything with structure or spaces, so that one line stays one line. */
function toText(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'message' in value) return JSON.stringify(value.message)
  return typeof value === 'string' && /^[\w.:@/-]+$/.test(value) ? value : JSON.stringify(value)
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // Not a line of ours: shown as it is.
    return undefined
  }
}
