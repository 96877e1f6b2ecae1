import { closeSync, existsSync, openSync, readdirSync, renameSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/**
 * A damaged database is called FILE.salvage-TIME until all that can be read of it
 * has been taken over, and FILE.corrupt-TIME after: what was begun is known after
 * a crash, and nothing is ever deleted.
 */
const OWED = '.salvage-'
const DONE = '.corrupt-'

/** Move a database aside, its log first: the log of one must never be read into another. Gives its new name. */
export function moveAside(file: string, at: Date): string {
  const aside = `${file}${OWED}${at.toISOString().replaceAll(':', '-')}`
  moveAll(file, aside)
  return aside
}

/** Databases beside `file` that were moved aside and not looked through, newest first. */
export function findAside(file: string): readonly string[] {
  const folder = dirname(file)
  const prefix = basename(file) + OWED
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(prefix)) : []
  const asides = [...new Set(names.map((name) => join(folder, name.replace(/-(wal|shm)$/, ''))))]
    .toSorted()
    .toReversed()
  // The process ended between the moves.
  for (const aside of asides) if (!existsSync(aside)) moveAll(file, aside)
  return asides.filter((aside) => existsSync(aside))
}

/** Nothing more is to be got out of it. Gives its last name. */
export function setAside(aside: string): string {
  const done = toDoneName(aside)
  moveAll(aside, done)
  return done
}

/** The name it will have for a person to find. */
export function toDoneName(aside: string): string {
  const at = aside.lastIndexOf(OWED)
  return aside.slice(0, at) + DONE + aside.slice(at + OWED.length)
}

function moveAll(from: string, to: string): void {
  for (const end of ['-wal', '-shm', '']) if (existsSync(from + end)) renameSync(from + end, to + end)
}

/** https://www.sqlite.org/fileformat2.html#the_database_header (as of 2026-11): the same in every database of ours. */
const HEADER_PARTS: readonly (readonly [offset: number, bytes: readonly number[]])[] = [
  // The name, 4,096-byte pages, WAL, no reserved bytes, payload fractions.
  [0, [...Buffer.from('SQLite format 3\0'), 0x10, 0, 2, 2, 0, 64, 32, 32]],
  // Pages: unknown, so that SQLite goes by the length of the file.
  [28, [0, 0, 0, 0]],
  // Schema format 4; UTF-8.
  [44, [0, 0, 0, 4]],
  [56, [0, 0, 0, 1]],
]

/** Write the header of a database that cannot be opened anew: it can be told without reading it. */
export function mendHeader(file: string): void {
  const fd = openSync(file, 'r+')
  try {
    for (const [offset, bytes] of HEADER_PARTS) writeSync(fd, Uint8Array.from(bytes), 0, bytes.length, offset)
  } finally {
    closeSync(fd)
  }
}
