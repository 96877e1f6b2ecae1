import { element, link, setBar } from './element.js'
import { readMrkdwn } from './mrkdwn.js'
import { drawBlock } from './slack-blocks.js'
import { instant, isInstant, toClock } from './time.js'

/** @typedef {import('../slack/attachments.ts').Attachment} Attachment */

/**
 * The old frame around blocks, or around texts of its own, with its colour bar.
 * @param {Attachment} attachment
 * @param {import('./slack.js').NameOf} nameOf
 */
export function drawAttachment(attachment, nameOf) {
  const { color, pretext, blocks = [] } = attachment
  const framed = element(
    'div',
    { class: 'attachment' },
    blocks.length === 0 ? drawTexts(attachment, nameOf) : blocks.map((block) => drawBlock(block, nameOf)),
  )
  setBar(framed, color)
  if (pretext === undefined) return framed
  return element('div', {}, element('div', { class: 'mrkdwn' }, readMrkdwn(pretext, nameOf)), framed)
}

/**
 * @param {Attachment} attachment
 * @param {import('./slack.js').NameOf} nameOf
 */
function drawTexts(attachment, nameOf) {
  const {
    author_name: author,
    author_link: page,
    title,
    title_link: url,
    text,
    fields = [],
    image_url: image,
  } = attachment
  const cells = fields.map(({ title: name, value, short }) =>
    element(
      'div',
      { class: short === true ? 'field' : 'field wide' },
      element('p', {}, element('strong', {}, name)),
      element('div', { class: 'mrkdwn' }, readMrkdwn(value, nameOf)),
    ),
  )
  return [
    author !== undefined && element('p', { class: 'small' }, link(page, {}, author)),
    title !== undefined && element('p', {}, element('strong', {}, link(url, {}, title))),
    text !== undefined && element('div', { class: 'mrkdwn' }, readMrkdwn(text, nameOf)),
    cells.length > 0 && element('div', { class: 'fields' }, cells),
    image !== undefined && element('p', { class: 'small' }, link(image, {}, 'Picture')),
    drawFooter(attachment),
  ]
}

/** @param {Attachment} attachment */
function drawFooter({ footer, ts }) {
  const atMs = Number(ts ?? NaN) * 1000
  if (footer === undefined && !isInstant(atMs)) return undefined
  const between = footer !== undefined && isInstant(atMs) ? ' | ' : ''
  return element('p', { class: 'small' }, footer, between, isInstant(atMs) && instant(atMs, toClock(atMs)))
}
