import type { Style, Terminal } from '../terminal.ts'
import { widthOf } from '../width.ts'

/** A piece of a line, and how it is set apart. */
export interface Piece {
  readonly text: string
  readonly styles: readonly Style[]
}

/** Pieces as lines: broken where a piece has a line break, and between words where a line would not fit. */
export function toLines(pieces: readonly Piece[], columns: number): readonly (readonly Piece[])[] {
  const lines: Piece[][] = [[]]
  let width = 0
  for (const { text, styles } of pieces) {
    for (const token of text.split(/(\n|[^\S\n]+)/)) {
      if (token === '') continue
      const isBreak = token === '\n'
      const isSpace = token.trim() === ''
      if (isBreak || (!isSpace && width > 0 && width + widthOf(token) > columns)) {
        lines.push([])
        width = 0
      }
      if (isBreak || (isSpace && width === 0)) continue
      lines.at(-1)?.push({ text: token, styles })
      width += widthOf(token)
    }
  }
  return lines
}

/** A line as the terminal shows it. */
export function paintLine(line: readonly Piece[], { paint }: Pick<Terminal, 'paint'>): string {
  const joined: Piece[] = []
  for (const piece of line) {
    const before = joined.at(-1)
    if (before !== undefined && before.styles.join() === piece.styles.join()) {
      joined[joined.length - 1] = { text: before.text + piece.text, styles: piece.styles }
    } else joined.push(piece)
  }
  return joined
    .map(({ text, styles }) => styles.reduce((painted, style) => paint(style, painted), text))
    .join('')
    .trimEnd()
}
