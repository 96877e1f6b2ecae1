/** Letters that take two columns of a terminal: East Asian wide ones, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|\uFE0F/u
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]+$/u
const LETTERS = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** How many columns of a terminal a text without styles takes. */
export function widthOf(text: string): number {
  let width = 0
  for (const { segment } of LETTERS.segment(text)) width += letterWidth(segment)
  return width
}

/** As much of a text as fits so many columns, ended with "…" if that is not all. */
export function cutToWidth(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let cut = ''
  let width = 0
  for (const { segment } of LETTERS.segment(text)) {
    width += letterWidth(segment)
    if (width > columns - 1) break
    cut += segment
  }
  return `${cut.trimEnd()}…`
}

/** Text and what fills it up to so many columns. */
export function padToWidth(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)))
}

function letterWidth(letter: string): number {
  if (NO_WIDTH.test(letter)) return 0
  return WIDE.test(letter) ? 2 : 1
}
