import { createChannels } from './channels.js'
import { element } from './element.js'
import { drawEmpty } from './empty.js'
import { createLook } from './look.js'
import { toParts } from './posts.js'
import { redraw } from './redraw.js'
import { follow } from './scroll.js'
import { createThread } from './thread.js'
import { createUnread, messagesOf } from './unread.js'

/**
 * A channel as the page shows it, whatever the product.
 * @typedef {object} ChannelView
 * @property {string} id
 * @property {string} name
 * @property {'hash' | 'lock' | 'forum'} kind
 * @property {string} note  What keeps messages out of it, or nothing.
 * @property {readonly import('./post.js').PostView[]} posts  Oldest first.
 *
 * @typedef {{ readonly id: string, readonly name: string }} Person
 * @typedef {{ readonly channels: readonly ChannelView[] }} View
 *
 * @typedef {object} Pane
 * @property {(view: View) => void} show
 * @property {() => void} again  Draw what is shown once more: somebody looks at it now, or chose something.
 * @property {() => { unread: number, messages: number }} count
 */

/**
 * One product's part of the sandbox's state.
 * @template Channel
 * @typedef {{ channels: readonly Channel[], people?: readonly Person[] }} Product
 */

/**
 * One product: its channels, the messages of one of them, and beside them the thread of one message.
 * @param {HTMLElement} section
 * @param {{ name: string, again: () => void }} options  `again` is called when the viewer chose what to see.
 * @returns {Pane}
 */
export function createPane(section, { name, again }) {
  const template = document.getElementById('pane')
  if (!(template instanceof HTMLTemplateElement)) throw new Error('the page has no template of a pane')
  section.append(template.content.cloneNode(true))
  find(section, 'h2').textContent = name
  find(section, 'nav').setAttribute('aria-label', `${name} channels`)
  createLook(section, find(section, '.look'))
  const scroll = find(section, '.room .scroll')
  const unread = createUnread()
  const thread = createThread(section, { unread, changed: again })
  /** @type {string | undefined} */
  let chosen
  /** @type {string | undefined} */
  let current
  /** @type {string | undefined} */
  let newFrom
  /** @type {View | undefined} */
  let view

  const drawChannels = createChannels(find(section, 'nav ul'), (id) => {
    chosen = id
    again()
  })

  /** @param {readonly ChannelView[]} channels */
  const draw = (channels) => {
    const channel = toCurrent(channels, chosen, current)
    if (channel === undefined) return
    const isOther = channel.id !== current
    const first = unread.first(channel)
    if (isOther) newFrom = undefined
    // What was there when the page was opened is not new to anybody; nor is what comes while it is looked at.
    const isAway = document.hidden || !section.checkVisibility()
    if (current !== undefined && (isOther || isAway)) newFrom ??= first
    if (!isAway) unread.read(channel)
    current = channel.id
    drawChannels(channels.map((each) => ({ each, isCurrent: each === channel, count: unread.count(each) })))
    drawTitle(channel)
    thread.draw(channel)
    follow(scroll, isOther, () => drawPosts(channel))
  }
  /** @param {ChannelView} channel */
  const drawTitle = ({ name: channelName, kind, note }) => {
    const title = find(section, '.room h3')
    title.className = `icon ${kind}`
    title.textContent = channelName
    find(section, '.room .note').textContent = note
    find(section, '.composer').textContent = `Message #${channelName}`
    scroll.setAttribute('aria-label', `Messages in ${channelName}`)
  }
  /** @param {ChannelView} channel */
  const drawPosts = (channel) => {
    const { id, posts, note } = channel
    const empty = { key: 'empty', says: note, draw: () => drawEmpty(channel) }
    const options = { newFrom, summaries: true, unreadIn: unread.countThread, open: thread.openedIn(channel)?.id }
    const inside = posts.length === 0 ? [empty] : toParts(posts, options)
    const column = () => element('div', { class: 'posts' })
    redraw(scroll, [{ key: id, says: '', draw: column, inside: (made) => redraw(made, inside) }])
  }

  return {
    show(next) {
      if (view === undefined) for (const { posts } of next.channels) posts.forEach(unread.readThread)
      view = next
      draw(next.channels)
    },
    again: () => draw(view?.channels ?? []),
    count() {
      const channels = view?.channels ?? []
      return {
        unread: channels.reduce((sum, channel) => sum + unread.count(channel).posts, 0),
        messages: channels.reduce((sum, channel) => sum + messagesOf(channel).length, 0),
      }
    },
  }
}

/**
 * The channel to show: the one that was chosen. Until there is one, an empty channel gives way to the liveliest.
 * @param {readonly ChannelView[]} channels
 * @param {string | undefined} chosen
 * @param {string | undefined} current
 */
function toCurrent(channels, chosen, current) {
  const shown = channels.find(({ id }) => id === (chosen ?? current))
  if (shown !== undefined && (chosen !== undefined || shown.posts.length > 0)) return shown
  const liveliest = channels.toSorted((a, b) => messagesOf(b).length - messagesOf(a).length)
  return liveliest[0]
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
