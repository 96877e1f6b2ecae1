import { element } from './element.js'
import { decode, readMrkdwn } from './mrkdwn.js'
import { drawAttachment } from './slack-attachment.js'
import { drawBlock } from './slack-blocks.js'

/**
 * What the page reads of Slack's own message object, and of what the sandbox adds to it.
 * @typedef {object} Message
 * @property {string} ts
 * @property {string} [subtype]
 * @property {string} user
 * @property {string} text
 * @property {string} [bot_id]
 * @property {{ name: string }} [bot_profile]
 * @property {readonly import('./slack-blocks.js').Block[]} [blocks]
 * @property {readonly import('./slack-attachment.js').Attachment[]} [attachments]
 * @property {readonly string[]} pings
 * @property {number} edits
 * @property {boolean} deleted
 *
 * @typedef {Message & { thread: readonly Message[], locked: boolean }} Root
 * @typedef {{ is_private: boolean, is_member: boolean, is_archived: boolean }} Conditions
 * @typedef {Conditions & { id: string, name: string, messages: readonly Root[] }} Channel
 * @typedef {import('./pane.js').Product<Channel>} State
 * @typedef {import('./post.js').PostView} PostView
 * @typedef {(id: string) => string} NameOf
 */

/**
 * Slack's channels as the page shows them.
 * @param {State} state
 * @returns {import('./pane.js').ChannelView[]}
 */
export function toSlackChannels(state) {
  const names = new Map([...state.channels, ...(state.people ?? [])].map(({ id, name }) => [id, name]))
  /** @type {NameOf} */
  const nameOf = (id) => names.get(id) ?? id
  return state.channels.map((channel) => ({
    id: channel.id,
    name: channel.name,
    kind: channel.is_private ? 'lock' : 'hash',
    note: [channel.is_archived && 'archived', !channel.is_member && 'the bot is not in it'].filter(Boolean).join(' · '),
    posts: channel.messages
      .flatMap((root) => [toRoot(root, nameOf), ...toBroadcasts(root, nameOf)])
      .toSorted((a, b) => Number(a.id) - Number(b.id)),
  }))
}

/**
 * @param {Root} root
 * @param {NameOf} nameOf
 * @returns {PostView}
 */
function toRoot({ thread, locked, ...message }, nameOf) {
  const replies = thread.map((reply) => toPost(reply, nameOf))
  return { ...toPost(message, nameOf), thread: replies, threadNote: locked ? 'locked' : '' }
}

/**
 * The replies that the channel shows too.
 * @param {Root} root
 * @param {NameOf} nameOf
 * @returns {PostView[]}
 */
function toBroadcasts({ ts, text, thread }, nameOf) {
  const shown = thread.filter(({ subtype, deleted }) => subtype === 'thread_broadcast' && !deleted)
  return shown.map((reply) => ({ ...toPost(reply, nameOf), note: '', repliesTo: { id: ts, words: decode(text) } }))
}

/**
 * @param {Message} message
 * @param {NameOf} nameOf
 * @returns {PostView}
 */
function toPost(message, nameOf) {
  return {
    id: message.ts,
    says: JSON.stringify(message),
    author: message.bot_profile?.name ?? nameOf(message.user),
    isApp: message.bot_id !== undefined,
    atMs: Math.floor(Number(message.ts) * 1000),
    edits: message.edits,
    deleted: message.deleted,
    pings: message.pings.map((id) => `@${nameOf(id)}`),
    note: message.subtype === 'thread_broadcast' ? 'also sent to the channel' : '',
    repliesTo: undefined,
    heading: '',
    threadName: '',
    threadNote: '',
    thread: [],
    draw: () => draw(message, nameOf),
  }
}

/**
 * Of a message with blocks Slack shows no text: that is for notifications.
 * @param {Message} message
 * @param {NameOf} nameOf
 * @returns {Node[]}
 */
function draw({ text, blocks = [], attachments = [] }, nameOf) {
  const words = blocks.length === 0 && text !== ''
  return [
    ...(words ? [element('div', { class: 'mrkdwn' }, readMrkdwn(text, nameOf))] : []),
    ...blocks.map((block) => drawBlock(block, nameOf)),
    ...attachments.map((attachment) => drawAttachment(attachment, nameOf)),
  ]
}
