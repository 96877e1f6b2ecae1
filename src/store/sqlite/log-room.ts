import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'

/**
 * As long as SQLite lets its log get before it writes it back and begins anew: 1,000 pages of 4,096 bytes with 24 each
 * (https://www.sqlite.org/pragma.html#pragma_wal_autocheckpoint, as of 2026-11), and a large commit more.
 */
export const LOG_BYTES = 4_718_592

/**
 * Give a database's log the length it will have: a commit that makes a file longer waits for the disk about twice as long
 * as one that writes over what is there. Zeros behind the last commit are none, and never read. For the thread that
 * commits, between two commits. Without room for all of it the log stays as it is.
 */
export function growLog(file: string): void {
  let fd: number | undefined
  try {
    fd = openSync(`${file}-wal`, 'r+')
    const { size } = fstatSync(fd)
    if (size >= LOG_BYTES) return
    if (!append(fd, size, LOG_BYTES - size)) ftruncateSync(fd, size)
    fdatasyncSync(fd)
  } catch {
    // No log, or not ours to write: commits are slower at first, and that is all.
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** False if the disk is full. */
function append(fd: number, at: number, bytes: number): boolean {
  try {
    return writeSync(fd, new Uint8Array(bytes), 0, bytes, at) === bytes
  } catch {
    return false
  }
}
