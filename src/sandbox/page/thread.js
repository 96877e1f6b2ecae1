import { element } from './element.js'
import { toParts } from './posts.js'
import { redraw } from './redraw.js'
import { follow } from './scroll.js'

/**
 * @typedef {import('./pane.js').ChannelView} ChannelView
 * @typedef {import('./post.js').PostView} PostView
 */

/**
 * The thread beside a channel: opened by any element with `data-thread` in the pane, closed by its button and by Escape.
 * @param {HTMLElement} section  The pane.
 * @param {{ unread: import('./unread.js').Unread, changed: () => void }} options  `changed` is called after both.
 */
export function createThread(section, { unread, changed }) {
  const side = find(section, '.side')
  const scroll = find(side, '.scroll')
  /** @type {string | undefined} */
  let opened
  /** @type {string | undefined} */
  let shown

  /** @param {string | undefined} id */
  const open = (id) => {
    const before = opened
    opened = id
    changed()
    if (id !== undefined) side.focus({ preventScroll: true })
    else if (before !== undefined) findOpener(section, before)?.focus({ preventScroll: true })
  }
  section.addEventListener('click', ({ target }) => {
    const opener = target instanceof Element ? target.closest('[data-thread]') : null
    if (opener instanceof HTMLElement) open(opener.dataset['thread'])
  })
  section.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || opened === undefined) return
    event.preventDefault()
    open(undefined)
  })
  find(side, '.close').addEventListener('click', () => open(undefined))

  /** @param {ChannelView} channel */
  const openedIn = ({ posts }) => posts.find(({ id }) => id === opened)

  return {
    /** The message whose thread is open, if it is in this channel. */
    openedIn,
    /**
     * Show the thread that is open, if it hangs from a message of this channel.
     * @param {ChannelView} channel
     */
    draw(channel) {
      const root = openedIn(channel)
      side.hidden = root === undefined
      section.classList.toggle('beside', root !== undefined)
      if (root === undefined) {
        opened = undefined
        shown = undefined
        return
      }
      const isOther = root.id !== shown
      shown = root.id
      if (!document.hidden && section.checkVisibility()) unread.readThread(root)
      drawTitle(side, channel, root)
      follow(scroll, isOther, () => redraw(scroll, [toColumn(root)]))
    },
  }
}

/**
 * @param {HTMLElement} side
 * @param {ChannelView} channel
 * @param {PostView} root
 */
function drawTitle(side, { name }, { threadName, threadNote, heading }) {
  const title = threadName || heading || 'Thread'
  const about = [`#${name}`, threadNote].filter((words) => words !== '').join(' · ')
  side.setAttribute('aria-label', `Thread in ${name}`)
  find(side, '.scroll').setAttribute('aria-label', `Messages in the thread`)
  find(side, 'h3').textContent = title
  find(side, '.note').textContent = about
}

/**
 * @param {PostView} root
 * @returns {import('./redraw.js').Part}
 */
function toColumn(root) {
  const { id, thread } = root
  const words = `${thread.length} ${thread.length === 1 ? 'reply' : 'replies'}`
  const replies = toParts(thread, { summaries: false }).slice(1)
  const line = {
    key: 'replies',
    says: words,
    draw: () => element('div', { class: 'line replies' }, element('span', {}, words)),
  }
  return {
    key: id,
    says: '',
    draw: () => element('div', { class: 'posts' }),
    inside: (made) => redraw(made, [...toParts([root], { summaries: false }).slice(1), line, ...replies]),
  }
}

/**
 * @param {HTMLElement} section
 * @param {string} id
 */
function findOpener(section, id) {
  const openers = [...section.querySelectorAll('.room [data-thread]')]
  return openers.find(
    /** @returns {each is HTMLElement} */
    (each) => each instanceof HTMLElement && each.dataset['thread'] === id,
  )
}

/**
 * @param {Element} within
 * @param {string} selector
 */
function find(within, selector) {
  const found = within.querySelector(selector)
  if (!(found instanceof HTMLElement)) throw new Error(`the page has no ${selector}`)
  return found
}
