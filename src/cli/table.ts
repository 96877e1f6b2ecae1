import { toDuration } from '../message/duration.ts'
import { cleanLine } from '../message/text.ts'
import { cutToWidth, padToWidth, widthOf } from './width.ts'

/**
 * Rows under their heads, each column as wide as its widest cell; the last is as long as it is. Cells are made safe for
 * a terminal. Where its width is known, no row is longer.
 */
export function toTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  columns = Infinity,
): readonly string[] {
  const cells = [heads, ...rows.map((row) => row.map((cell) => cleanLine(cell, MAX_CELL_CHARS) || '-'))]
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))))
  return cells.map((row) => {
    const padded = row.map((cell, column) => (column === row.length - 1 ? cell : padToWidth(cell, widths[column] ?? 0)))
    return cutToWidth(padded.join('  ').trimEnd(), columns)
  })
}

/** Longer ones would push what is beside them off the screen; --json has them whole. */
const MAX_CELL_CHARS = 100

const UNITS = { day: 'd', hour: 'h', minute: 'm', second: 's' }

/** `3 m ago`. */
export function toAgo(atMs: number, nowMs: number): string {
  return `${toDuration(nowMs - atMs, UNITS)} ago`
}

/** `now`, or `in 40 s`. */
export function toAhead(atMs: number, nowMs: number): string {
  return atMs <= nowMs ? 'now' : `in ${toDuration(atMs - nowMs, UNITS)}`
}

/** A text of several lines that cannot steer a terminal: what could is written as JSON would. */
export function toVisible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) =>
    character === '\n' || character === '\t' ? character : `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  )
}
