import { drawCalls } from './calls.js'
import { element } from './element.js'
import { drawEmpty } from './empty.js'
import { toPart } from './post.js'
import { redraw } from './redraw.js'
import { createUnread } from './unread.js'

/**
 * A channel as the page shows it, whatever the product.
 * @typedef {object} ChannelView
 * @property {string} id
 * @property {string} name
 * @property {string} sign  What stands before the name.
 * @property {string} note  What keeps messages out of it, or nothing.
 * @property {readonly import('./post.js').PostView[]} posts  Oldest first.
 *
 * @typedef {import('./calls.js').Call} Call
 * @typedef {{ readonly id: string, readonly name: string }} Person
 * @typedef {{ readonly channels: readonly ChannelView[], readonly calls: readonly Call[] }} View
 * @typedef {{ show: (view: View) => number, again: () => number }} Pane  Both give the number of unread messages.
 */

/** Ours: this near to the end a viewer follows what is new. */
const FOLLOWS_PX = 40

/**
 * One product's part of the sandbox's state.
 * @template Channel
 * @typedef {{ channels: readonly Channel[], calls: readonly Call[], people?: readonly Person[] }} Product
 */

/**
 * One product: its channels, the messages of one of them, its API calls.
 * @param {HTMLElement} section
 * @param {{ name: string, changed: () => void }} options  `changed` is called when the viewer chose another channel.
 * @returns {Pane}
 */
export function createPane(section, { name, changed }) {
  const template = document.getElementById('pane')
  if (!(template instanceof HTMLTemplateElement)) throw new Error('the page has no template of a pane')
  section.append(template.content.cloneNode(true))
  find(section, 'h2').textContent = name
  find(section, '.calls ol').setAttribute('aria-label', `API calls of ${name}, newest first`)
  find(section, 'nav').setAttribute('aria-label', `${name} channels`)
  const list = find(section, 'nav ul')
  const scroll = find(section, '.scroll')
  const unread = createUnread()
  /** @type {string | undefined} */
  let chosen
  /** @type {string | undefined} */
  let current
  /** @type {View} */
  let view = { channels: [], calls: [] }

  /** @param {string} id */
  const choose = (id) => {
    chosen = id
    changed()
  }
  list.addEventListener('keydown', (event) => moveFocus(list, event))

  const draw = () => {
    const channel = toCurrent(view.channels, chosen, current)
    if (channel === undefined) return 0
    if (!document.hidden) unread.read(channel)
    const counts = view.channels.map((each) => ({ each, count: unread.count(each) }))
    redraw(
      list,
      counts.map(({ each, count }) => ({
        key: each.id,
        says: JSON.stringify([each.name, each.note, each === channel, count]),
        draw: () => drawEntry(each, { isCurrent: each === channel, count, choose }),
      })),
    )
    find(section, 'h3').textContent = `${channel.sign} ${channel.name}`
    find(section, '.title .note').textContent = channel.note
    drawPosts(scroll, channel, `Messages in ${channel.name}`, channel.id !== current)
    current = channel.id
    const places = toPlaces(view.channels)
    drawCalls(find(section, '.calls ol'), view.calls, (id) => places.get(id) ?? id)
    return counts.reduce((sum, { count }) => sum + count.posts, 0)
  }
  return {
    show(next) {
      view = next
      return draw()
    },
    again: draw,
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
  const lively = channels.filter(({ posts }) => posts.length > 0)
  const latest = lively.toSorted((a, b) => (b.posts.at(-1)?.atMs ?? 0) - (a.posts.at(-1)?.atMs ?? 0))
  return latest[0] ?? channels[0]
}

/**
 * What to call the channels, and the threads that have an id of their own.
 * @param {readonly ChannelView[]} channels
 */
function toPlaces(channels) {
  const entries = channels.flatMap(({ id, sign, name, posts }) => {
    const place = `${sign} ${name}`
    return [[id, place], ...posts.map((post) => [post.id, `${place}, thread`])]
  })
  return new Map(entries.map(([id = '', place = '']) => [id, place]))
}

/**
 * @param {ChannelView} channel
 * @param {object} about
 * @param {boolean} about.isCurrent
 * @param {{ posts: number, pings: number }} about.count
 * @param {(id: string) => void} about.choose
 */
function drawEntry({ id, name, sign, note }, { isCurrent, count, choose }) {
  const button = element(
    'button',
    { type: 'button', 'aria-current': isCurrent ? 'true' : undefined, class: note === '' ? undefined : 'dim' },
    element('span', { class: 'sign', 'aria-hidden': 'true' }, sign),
    element('span', { class: 'name' }, name),
    count.posts > 0 && element('span', { class: 'dot', title: `${count.posts} unread` }, hidden('unread')),
    count.pings > 0 && element('span', { class: 'badge' }, String(count.pings), hidden(' with mentions')),
  )
  button.addEventListener('click', () => choose(id))
  return element('li', {}, button)
}

/** @param {string} words */
function hidden(words) {
  return element('span', { class: 'for-ears' }, words)
}

/**
 * @param {HTMLElement} scroll
 * @param {ChannelView} channel
 * @param {string} label
 * @param {boolean} isNew
 */
function drawPosts(scroll, channel, label, isNew) {
  const follows = isNew || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < FOLLOWS_PX
  scroll.setAttribute('aria-label', label)
  const { id, posts, note } = channel
  const empty = { key: 'empty', says: note, draw: () => drawEmpty(channel) }
  redraw(scroll, [
    {
      key: id,
      says: '',
      draw: () => element('div', { class: 'posts' }),
      inside: (made) => redraw(made, posts.length === 0 ? [empty] : posts.map(toPart)),
    },
  ])
  if (follows) scroll.scrollTop = scroll.scrollHeight
}

/**
 * Up and down go through the channels.
 * @param {Element} list
 * @param {Event} event
 */
function moveFocus(list, event) {
  const key = event instanceof KeyboardEvent ? event.key : ''
  const step = { ArrowDown: 1, ArrowUp: -1 }[key]
  if (step === undefined) return
  const buttons = [...list.querySelectorAll('button')]
  const at = buttons.findIndex((button) => button === document.activeElement)
  buttons[(at + step + buttons.length) % buttons.length]?.focus()
  event.preventDefault()
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
