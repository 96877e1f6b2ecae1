import { element } from './element.js'
import { drawPost } from './post.js'
import { redraw } from './redraw.js'
import { drawSummary, toSummary } from './summary.js'
import { toDay } from './time.js'

/**
 * @typedef {import('./post.js').PostView} PostView
 * @typedef {import('./redraw.js').Part} Part
 */

/** Slack and Discord draw messages of one author together if they are no further apart than about this. */
const TOGETHER_MS = 5 * 60_000

/**
 * Messages below each other as parts to draw: a line before each day, one before what is new, and under each message
 * what there is of its thread.
 * @param {readonly PostView[]} posts
 * @param {object} options
 * @param {string | undefined} [options.newFrom]  The first message nobody has looked at.
 * @param {boolean} options.summaries  Whether threads are summed up.
 * @param {(post: PostView) => number} [options.unreadIn]  How many replies of a thread nobody has looked at.
 * @param {string | undefined} [options.open]  The message whose thread is open.
 * @returns {Part[]}
 */
export function toParts(posts, { newFrom, summaries, unreadIn = () => 0, open }) {
  /** @type {PostView | undefined} */
  let before
  return posts.flatMap((post) => {
    const day = new Date(post.atMs).toDateString()
    const isNewDay = before === undefined || new Date(before.atMs).toDateString() !== day
    const isNew = post.id === newFrom
    const compact = !isNewDay && !isNew && goesOn(before, post)
    before = post
    return [
      ...(isNewDay ? [toLine('day', day, toDay(post.atMs))] : []),
      ...(isNew ? [toLine('new', 'new', 'New')] : []),
      toArticle(post, { compact, unread: summaries ? unreadIn(post) : 0, summaries, isOpen: open === post.id }),
    ]
  })
}

/**
 * @param {PostView} post
 * @param {{ compact: boolean, unread: number, summaries: boolean, isOpen: boolean }} about
 * @returns {Part}
 */
function toArticle(post, { compact, unread, summaries, isOpen }) {
  const { id, says, heading, repliesTo } = post
  const summary = summaries ? toSummary(post, unread) : undefined
  const about = {
    key: 'post',
    says: JSON.stringify([says, heading, compact, repliesTo?.words]),
    draw: () => drawPost(post, { compact }),
  }
  const below = summary && {
    key: 'summary',
    says: JSON.stringify(summary),
    draw: () => drawSummary(summary),
  }
  return {
    key: id,
    says: '',
    draw: () => element('article', {}),
    inside: (article) => {
      article.classList.toggle('open', isOpen)
      redraw(article, below === undefined ? [about] : [about, below])
    },
  }
}

/**
 * Whether a message is drawn as the next lines of the one before.
 * @param {PostView | undefined} before
 * @param {PostView} post
 */
function goesOn(before, post) {
  if (before === undefined || before.author !== post.author || before.isApp !== post.isApp) return false
  if (post.atMs - before.atMs > TOGETHER_MS || before.deleted || post.deleted) return false
  return toSummary(before, 0) === undefined && post.heading === '' && post.repliesTo === undefined && post.note === ''
}

/**
 * @param {string} kind
 * @param {string} key
 * @param {string} words
 * @returns {Part}
 */
function toLine(kind, key, words) {
  return {
    key: `${kind} ${key}`,
    says: words,
    draw: () => element('div', { class: `line ${kind}` }, element('span', {}, words)),
  }
}
