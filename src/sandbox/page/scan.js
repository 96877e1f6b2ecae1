/**
 * What a piece of text at some place may be. The first rule that fits wins.
 * @typedef {object} Rule
 * @property {RegExp} pattern  Sticky.
 * @property {(match: RegExpExecArray) => Node | string} read  A string is plain text.
 */

/**
 * Text as nodes: what a rule reads, and text nodes for everything else.
 * @param {string} text
 * @param {readonly Rule[]} rules
 * @returns {Node[]}
 */
export function scan(text, rules) {
  /** @type {Node[]} */
  const nodes = []
  let words = ''
  for (let at = 0; at < text.length;) {
    const found = readAt(text, at, rules)
    const { node, end } = found ?? { node: text.charAt(at), end: at + 1 }
    at = end
    if (typeof node === 'string') {
      words += node
      continue
    }
    if (words !== '') nodes.push(document.createTextNode(words))
    nodes.push(node)
    words = ''
  }
  if (words !== '') nodes.push(document.createTextNode(words))
  return nodes
}

/**
 * @param {string} text
 * @param {number} at
 * @param {readonly Rule[]} rules
 */
function readAt(text, at, rules) {
  for (const { pattern, read } of rules) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    // Not pattern.lastIndex: what is inside may be read by the same rule.
    if (match !== null && match[0] !== '') return { node: read(match), end: at + match[0].length }
  }
  return undefined
}
