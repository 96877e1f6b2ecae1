/**
 * @typedef {import('./post.js').PostView} PostView
 * @typedef {import('./pane.js').ChannelView} ChannelView
 * @typedef {object} Unread
 * @property {(channel: ChannelView) => { posts: number, pings: number }} count  What nobody has looked at, and how much of it calls somebody.
 * @property {(channel: ChannelView) => void} read  Somebody looked at everything in a channel.
 */

/**
 * Remember what was looked at.
 * @returns {Unread}
 */
export function createUnread() {
  /** @type {Map<string, Set<string>>} */
  const seen = new Map()
  return {
    count(channel) {
      const known = seen.get(channel.id)
      const unread = messagesOf(channel).filter(({ id, deleted }) => !deleted && known?.has(id) !== true)
      return { posts: unread.length, pings: unread.filter(({ pings }) => pings.length > 0).length }
    },
    read(channel) {
      seen.set(channel.id, new Set(messagesOf(channel).map(({ id }) => id)))
    },
  }
}

/**
 * @param {ChannelView} channel
 * @returns {PostView[]}
 */
function messagesOf({ posts }) {
  return posts.flatMap((post) => [post, ...post.thread])
}
