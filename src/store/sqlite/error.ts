import { StoreError } from '../error.ts'

/** SQLite's primary result codes. https://www.sqlite.org/rescode.html (as of 2026-11) */
const REASONS: ReadonlyMap<number, StoreError['reason']> = new Map([
  [5, 'locked'],
  [6, 'locked'],
  [10, 'io'],
  [11, 'damaged'],
  [13, 'full'],
  [26, 'damaged'],
])

/** Give an error of the driver its reason. `context` says what was being done. */
export function toStoreError(error: unknown, context: string): StoreError {
  if (error instanceof StoreError) return error
  const message = error instanceof Error ? error.message : String(error)
  const extendedCode =
    typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) : Number.NaN
  const reason = REASONS.get(extendedCode & 0xff) ?? byMessage(message)
  return new StoreError(reason, context === '' ? message : `${context}: ${message}`, { cause: error })
}

function byMessage(message: string): StoreError['reason'] {
  if (/database is locked/i.test(message)) return 'locked'
  if (/disk is full|database or disk is full/i.test(message)) return 'full'
  if (/malformed|not a database/i.test(message)) return 'damaged'
  return /disk I\/O error/i.test(message) ? 'io' : 'bug'
}
