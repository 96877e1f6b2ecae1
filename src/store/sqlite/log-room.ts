import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { StoreError } from '../error.ts'

/**
 * As long as SQLite lets its log get before it writes it back and begins anew: 1,000 pages of 4,096 bytes with 24 each
 * (https://www.sqlite.org/pragma.html#pragma_wal_autocheckpoint, as of 2026-11), and a large commit more.
 */
export const LOG_BYTES = 4_718_592
/** Added at once: less than a slow disk writes while a sender waits. */
const PIECE_BYTES = 262_144

/**
 * The disk is full, there is no log that we may write, or no file can be opened at this moment: commits are slower at
 * first, and that is all.
 */
const HARMLESS: ReadonlySet<unknown> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'ENOENT',
  'EACCES',
  'EPERM',
  'EROFS',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
])

/**
 * Bring a database's log a piece nearer to the length it will have anyway: a commit that makes a file longer waits for the
 * disk about twice as long as one that writes over what is there. Zeros behind the last commit are no part of the
 * database. Only for the thread that commits, between two commits. Gives whether there is more to add; throws a
 * {@link StoreError} if the disk fails.
 */
export function growLog(file: string): boolean {
  try {
    const fd = openSync(`${file}-wal`, 'r+')
    try {
      return addPiece(fd)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (HARMLESS.has(codeOf(error))) return false
    throw new StoreError('io', `${file}-wal cannot be written: ${String(codeOf(error))}`, { cause: error })
  }
}

function addPiece(fd: number): boolean {
  const { size } = fstatSync(fd)
  const bytes = Math.min(PIECE_BYTES, LOG_BYTES - size)
  if (bytes <= 0) return false
  try {
    writeSync(fd, new Uint8Array(bytes), 0, bytes, size)
  } catch (error) {
    // What did fit is left to those who need it more.
    ftruncateSync(fd, size)
    throw error
  }
  fdatasyncSync(fd)
  return size + bytes < LOG_BYTES
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
