import { element } from './element.js'
import { redraw } from './redraw.js'
import { instant, toClock } from './time.js'

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
 * @property {string} heading  The title of a forum post, or nothing.
 * @property {string} threadName  The name of its thread, or nothing.
 * @property {readonly PostView[]} thread
 * @property {() => Node[]} draw
 */

/**
 * A message with its thread below it, as parts to draw.
 * @param {PostView} post
 * @returns {import('./redraw.js').Part}
 */
export function toPart(post) {
  const { id, says, heading, threadName, thread } = post
  return {
    key: id,
    says: '',
    draw: () => element('article', {}),
    inside: (article) =>
      redraw(article, [
        { key: 'post', says: JSON.stringify([says, heading]), draw: () => drawPost(post) },
        ...(thread.length === 0 && threadName === '' ? [] : [toThread(threadName, thread)]),
      ]),
  }
}

/**
 * @param {string} name
 * @param {readonly PostView[]} replies
 * @returns {import('./redraw.js').Part}
 */
function toThread(name, replies) {
  const title = { key: 'name', says: name, draw: () => element('p', { class: 'thread-name' }, `Thread: ${name}`) }
  return {
    key: 'thread',
    says: '',
    draw: () => element('div', { class: 'thread' }),
    inside: (made) => redraw(made, [...(name === '' ? [] : [title]), ...replies.map(toPart)]),
  }
}

/** @param {PostView} post */
function drawPost(post) {
  const { author, isApp, atMs, deleted, note, heading, edits, pings } = post
  const gone = deleted && [element('p', { class: 'tombstone' }, 'This message was deleted.')]
  return element(
    'div',
    { class: deleted ? 'post deleted' : 'post' },
    element('span', { class: isApp ? 'avatar' : 'avatar person', 'aria-hidden': 'true' }, toInitials(author)),
    element(
      'div',
      { class: 'says' },
      element(
        'p',
        { class: 'by' },
        element('strong', {}, author),
        isApp && element('span', { class: 'app' }, 'APP'),
        instant(atMs, toClock(atMs)),
        note !== '' && element('span', { class: 'note' }, note),
      ),
      heading !== '' && element('h4', {}, heading),
      gone || post.draw(),
      !deleted && edits > 0 && element('p', { class: 'edited', title: toTimes(edits) }, '(edited)'),
      !deleted && pings.length > 0 && element('p', { class: 'pings' }, `would ping ${pings.join(', ')}`),
    ),
  )
}

/** @param {string} name */
function toInitials(name) {
  const words = name.split(/[\s_-]+/).filter((word) => word !== '')
  const letters = words.slice(0, 2).map((word) => Array.from(word)[0])
  return letters.join('').toUpperCase()
}

/** @param {number} edits */
function toTimes(edits) {
  return edits === 1 ? 'edited once' : `edited ${edits} times`
}
