import { StoreError } from '../error.ts'

/** What is known of a statement that failed: nothing was written, or perhaps all of it. */
export interface Failure {
  readonly error: StoreError
  /** `undone`: the server says that nothing was written. `unclear`: the connection went before it could say. */
  readonly written: 'undone' | 'unclear'
  /** The same transaction may go through if it is run again. */
  readonly isPassing: boolean
  /** Another transaction was in the way. */
  readonly isConflict: boolean
}

/**
 * By SQLSTATE, or its first two characters, the class.
 * https://www.postgresql.org/docs/18/errcodes-appendix.html (read 2026-11)
 */
const REASONS: Readonly<Record<string, StoreError['reason']>> = {
  // connection exception; what a proxy says when it has no server is 08P01
  '08': 'unavailable',
  // read-only transaction: a standby, or a primary that became one
  '25006': 'unavailable',
  // transaction ended by its own time limit
  '25P03': 'unavailable',
  '25P04': 'unavailable',
  // transaction rollback: serialization failure, deadlock
  '40': 'unavailable',
  // insufficient resources: too many connections, out of memory
  '53': 'unavailable',
  '53100': 'full',
  '55P03': 'unavailable',
  // operator intervention: shutdown, crash of another session, cancelled by statement_timeout, starting up
  '57': 'unavailable',
  // system error of the server
  '58': 'unavailable',
  XX001: 'damaged',
  XX002: 'damaged',
}
/** A password that is wrong or a database that is not there is put right by a person: a mistake at the start, a wait later. */
const REFUSALS = ['28', '3D', '42501']

/** A serialization failure and a deadlock. */
const CONFLICTS = ['40001', '40P01']

/** Sort an error of the driver. */
export function toFailure(error: unknown): Failure {
  if (error instanceof StoreError) return { error, written: 'undone', isPassing: false, isConflict: false }
  const message = error instanceof Error ? describe(error) : String(error)
  const code = codeOf(error)
  // All that the server did not say is about the way to it.
  if (code === undefined) {
    const failure = new StoreError('unavailable', `Postgres cannot be reached: ${message}`, { cause: error })
    return { error: failure, written: 'unclear', isPassing: true, isConflict: false }
  }
  const reason = REASONS[code] ?? REASONS[code.slice(0, 2)] ?? (isRefusal(code) ? 'unavailable' : 'bug')
  return {
    error: new StoreError(reason, `Postgres: ${message} (${code})`, { cause: error }),
    written: 'undone',
    isConflict: CONFLICTS.includes(code),
    isPassing: CONFLICTS.includes(code) || (reason === 'unavailable' && isFatal(error)),
  }
}

/** The same for a store that is only being opened: what is refused then is a mistake somebody has to put right in `where`. */
export function toOpenError(error: unknown, where = 'store.postgres'): StoreError {
  const failure = toFailure(error).error
  if (!isRefusal(codeOf(failure.cause) ?? '')) return failure
  return new StoreError('unreadable', `${failure.message}: correct ${where}`, { cause: error })
}

function isRefusal(code: string): boolean {
  return REFUSALS.some((refusal) => code.startsWith(refusal))
}

/** Several addresses that all refused come as one error without words of its own. */
function describe(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map((one: unknown) => String(one)).join('; ')
  return error.message
}

/** Only what the server says has a severity: some codes of the system have five capitals too (EPIPE). */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return undefined
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined
}

/** The server ended the connection with it; the next one may be taken. */
function isFatal(error: unknown): boolean {
  return error instanceof Error && 'severity' in error && error.severity === 'FATAL'
}
