import { element, link } from './element.js'
import { scan } from './scan.js'
import { age, format, instant, isInstant } from './time.js'

/**
 * What reading needs to know beside the text.
 * @typedef {object} Reader
 * @property {(id: string) => string} nameOf  The name behind an id.
 * @property {boolean} everyone  Whether `@everyone` and `@here` call somebody here.
 * @property {number} [depth]  How many marks are open.
 */

/** @typedef {import('./scan.js').Rule} Rule */

/** Ours: nobody writes deeper, and each level reads its text again. */
const MAX_DEPTH = 12

/** @type {Readonly<Record<string, Intl.DateTimeFormatOptions>>} */
const STYLES = {
  t: { timeStyle: 'short' },
  T: { timeStyle: 'medium' },
  d: { dateStyle: 'short' },
  D: { dateStyle: 'long' },
  f: { dateStyle: 'long', timeStyle: 'short' },
  F: { dateStyle: 'full', timeStyle: 'short' },
  s: { dateStyle: 'short', timeStyle: 'short' },
  S: { dateStyle: 'short', timeStyle: 'medium' },
}

/**
 * The marks within a line, in the order in which Discord tries them.
 * @param {Reader} reader
 * @returns {readonly Rule[]}
 */
export function inlineRules(reader) {
  const { nameOf, everyone, depth = 0 } = reader
  /** @param {string} text */
  const inside = (text) =>
    depth < MAX_DEPTH ? scan(text, inlineRules({ ...reader, depth: depth + 1 })) : [document.createTextNode(text)]
  /**
   * @param {RegExp} pattern
   * @param {keyof HTMLElementTagNameMap} tag
   * @param {import('./element.js').Attributes} [attributes]
   * @returns {Rule}
   */
  const mark = (pattern, tag, attributes = {}) => ({
    pattern,
    read: (match) => element(tag, attributes, inside(match[1] ?? '')),
  })
  return [
    { pattern: /\\([^0-9A-Za-z\s])/uy, read: (match) => match[1] ?? '' },
    { pattern: /(`+)(?!`)([^]*?[^`])\1(?!`)/y, read: (match) => element('code', {}, toCode(match[2] ?? '')) },
    // Backticks that nothing closes are text, all at once: trying each of them would take seconds.
    { pattern: /`+/y, read: (match) => match[0] },
    { pattern: /<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>/y, read: readTime },
    mention(/<@!?(\d{17,20})>/y, (match) => `@${nameOf(match[1] ?? '')}`),
    mention(/<@&(\d{17,20})>/y, (match) => `@${nameOf(match[1] ?? '')}`),
    mention(/<#(\d{17,20})>/y, (match) => `#${nameOf(match[1] ?? '')}`),
    ...(everyone ? [mention(/@(?:everyone|here)/y, (match) => match[0])] : []),
    { pattern: /<a?(:\w{2,32}:)\d{17,20}>/y, read: (match) => match[1] ?? '' },
    { pattern: /<(https?:\/\/[^\s<>]+)>/iy, read: (match) => link(match[1], {}, match[1]) },
    {
      // A name that looks like an address is none: Discord shows the markup.
      pattern:
        /\[(?![^\]]*https?:\/\/)((?:\\[^]|[^\\[\]])+)\]\(\s*(?:<([^\s<>]+)>|((?:\([^\s()]*\)|[^\s()<>])+))(?:\s+"[^"]*")?\s*\)/iy,
      read: (match) => link(match[2] ?? match[3], {}, inside(match[1] ?? '')),
    },
    { pattern: /https?:\/\/[^\s<]*[^\s<.,:;"'\])]/iy, read: (match) => link(match[0], {}, match[0]) },
    mark(/\*\*((?:\\[^]|[^\\])+?)\*\*(?!\*)/y, 'strong'),
    mark(/__((?:\\[^]|[^\\])+?)__(?!_)/y, 'u'),
    mark(/~~((?:\\[^]|[^\\])+?)~~/y, 's'),
    mark(/\|\|((?:\\[^]|[^\\])+?)\|\|/y, 'span', { class: 'spoiler', tabindex: '0' }),
    mark(/\*(?=\S)((?:\*\*|\\[^]|\s+(?:\\[^]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/y, 'em'),
    mark(/(?<!\w)_((?:__|\\[^]|[^\\_])+?)_(?!\w)/y, 'em'),
  ]
}

/**
 * @param {RegExp} pattern
 * @param {(match: RegExpExecArray) => string} toName
 * @returns {Rule}
 */
function mention(pattern, toName) {
  return { pattern, read: (match) => element('span', { class: 'mention' }, toName(match)) }
}

/** @param {RegExpExecArray} match */
function readTime(match) {
  const [words, seconds, style = 'f'] = match
  const atMs = Number(seconds) * 1000
  if (!isInstant(atMs)) return words
  if (style === 'R') return age(atMs)
  return instant(atMs, format(atMs, STYLES[style] ?? {}), { class: 'chip' })
}

/**
 * One space at each end makes room for backticks and is not shown.
 * @param {string} text
 */
function toCode(text) {
  return /^\s`|`\s$/.test(text) ? text.trim() : text
}
