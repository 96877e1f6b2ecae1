import { toDiscordChannels } from './discord.js'
import { element, link } from './element.js'
import { toParts } from './posts.js'
import { redraw } from './redraw.js'
import { toSlackChannels } from './slack.js'

/**
 * What a gallery shows, in the page's element `data`.
 * @typedef {object} Gallery
 * @property {import('./slack.js').State} slack
 * @property {import('./discord.js').State} discord
 * @property {readonly Exhibit[]} exhibits
 *
 * One event. The numbers say which messages of the platform's state show it; null if none does.
 * @typedef {object} Exhibit
 * @property {string} title
 * @property {string} note
 * @property {Place | null} slack
 * @property {Place | null} discord
 * @property {readonly { label: string, url: string }[]} links
 *
 * @typedef {{ channel: string, at: number, note: string }} Place
 */

/** @type {Gallery} */
const gallery = JSON.parse(document.getElementById('data')?.textContent ?? '')

const products = [
  { name: 'Slack', kind: /** @type {const} */ ('slack'), channels: toSlackChannels(gallery.slack) },
  { name: 'Discord', kind: /** @type {const} */ ('discord'), channels: toDiscordChannels(gallery.discord) },
]

document.getElementById('gallery')?.append(...gallery.exhibits.map(drawExhibit))

/** @param {Exhibit} exhibit */
function drawExhibit(exhibit) {
  return element(
    'section',
    { class: 'exhibit', 'aria-label': exhibit.title },
    element('h2', {}, exhibit.title),
    element(
      'p',
      { class: 'about' },
      exhibit.note,
      ...exhibit.links.flatMap(({ label, url }) => [' ', link(url, {}, label)]),
    ),
    element('div', { class: 'both' }, ...products.map((product) => drawPane(product, exhibit[product.kind]))),
  )
}

/**
 * @param {{ name: string, kind: 'slack' | 'discord', channels: readonly import('./pane.js').ChannelView[] }} product
 * @param {Place | null} place
 */
function drawPane({ name, kind, channels }, place) {
  const posts = channels.find(({ id }) => id === place?.channel)?.posts
  // Replies that the channel shows too are no messages of their own in the state.
  const post = posts?.filter(({ repliesTo }) => repliesTo === undefined)[place?.at ?? -1]
  const scroll = element('div', { class: 'scroll' })
  if (post === undefined) scroll.append(element('p', { class: 'note' }, 'Nothing is shown here.'))
  else redraw(scroll, toColumn(post))
  const heading = element('p', { class: 'note' }, [name, place?.note].filter(Boolean).join(' · '))
  return element('section', { class: `pane ${kind}`, 'aria-label': name }, heading, scroll)
}

/**
 * A message and its whole thread below it, without the days.
 * @param {import('./post.js').PostView} post
 */
function toColumn(post) {
  const [root, replies] = [[post], post.thread].map((posts) => toParts(posts, { summaries: false }).slice(1))
  const thread = {
    key: 'thread',
    says: '',
    draw: () => element('div', { class: 'thread' }),
    /** @param {HTMLElement} made */
    inside: (made) => redraw(made, replies ?? []),
  }
  return [...(root ?? []), ...(post.thread.length === 0 ? [] : [thread])]
}
