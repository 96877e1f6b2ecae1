import { element, link } from './element.js'
import { scan } from './scan.js'
import { drawDate } from './slack-date.js'

/**
 * @typedef {import('./slack.js').NameOf} NameOf
 * @typedef {import('./scan.js').Rule} Rule
 */

/** Ours: nobody writes deeper, and each level reads its text again. */
const MAX_DEPTH = 12

/**
 * Slack's mrkdwn as nodes.
 * @see https://docs.slack.dev/messaging/formatting-message-text
 * @param {string} text
 * @param {NameOf} nameOf
 * @returns {Node[]}
 */
export function readMrkdwn(text, nameOf) {
  return text.split('```').flatMap((part, index, all) => {
    const fenced = index % 2 === 1
    // A fence that nothing closes is text.
    if (fenced && index < all.length - 1) return [element('pre', {}, decode(part.replace(/^\n|\n$/g, '')))]
    return readLines(fenced ? `\`\`\`${part}` : part.replace(/^\n|\n$/g, ''), nameOf)
  })
}

/**
 * @param {string} text
 * @param {NameOf} nameOf
 */
function readLines(text, nameOf) {
  const lines = text === '' ? [] : text.split('\n')
  /** @type {Node[]} */
  const nodes = []
  while (lines.length > 0) {
    const quoted = isQuoted(lines[0] ?? '')
    const end = lines.findIndex((line) => isQuoted(line) !== quoted)
    const taken = lines.splice(0, end === -1 ? lines.length : end)
    const words = quoted ? taken.map((line) => line.replace(/^(?:&gt;|>) ?/, '')) : taken
    nodes.push(element(quoted ? 'blockquote' : 'p', {}, scan(words.join('\n'), toRules(nameOf, 0))))
  }
  return nodes
}

/** @param {string} line */
function isQuoted(line) {
  return /^(?:&gt;|>)/.test(line)
}

/**
 * @param {NameOf} nameOf
 * @param {number} depth
 * @returns {readonly Rule[]}
 */
function toRules(nameOf, depth) {
  /** @param {string} text */
  const inside = (text) => (depth < MAX_DEPTH ? scan(text, toRules(nameOf, depth + 1)) : [decode(text)])
  /**
   * @param {RegExp} pattern
   * @param {keyof HTMLElementTagNameMap} tag
   * @returns {Rule}
   */
  const mark = (pattern, tag) => ({ pattern, read: (match) => element(tag, {}, inside(match[1] ?? '')) })
  return [
    { pattern: /&(?:lt|gt|amp);/y, read: (match) => decode(match[0]) },
    { pattern: /<([^<>\n]+)>/y, read: (match) => readToken(match[1] ?? '', nameOf) ?? match[0] },
    { pattern: /`([^`\n]+)`/y, read: (match) => element('code', {}, decode(match[1] ?? '')) },
    mark(/(?<![\w*])\*(?!\s)([^*\n]*[^*\s])\*(?![\w*])/y, 'strong'),
    mark(/(?<!\w)_(?!\s)([^_\n]*[^_\s])_(?!\w)/y, 'em'),
    mark(/(?<![\w~])~(?!\s)([^~\n]*[^~\s])~(?![\w~])/y, 's'),
  ]
}

/**
 * What stands between angle brackets; undefined if it means nothing.
 * @param {string} token
 * @param {NameOf} nameOf
 * @returns {Node | undefined}
 */
function readToken(token, nameOf) {
  const bar = token.indexOf('|')
  const target = bar === -1 ? token : token.slice(0, bar)
  const label = bar === -1 ? undefined : decode(token.slice(bar + 1))
  const [, timestamp, format, url] = /^!date\^(\d{1,13})\^([^^]+)(?:\^(.+))?$/.exec(target) ?? []
  if (timestamp !== undefined && format !== undefined) {
    return drawDate({ timestamp: Number(timestamp), format: decode(format), url, fallback: label })
  }
  const group = /^!subteam\^(\w+)$/.exec(target)?.[1]
  if (group !== undefined) return element('span', { class: 'mention loud' }, label ?? `@${nameOf(group)}`)
  if (target.startsWith('!')) return element('span', { class: 'mention loud' }, `@${target.slice(1)}`)
  if (target.startsWith('@')) return element('span', { class: 'mention' }, `@${nameOf(target.slice(1))}`)
  if (target.startsWith('#')) return element('span', { class: 'mention' }, `#${nameOf(target.slice(1))}`)
  return /^(?:https?:\/\/|mailto:)/i.test(target) ? link(decode(target), {}, label ?? decode(target)) : undefined
}

/**
 * A text as Slack keeps it, with the three characters it escapes.
 * @param {string} text
 */
export function decode(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
