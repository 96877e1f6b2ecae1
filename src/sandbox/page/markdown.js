import { element } from './element.js'
import { inlineRules } from './markdown-inline.js'
import { scan } from './scan.js'

/** @typedef {import('./markdown-inline.js').Reader} Reader */

/** An escaped character, which opens nothing, or a fenced piece of code. */
const FENCE = /\\[^]|```(?:[\w+.#-]*\n)?([^]*?)```/g
const QUOTE = /^> ?(.*)$/
const REST_QUOTE = /^>>> ?(.*)$/
const HEADING = /^(#{1,3}) +(\S.*)$/
const SMALL = /^-# +(\S.*)$/
const ITEM = /^( *)([-*]|\d{1,9}\.) +(\S.*)$/
const BLOCKS = [/^> /, REST_QUOTE, HEADING, SMALL, ITEM]

/**
 * Discord's markdown as nodes: what Discord reads in a message, in the description of an embed and in its fields.
 * @see https://support.discord.com/hc/en-us/articles/210298617
 * @param {string} text
 * @param {Reader} reader
 * @returns {Node[]}
 */
export function readMarkdown(text, reader) {
  /** @type {Node[]} */
  const nodes = []
  let from = 0
  for (const match of text.matchAll(FENCE)) {
    const code = match[1]
    if (code === undefined || code.trim() === '') continue
    nodes.push(...readLines(text.slice(from, match.index).replace(/\n$/, ''), reader))
    nodes.push(element('pre', {}, element('code', {}, code.replace(/^\n+|\n+$/g, ''))))
    from = match.index + match[0].length
    if (text[from] === '\n') from += 1
  }
  nodes.push(...readLines(text.slice(from), reader))
  return nodes
}

/**
 * The same within one line, where there are no lists, quotes or headings: titles and the names of fields.
 * @param {string} text
 * @param {Reader} reader
 */
export function readMarkdownLine(text, reader) {
  return scan(text, inlineRules(reader))
}

/**
 * @param {string} text
 * @param {Reader} reader
 * @returns {Node[]}
 */
function readLines(text, reader) {
  if (text === '') return []
  const lines = text.split('\n')
  /** @type {Node[]} */
  const nodes = []
  while (lines.length > 0) nodes.push(takeBlock(lines, reader))
  return nodes
}

/**
 * Take the next block off the front of the lines.
 * @param {string[]} lines
 * @param {Reader} reader
 */
function takeBlock(lines, reader) {
  const [first = ''] = lines
  const rest = REST_QUOTE.exec(first)
  if (rest !== null) {
    const quoted = [rest[1] ?? '', ...lines.splice(0).slice(1)].join('\n')
    return element('blockquote', {}, readLines(quoted, reader))
  }
  if (first.startsWith('> ')) {
    const quoted = takeWhile(lines, (line) => /^>(?: |$)/.test(line)).map((line) => QUOTE.exec(line)?.[1] ?? '')
    return element('blockquote', {}, readLines(quoted.join('\n'), reader))
  }
  const heading = HEADING.exec(first) ?? SMALL.exec(first)
  if (heading !== null) {
    lines.shift()
    const kind = heading[2] === undefined ? 'small' : `heading level-${heading[1]?.length}`
    return element('p', { class: kind }, readMarkdownLine(heading[2] ?? heading[1] ?? '', reader))
  }
  if (ITEM.test(first))
    return toList(
      takeWhile(lines, (line) => ITEM.test(line)),
      reader,
    )
  const words = [lines.shift(), ...takeWhile(lines, (line) => !BLOCKS.some((block) => block.test(line)))].join('\n')
  return element('p', {}, readMarkdownLine(words, reader))
}

/**
 * @param {readonly string[]} lines
 * @param {Reader} reader
 */
function toList(lines, reader) {
  const items = lines.map((line) => {
    const [, indent = '', mark = '', words = ''] = ITEM.exec(line) ?? []
    const depth = String(Math.min(5, Math.floor(indent.length / 2)))
    const shown = /\d/.test(mark) ? mark : '•'
    const bullet = element('span', { class: 'bullet' }, shown)
    return element('li', { 'data-depth': depth }, bullet, element('span', {}, readMarkdownLine(words, reader)))
  })
  return element('ul', {}, items)
}

/**
 * @param {string[]} lines
 * @param {(line: string) => boolean} fits
 */
function takeWhile(lines, fits) {
  const end = lines.findIndex((line) => !fits(line))
  return lines.splice(0, end === -1 ? lines.length : end)
}
