import { countArg, flagArg, textArg } from './args.ts'
import type { Args } from './args.ts'
import { isRefusal, refuse } from './reply.ts'
import type { Refusal, Reply } from './reply.ts'
import { toMicros } from './ts.ts'
import { findPost, isShown, liveReplies, toShown } from './world.ts'
import type { Channel, Post, SlackMessage, World } from './world.ts'

/** Slack: at most 999 items, 100 by default, as in @slack/web-api 8.2.0. https://docs.slack.dev/apis/web-api/pagination */
const PAGE = { max: 999, orElse: 100 }

/** Slack: 1000 replies by default. https://docs.slack.dev/reference/methods/conversations.replies (as of 2026-11) */
const REPLIES_PAGE = { max: 1000, orElse: 1000 }

export function info(world: World, args: Args): Reply {
  const channel = toVisible(world, args)
  return isRefusal(channel) ? channel : { ok: true, channel: toChannelObject(world, channel) }
}

export function list(world: World, args: Args): Reply {
  const types = toTypes(args)
  const channels = world.channels.filter(
    (channel) =>
      types.includes(channel.isPrivate ? 'private_channel' : 'public_channel') &&
      (channel.isMember || !channel.isPrivate) &&
      !(channel.isArchived && flagArg(args, 'exclude_archived')),
  )
  const page = toPage(
    channels,
    args,
    PAGE,
    (from) => Number(from),
    (_, index) => String(index),
  )
  if (isRefusal(page)) return page
  const next = { response_metadata: { next_cursor: page.next } }
  return { ok: true, channels: page.items.map((channel) => toChannelObject(world, channel)), ...next }
}

/** The kinds of channels a list asks for. */
export function toTypes(args: Args): readonly string[] {
  return (textArg(args, 'types') ?? 'public_channel').split(',').map((type) => type.trim())
}

export function join(world: World, args: Args): Reply {
  const channel = toVisible(world, args)
  if (isRefusal(channel)) return channel
  if (channel.isPrivate) return refuse('method_not_supported_for_channel_type')
  if (channel.isArchived) return refuse('is_archived')
  const already = channel.isMember && {
    warning: 'already_in_channel',
    response_metadata: { warnings: ['already_in_channel'] },
  }
  channel.isMember = true
  return { ok: true, channel: toChannelObject(world, channel), ...already }
}

/** Roots and broadcast replies, newest first. */
export function history(world: World, args: Args): Reply {
  const channel = toReadable(world, args)
  if (isRefusal(channel)) return channel
  const range = toRange(args)
  if (isRefusal(range)) return range
  const posts = [...channel.posts.values()].filter((post) => inChannel(post) && range.holds(micros(post))).toReversed()
  const page = toPage(posts, args, PAGE, (from) => posts.findIndex((p) => micros(p) <= Number(from)), cursorOf)
  if (isRefusal(page)) return page
  const messages = page.items.map((post) => withRoot(world, post, flagArg(args, 'include_all_metadata')))
  return { ok: true, messages, ...toEnd(page.next), pin_count: 0 }
}

/** A thread, oldest first: the root on every page, then the replies in range. Of a reply, itself. */
export function replies(world: World, args: Args): Reply {
  const channel = toReadable(world, args)
  if (isRefusal(channel)) return channel
  const range = toRange(args)
  if (isRefusal(range)) return range
  const root = findPost(channel, textArg(args, 'ts') ?? '')
  if (root === undefined || !isShown(root)) return refuse('thread_not_found')
  const posts = liveReplies(root).filter((post) => range.holds(micros(post)))
  const page = toPage(posts, args, REPLIES_PAGE, (from) => posts.findIndex((p) => micros(p) >= Number(from)), cursorOf)
  if (isRefusal(page)) return page
  const allMetadata = flagArg(args, 'include_all_metadata')
  return {
    ok: true,
    messages: [root, ...page.items].map((post) => toShown(world, post, allMetadata)),
    ...toEnd(page.next),
  }
}

function toVisible(world: World, args: Args): Channel | Refusal {
  const channel = world.channels.find(({ id }) => id === textArg(args, 'channel'))
  return channel === undefined || (channel.isPrivate && !channel.isMember) ? refuse('channel_not_found') : channel
}

function toReadable(world: World, args: Args): Channel | Refusal {
  const channel = toVisible(world, args)
  if (isRefusal(channel)) return channel
  return isIn(channel) ? channel : refuse('not_in_channel')
}

/** Archiving takes bots out of a channel. https://github.com/elastic/connectors/issues/1972 (read 2026-11) */
function isIn({ isMember, isArchived }: Channel): boolean {
  return isMember && !isArchived
}

function toChannelObject({ bot, people }: World, channel: Channel) {
  const { id, name, isPrivate, isMember, isArchived } = channel
  return {
    id,
    name,
    name_normalized: name,
    is_channel: !isPrivate,
    is_group: isPrivate,
    is_im: false,
    is_mpim: false,
    is_private: isPrivate,
    is_archived: isArchived,
    is_member: isIn(channel),
    creator: people[0]?.id ?? bot.userId,
    num_members: people.length + (isMember ? 1 : 0),
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  }
}

/** `oldest` and `latest` are left out of the range unless `inclusive`. */
function toRange(args: Args): { holds(micros: number): boolean } | Refusal {
  const oldest = tsArg(args, 'oldest', '0')
  const latest = tsArg(args, 'latest', '9999999999')
  if (oldest === undefined) return refuse('invalid_ts_oldest')
  if (latest === undefined) return refuse('invalid_ts_latest')
  const inclusive = flagArg(args, 'inclusive')
  return { holds: (at) => (inclusive ? at >= oldest && at <= latest : at > oldest && at < latest) }
}

function tsArg(args: Args, name: string, orElse: string): number | undefined {
  const value = args.get(name) ?? orElse
  return toMicros(typeof value === 'number' ? String(value) : (textArg(args, name) ?? orElse))
}

/** One page and the cursor of the next, which is empty on the last. */
function toPage<T>(
  items: readonly T[],
  args: Args,
  size: { readonly max: number; readonly orElse: number },
  find: (from: string) => number,
  toFrom: (item: T, index: number) => string,
): { readonly items: readonly T[]; readonly next: string } | Refusal {
  const limit = countArg(args, 'limit', size.max, size.orElse)
  if (limit === undefined) return refuse('invalid_limit')
  const cursor = textArg(args, 'cursor') ?? ''
  const from = /^next:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())?.[1]
  if (cursor !== '' && from === undefined) return refuse('invalid_cursor')
  const found = from === undefined ? 0 : find(from)
  const start = found === -1 ? items.length : found
  const after = items[start + limit]
  const next = after === undefined ? '' : Buffer.from(`next:${toFrom(after, start + limit)}`).toString('base64')
  return { items: items.slice(start, start + limit), next }
}

function toEnd(next: string) {
  return next === '' ? { has_more: false } : { has_more: true, response_metadata: { next_cursor: next } }
}

function cursorOf(post: Post): string {
  return String(micros(post))
}

function micros(post: Post): number {
  return toMicros(post.message.ts) ?? 0
}

function inChannel(post: Post): boolean {
  return isShown(post) && (post.root === undefined || post.message.subtype === 'thread_broadcast')
}

function withRoot(world: World, post: Post, allMetadata: boolean): SlackMessage {
  const shown = toShown(world, post, allMetadata)
  return post.root === undefined ? shown : { ...shown, root: toShown(world, post.root, allMetadata) }
}
