import { element, link } from './element.js'
import { readMarkdown } from './markdown.js'
import { readMrkdwn } from './mrkdwn.js'
import { drawRichText } from './rich-text.js'

/**
 * @typedef {import('../slack/blocks.ts').Block} Block
 * @typedef {{ readonly type: 'plain_text' | 'mrkdwn', readonly text: string }} Text
 * @typedef {Extract<Block, { type: 'actions' }>['elements'][number]} Control
 * @typedef {Extract<Block, { type: 'table' }>} Table
 * @typedef {Extract<Block, { type: 'section' }>} Section
 * @typedef {Extract<Block, { type: 'context' }>['elements'][number]} Small
 * @typedef {import('./slack.js').NameOf} NameOf
 */

/**
 * One block of a Slack message.
 * @param {Block} block
 * @param {NameOf} nameOf
 * @returns {HTMLElement}
 */
export function drawBlock(block, nameOf) {
  switch (block.type) {
    case 'rich_text':
      return element('div', { class: 'block' }, drawRichText(block.elements, nameOf))
    case 'section':
      return drawSection(block, nameOf)
    case 'header':
      return element('h4', {}, block.text.text)
    case 'divider':
      return element('hr', {})
    case 'context':
      return element(
        'div',
        { class: 'block context' },
        block.elements.map((each) => drawSmall(each, nameOf)),
      )
    case 'actions':
      return element('div', { class: 'buttons' }, block.elements.map(drawControl))
    case 'image':
      return drawPicture(block.image_url, block.alt_text)
    case 'markdown':
      return element('div', { class: 'block' }, readMarkdown(block.text, { nameOf, everyone: false }))
    case 'alert':
      return element('div', { class: `block alert ${block.level ?? 'default'}` }, drawText(block.text, nameOf))
    case 'table':
      return drawTable(block, nameOf)
    default:
      return element('p', { class: 'small' }, '[a block this page cannot draw]')
  }
}

/**
 * @param {Section} section
 * @param {NameOf} nameOf
 */
function drawSection({ text, fields = [], accessory }, nameOf) {
  const cells = fields.map((field) => element('div', { class: 'field' }, drawText(field, nameOf)))
  const words = element(
    'div',
    { class: 'words' },
    text && drawText(text, nameOf),
    cells.length > 0 && element('div', { class: 'fields' }, cells),
  )
  const beside = accessory?.type === 'image' ? drawPicture(accessory.image_url, accessory.alt_text) : undefined
  const control = accessory !== undefined && accessory.type !== 'image' ? drawControl(accessory) : undefined
  return element('div', { class: 'block section' }, words, beside ?? control)
}

/**
 * @param {Text} text
 * @param {NameOf} nameOf
 */
function drawText({ type, text }, nameOf) {
  return type === 'mrkdwn'
    ? element('div', { class: 'mrkdwn' }, readMrkdwn(text, nameOf))
    : element('p', { class: 'plain' }, text)
}

/**
 * @param {Small} small
 * @param {NameOf} nameOf
 */
function drawSmall(small, nameOf) {
  return small.type === 'image' ? drawPicture(small.image_url, small.alt_text) : drawText(small, nameOf)
}

/**
 * The page loads nothing from elsewhere: a picture is a link to it.
 * @param {string} url
 * @param {string} words
 */
function drawPicture(url, words) {
  return element('p', { class: 'small' }, link(url, {}, `Picture: ${words}`))
}

/** @param {Control} control */
function drawControl(control) {
  if (control.type === 'button') {
    return link(control.url, { class: `button ${control.style ?? ''}` }, control.text.text)
  }
  const words = control.type === 'overflow' ? '⋯' : (control.initial_option?.text ?? control.placeholder)?.text
  return element('span', { class: 'button' }, words ?? 'Select', control.type === 'overflow' ? '' : ' ▾')
}

/**
 * @param {Table} table
 * @param {NameOf} nameOf
 */
function drawTable({ rows }, nameOf) {
  const drawn = rows.map((row) =>
    element(
      'tr',
      {},
      row.map((cell) => element('td', {}, cell.type === 'rich_text' ? drawRichText(cell.elements, nameOf) : cell.text)),
    ),
  )
  return element('div', { class: 'block wide' }, element('table', {}, element('tbody', {}, drawn)))
}
