import pino from 'pino'
import { toHumanLine } from './human.ts'
import { createScrub } from './scrub.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** One line: fixed keys first, then what happened, as `room.what`. Ids always, text of an incident never. */
type Say = (fields: object, what: string) => void

/** Where every room says what it does. */
export interface Log {
  readonly debug: Say
  readonly info: Say
  readonly warn: Say
  readonly error: Say
}

export interface LogOptions {
  readonly level: LogLevel
  /** Short coloured lines for a person at a terminal instead of JSON. */
  readonly pretty?: boolean
  /** Every secret the process knows at this moment. */
  readonly secrets: () => readonly string[]
  /** Default: standard output. */
  readonly destination?: { write(line: string): void }
}

const SECRET_KEYS = ['authorization', 'cookie', 'token', 'secret', 'secrets', 'password', '["x-relay-secret"]']

/**
 * A log of JSON lines. No line ever holds a secret: keys that usually hold one
 * are blanked, and the finished line is searched for the known ones and for
 * anything that looks like a token. Errors are written as type, message, code,
 * stack and cause; their other members may hold whole requests and are left out.
 */
export function createLog(options: LogOptions): Log {
  const scrub = createScrub(options.secrets)
  const destination = options.destination ?? pino.destination({ fd: 1, sync: true })
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: toErrorFields },
      redact: { paths: SECRET_KEYS.flatMap(redactPaths), censor: '[secret]' },
      hooks: { streamWrite: scrub },
    },
    options.pretty ? { write: (line: string) => destination.write(toHumanLine(line)) } : destination,
  )
}

function redactPaths(key: string): string[] {
  return key.startsWith('[') ? [key, `*${key}`, `*.*${key}`] : [key, `*.${key}`, `*.*.${key}`]
}

function toErrorFields(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { message: String(error) }
  return {
    type: error.name,
    message: error.message,
    ...('code' in error && { code: String(error.code) }),
    ...('reason' in error && { reason: String(error.reason) }),
    stack: error.stack,
    ...(error.cause !== undefined && depth < 3 && { cause: toErrorFields(error.cause, depth + 1) }),
  }
}
