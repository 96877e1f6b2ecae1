import { drawAvatar } from './avatar.js'
import { element } from './element.js'
import { format, instant, toClock } from './time.js'

/**
 * A message as the page shows it, whatever the product.
 * @typedef {object} PostView
 * @property {string} id
 * @property {string} says  Changes with anything that is to be seen, replies excepted.
 * @property {string} author
 * @property {boolean} isApp
 * @property {number} atMs
 * @property {number} edits
 * @property {boolean} deleted
 * @property {readonly string[]} pings  Names of those who would be notified.
 * @property {string} note
 * @property {{ id: string, words: string } | undefined} repliesTo  The root of a reply that the channel shows too.
 * @property {string} heading  The title of a forum post, or nothing.
 * @property {string} threadName  The name of its thread, or nothing.
 * @property {string} threadNote  What keeps replies out of it, or nothing.
 * @property {readonly PostView[]} thread
 * @property {() => Node[]} draw
 */

/**
 * One message without its thread. It is drawn the same wherever it stands, inside a `section` of the classes `pane` and
 * `slack` or `discord`; elements with `data-thread` are for the page to make something of.
 * @param {PostView} post
 * @param {{ compact?: boolean }} [options]  `compact`: it goes on from the message before, so author and picture are left out.
 */
export function drawPost(post, { compact = false } = {}) {
  const { atMs, deleted, heading, edits, pings, repliesTo } = post
  const pinging = !deleted && pings.length > 0
  const classes = ['post', deleted && 'deleted', compact && 'compact', pinging && 'pinging']
  const clock = format(atMs, { timeStyle: 'short' })
  const gone = [element('p', { class: 'tombstone' }, 'This message was deleted.')]
  return element(
    'div',
    { class: classes.filter(Boolean).join(' ') },
    element('div', { class: 'gutter' }, compact ? instant(atMs, clock) : drawAvatar(post)),
    element(
      'div',
      { class: 'says' },
      !compact && drawBy(post),
      repliesTo !== undefined && drawRepliesTo(repliesTo),
      heading !== '' && element('h4', {}, heading),
      deleted ? gone : post.draw(),
      !deleted && edits > 0 && element('p', { class: 'edited', title: toTimes(edits) }, '(edited)'),
      pinging && element('p', { class: 'pings icon bell' }, `would notify: ${pings.join(', ')}`),
    ),
  )
}

/** @param {PostView} post */
function drawBy({ author, isApp, atMs, note }) {
  return element(
    'p',
    { class: 'by' },
    element('strong', {}, author),
    isApp && element('span', { class: 'app' }, 'APP'),
    instant(atMs, toClock(atMs)),
    note !== '' && element('span', { class: 'note' }, note),
  )
}

/** @param {{ id: string, words: string }} root */
function drawRepliesTo({ id, words }) {
  const button = element('button', { type: 'button', class: 'thread-link', 'data-thread': id }, words)
  return element('p', { class: 'replies-to' }, 'replied to a thread: ', button)
}

/** @param {number} edits */
function toTimes(edits) {
  return edits === 1 ? 'edited once' : `edited ${edits} times`
}
