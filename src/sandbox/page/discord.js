import { element, link } from './element.js'
import { drawEmbed } from './embed.js'
import { readMarkdown } from './markdown.js'

/**
 * What the page reads of Discord's own message object, and of what the sandbox adds to it.
 * @typedef {object} Message
 * @property {string} id
 * @property {number} type
 * @property {User} author
 * @property {string} content
 * @property {string} timestamp
 * @property {readonly import('discord.js').APIEmbed[]} embeds
 * @property {readonly Row[]} components
 * @property {readonly User[]} mentions
 * @property {boolean} mention_everyone
 * @property {readonly string[]} pings
 * @property {number} edits
 * @property {boolean} deleted
 *
 * @typedef {{ id: string, username: string, global_name: string | null, bot?: boolean }} User
 * @typedef {{ components: readonly { label?: string, url?: string }[] }} Row
 * @typedef {{ name: string, archived: boolean, locked: boolean, deleted: boolean }} Thread
 * @typedef {Message & { thread: readonly Message[], thread_info?: Thread }} Root
 * @typedef {{ id: string, name: string, type: number, deleted: boolean, messages: readonly Root[] }} Channel
 * @typedef {import('./pane.js').Product<Channel>} State
 * @typedef {import('./post.js').PostView} PostView
 * @typedef {(id: string) => string} NameOf
 */

const FORUM = 15
const THREAD_STARTED = 18

/**
 * Discord's channels as the page shows them.
 * @param {State} state
 * @returns {import('./pane.js').ChannelView[]}
 */
export function toDiscordChannels(state) {
  const names = toNames(state)
  /** @type {NameOf} */
  const nameOf = (id) => names.get(id) ?? id
  return state.channels.map((channel) => ({
    id: channel.id,
    name: channel.name,
    kind: channel.type === FORUM ? 'forum' : 'hash',
    note: channel.deleted ? 'deleted' : '',
    posts: channel.messages.map((root) => toRoot(channel, root, nameOf)),
  }))
}

/**
 * Everybody the state names: Discord's messages bring their authors, and the people they mention.
 * @param {State} state
 */
function toNames({ channels, people = [] }) {
  const messages = channels.flatMap((channel) => channel.messages.flatMap((root) => [root, ...root.thread]))
  const users = messages.flatMap((message) => [message.author, ...message.mentions])
  return new Map([
    ...users.map((user) => /** @type {const} */ ([user.id, toName(user)])),
    ...channels.map(({ id, name }) => /** @type {const} */ ([id, name])),
    ...people.map(({ id, name }) => /** @type {const} */ ([id, name])),
  ])
}

/**
 * @param {Channel} channel
 * @param {Root} root
 * @param {NameOf} nameOf
 * @returns {PostView}
 */
function toRoot(channel, root, nameOf) {
  const { thread, thread_info: info, ...message } = root
  const conditions = [info?.archived && 'archived', info?.locked && 'locked', info?.deleted && 'deleted']
  const notes = conditions.filter((note) => typeof note === 'string')
  const name = info?.name ?? ''
  const forum = channel.type === FORUM
  return {
    ...toPost(message, nameOf),
    heading: forum ? name : '',
    threadName: forum ? '' : name,
    threadNote: notes.join(' · '),
    thread: thread.map((reply) => toPost(reply, nameOf)),
  }
}

/**
 * @param {Message} message
 * @param {NameOf} nameOf
 * @returns {PostView}
 */
function toPost(message, nameOf) {
  const { author } = message
  return {
    id: message.id,
    says: JSON.stringify(message),
    author: toName(author),
    isApp: author.bot === true,
    atMs: Date.parse(message.timestamp),
    edits: message.edits,
    deleted: message.deleted,
    pings: message.pings.map((id) => `@${nameOf(id)}`),
    note: '',
    repliesTo: undefined,
    heading: '',
    threadName: '',
    threadNote: '',
    thread: [],
    draw: () => draw(message, nameOf),
  }
}

/**
 * @param {Message} message
 * @param {NameOf} nameOf
 * @returns {Node[]}
 */
function draw({ type, content, embeds, components, mention_everyone: everyone }, nameOf) {
  if (type === THREAD_STARTED) return [element('p', { class: 'small' }, `started a thread: ${content}`)]
  const reader = { nameOf, everyone }
  return [
    ...(content === '' ? [] : [element('div', { class: 'markdown' }, readMarkdown(content, reader))]),
    ...embeds.map((embed) => drawEmbed(embed, reader)),
    ...components.map(drawRow),
  ]
}

/** @param {Row} row */
function drawRow({ components }) {
  const buttons = components.map(({ label, url }) => link(url, { class: 'button' }, label))
  return element('div', { class: 'buttons' }, buttons)
}

/** @param {User} user */
function toName({ global_name: name, username }) {
  return name ?? username
}
