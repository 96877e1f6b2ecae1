/**
 * @typedef {import('./post.js').PostView} PostView
 * @typedef {import('./pane.js').ChannelView} ChannelView
 * @typedef {object} Unread
 * @property {(channel: ChannelView) => { posts: number, pings: number }} count  What nobody has looked at, and how much of it calls somebody.
 * @property {(channel: ChannelView) => string | undefined} first  The oldest message in the channel itself that nobody has looked at.
 * @property {(channel: ChannelView) => void} read  Somebody looked at a channel: its threads are summed up there.
 * @property {(post: PostView) => number} countThread  How many replies of a thread came since somebody looked at it, or at the page.
 * @property {(post: PostView) => void} readThread
 */

/**
 * Remember what was looked at.
 * @returns {Unread}
 */
export function createUnread() {
  /** @type {Map<string, Set<string>>} */
  const seen = new Map()
  /** @type {Map<string, Set<string>>} */
  const opened = new Map()
  return {
    count(channel) {
      const known = seen.get(channel.id)
      const unread = messagesOf(channel).filter(({ id, deleted }) => !deleted && known?.has(id) !== true)
      return { posts: unread.length, pings: unread.filter(({ pings }) => pings.length > 0).length }
    },
    first({ id, posts }) {
      const known = seen.get(id)
      return posts.find((post) => !post.deleted && known?.has(post.id) !== true)?.id
    },
    read(channel) {
      seen.set(channel.id, new Set(messagesOf(channel).map(({ id }) => id)))
    },
    countThread({ id, thread }) {
      const known = opened.get(id)
      return thread.filter((reply) => !reply.deleted && known?.has(reply.id) !== true).length
    },
    readThread({ id, thread }) {
      opened.set(id, new Set(thread.map((reply) => reply.id)))
    },
  }
}

/**
 * Every message of a channel once: a reply that is shown in the channel too counts as a reply.
 * @param {ChannelView} channel
 * @returns {PostView[]}
 */
export function messagesOf({ posts }) {
  return posts.flatMap((post) => (post.repliesTo === undefined ? [post, ...post.thread] : []))
}
