import { drawAvatar } from './avatar.js'
import { element } from './element.js'
import { instant, toSince } from './time.js'

/** @typedef {import('./post.js').PostView} PostView */

/** Ours, and Slack's: faces enough to see who takes part. */
const FACES = 5

/**
 * What is said of a thread below the message it hangs from; undefined if there is none.
 * @param {PostView} post
 * @param {number} unread  How many of its replies nobody has looked at.
 */
export function toSummary({ id, thread, threadName, threadNote }, unread) {
  const replies = thread.filter(({ deleted }) => !deleted)
  const last = replies.at(-1)
  if (last === undefined && threadName === '') return undefined
  const authors = new Map(replies.map(({ author, isApp }) => [author, { author, isApp }]))
  return {
    id,
    name: threadName,
    note: threadNote,
    count: replies.length,
    unread,
    lastAtMs: last?.atMs,
    faces: [...authors.values()].slice(0, FACES),
  }
}

/**
 * The line that opens a thread.
 * @param {NonNullable<ReturnType<typeof toSummary>>} summary
 */
export function drawSummary({ id, name, note, count, unread, lastAtMs, faces }) {
  return element(
    'button',
    { type: 'button', class: unread > 0 ? 'summary unread' : 'summary', 'data-thread': id },
    name !== '' && element('span', { class: 'name' }, name),
    element('span', { class: 'faces' }, faces.map(drawAvatar)),
    element('span', { class: 'count' }, `${count} ${count === 1 ? 'reply' : 'replies'}`),
    unread > 0 && element('span', { class: 'new' }, `${unread} new`),
    lastAtMs !== undefined && element('span', { class: 'last' }, 'Last reply ', instant(lastAtMs, toSince(lastAtMs))),
    note !== '' && element('span', { class: 'note' }, note),
    element('span', { class: 'view', 'aria-hidden': 'true' }, 'View thread'),
  )
}
