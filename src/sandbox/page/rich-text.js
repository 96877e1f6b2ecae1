import { element, link } from './element.js'
import { drawDate } from './slack-date.js'

/**
 * @typedef {Extract<import('../slack/blocks.ts').Block, { type: 'rich_text' }>['elements'][number]} Part
 * @typedef {Extract<Part, { type: 'rich_text_section' }>['elements'][number]} Piece
 * @typedef {import('./slack.js').NameOf} NameOf
 */

/**
 * The parts of a `rich_text` block. Nothing in it is parsed: a text is exactly its characters.
 * @param {readonly Part[]} parts
 * @param {NameOf} nameOf
 * @returns {HTMLElement[]}
 */
export function drawRichText(parts, nameOf) {
  /** @type {Counts} */
  const counts = { indent: 0, next: [] }
  return parts.map((part) => {
    if (part.type === 'rich_text_list') return drawList(part, nameOf, counts)
    counts.next = []
    const pieces = part.elements.map((piece) => drawPiece(piece, nameOf))
    switch (part.type) {
      case 'rich_text_section':
        return element('p', {}, pieces)
      case 'rich_text_quote':
        return element('blockquote', {}, pieces)
      case 'rich_text_preformatted':
      default:
        return element('pre', {}, pieces)
    }
  })
}

/**
 * Where the numbering of each depth goes on: a list is a part of its own wherever the depth changes.
 * @typedef {{ indent: number, next: number[] }} Counts
 */

/**
 * @param {Extract<Part, { type: 'rich_text_list' }>} list
 * @param {NameOf} nameOf
 * @param {Counts} counts
 */
function drawList({ style, elements, indent = 0, offset }, nameOf, counts) {
  const start = offset ?? counts.next[indent] ?? 0
  const items = elements.map(({ elements: pieces }, index) => {
    const bullet = style === 'ordered' ? `${start + index + 1}.` : BULLETS[indent % BULLETS.length]
    const words = element(
      'span',
      {},
      pieces.map((piece) => drawPiece(piece, nameOf)),
    )
    return element('li', { 'data-depth': String(indent) }, element('span', { class: 'bullet' }, bullet), words)
  })
  counts.next = [...counts.next.slice(0, indent), start + elements.length]
  return element('ul', {}, items)
}

const BULLETS = ['•', '◦', '▪']

/**
 * @param {Piece} piece
 * @param {NameOf} nameOf
 */
function drawPiece(piece, nameOf) {
  return withStyle(toNode(piece, nameOf), piece.style)
}

/**
 * @param {Piece} piece
 * @param {NameOf} nameOf
 * @returns {Node}
 */
function toNode(piece, nameOf) {
  switch (piece.type) {
    case 'text':
      return document.createTextNode(piece.text)
    case 'link':
      return link(piece.url, {}, piece.text ?? piece.url)
    case 'user':
      return element('span', { class: 'mention' }, `@${nameOf(piece.user_id)}`)
    case 'usergroup':
      return element('span', { class: 'mention loud' }, `@${nameOf(piece.usergroup_id)}`)
    case 'broadcast':
      return element('span', { class: 'mention loud' }, `@${piece.range}`)
    case 'channel':
      return element('span', { class: 'mention' }, `#${nameOf(piece.channel_id)}`)
    case 'emoji':
      return document.createTextNode(toEmoji(piece.unicode) ?? `:${piece.name}:`)
    case 'date':
      return drawDate(piece)
    case 'color':
    default:
      return document.createTextNode(piece.value)
  }
}

/**
 * @param {Node} node
 * @param {Piece['style']} style
 */
function withStyle(node, style) {
  let styled = node
  if (style?.code === true) styled = element('code', {}, styled)
  if (style?.underline === true) styled = element('u', {}, styled)
  if (style?.strike === true) styled = element('s', {}, styled)
  if (style?.italic === true) styled = element('em', {}, styled)
  if (style?.bold === true) styled = element('strong', {}, styled)
  return styled
}

/**
 * Slack writes an emoji as the hex numbers of its characters: `1f468-200d-1f4bb`.
 * @param {string | undefined} unicode
 */
function toEmoji(unicode) {
  if (unicode === undefined || !/^[0-9a-f]{2,5}(?:-[0-9a-f]{2,5})*$/i.test(unicode)) return undefined
  return String.fromCodePoint(...unicode.split('-').map((hex) => parseInt(hex, 16)))
}
