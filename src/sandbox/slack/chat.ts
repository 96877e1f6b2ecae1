import { flagArg, textArg } from './args.ts'
import type { Args } from './args.ts'
import { isEmpty, toContent } from './content.ts'
import type { Content } from './content.ts'
import { fillAttachments, fillBlocks } from './fill.ts'
import { toPings } from './pings.ts'
import { isRefusal, refuse, refuseAt } from './reply.ts'
import type { Refusal, Reply } from './reply.ts'
import { toMicros, toTs } from './ts.ts'
import { addPost, findChannel, findPost, isShown, toShown } from './world.ts'
import type { Channel, Post, SlackMessage, World } from './world.ts'

/** Slack: a longer text is cut. https://docs.slack.dev/reference/methods/chat.postMessage */
const MAX_TEXT_CHARS = 40_000

/** Slack: a longer text is refused. https://docs.slack.dev/reference/methods/chat.update */
const MAX_UPDATE_CHARS = 4000

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function postMessage(world: World, args: Args, nowMs: number): Reply {
  const channel = toOpenChannel(world, args)
  if (isRefusal(channel)) return channel
  if (channel.isArchived) return refuse('is_archived')
  const content = toContent(args)
  if (isRefusal(content)) return content
  if (isEmpty(content)) return refuse('no_text')
  const clientId = textArg(args, 'client_msg_id')
  if (clientId !== undefined && !UUID.test(clientId)) return invalidArgument('client_msg_id')
  const earlier = world.deduplicates && clientId !== undefined ? channel.posted.get(clientId) : undefined
  if (earlier?.deleted) return refuse('duplicate_message_not_found')
  if (earlier !== undefined) return { ...posted(world, channel, earlier), is_duplicate: true }
  const thread = toThread(channel, args)
  if (isRefusal(thread)) return thread
  const post = addPost(channel, nowMs, { root: thread.root, pings: pingsOf(args, content) }, (ts) =>
    toMessage(world, ts, args, content, thread.root),
  )
  if (clientId !== undefined) channel.posted.set(clientId, post)
  return posted(world, channel, post)
}

export function update(world: World, args: Args, nowMs: number): Reply {
  const channel = toOpenChannel(world, args)
  if (isRefusal(channel)) return channel
  if (channel.isArchived) return refuse('is_inactive')
  const post = toOwnPost(world, channel, args, 'cant_update_message')
  if (isRefusal(post)) return post
  const content = toContent(args)
  if (isRefusal(content)) return content
  if ((content.text ?? '').length > MAX_UPDATE_CHARS) return refuse('msg_too_long')
  if (content.text === undefined && content.blocks === undefined && content.attachments === undefined) {
    return refuse('no_text')
  }
  const message = toEdited(world, post.message, content, nowMs)
  if (isEmpty(message)) return refuse('no_text')
  if (hasRichText(post.message) && !hasRichText(message)) return refuse('block_mismatch')
  post.message = message
  post.edits += 1
  const { ts, text } = message
  return { ok: true, channel: channel.id, ts, text, message: toShown(world, post, true) }
}

export function remove(world: World, args: Args): Reply {
  const channel = toOpenChannel(world, args)
  if (isRefusal(channel)) return channel
  const post = toOwnPost(world, channel, args, 'cant_delete_message')
  if (isRefusal(post)) return post
  post.deleted = true
  return { ok: true, channel: channel.id, ts: post.message.ts }
}

export function getPermalink(world: World, args: Args): Reply {
  const channel = findChannel(world, textArg(args, 'channel') ?? '')
  if (channel === undefined || (channel.isPrivate && !channel.isMember)) return refuse('channel_not_found')
  const post = findPost(channel, textArg(args, 'message_ts') ?? '')
  if (post === undefined || !isShown(post)) return refuse('message_not_found')
  const { ts, thread_ts } = post.message
  const thread = thread_ts === undefined ? '' : `?thread_ts=${thread_ts}&cid=${channel.id}`
  const permalink = `${world.team.url}archives/${channel.id}/p${ts.replace('.', '')}${thread}`
  return { ok: true, channel: channel.id, permalink }
}

/** Where to write: names work for public channels; a public channel the bot is not in takes a scope of its own. */
function toOpenChannel(world: World, args: Args): Channel | Refusal {
  const name = textArg(args, 'channel')
  if (name === undefined) return invalidArgument('channel')
  const channel = findChannel(world, name)
  if (channel === undefined || (channel.isPrivate && (!channel.isMember || name !== channel.id))) {
    return refuse('channel_not_found')
  }
  return channel.isMember || world.scopes.includes('chat:write.public') ? channel : refuse('not_in_channel')
}

function toOwnPost(world: World, channel: Channel, args: Args, notOwn: string): Post | Refusal {
  const ts = textArg(args, 'ts')
  if (ts === undefined) return invalidArgument('ts')
  const post = findPost(channel, ts)
  if (post === undefined || post.deleted) return refuse('message_not_found')
  return post.message.bot_id === world.bot.id ? post : refuse(notOwn)
}

/**
 * The root a reply goes to. Where there is nothing left to reply to, Slack
 * posts into the channel and says nothing; a reply is no root.
 */
function toThread(channel: Channel, args: Args): { readonly root?: Post } | Refusal {
  if (!args.has('thread_ts')) return {}
  const ts = textArg(args, 'thread_ts')
  if (ts === undefined || toMicros(ts) === undefined) return invalidArgument('thread_ts')
  const root = findPost(channel, ts)
  if (root?.root !== undefined) return refuse('cannot_reply_to_message')
  if (root === undefined || !isShown(root)) return {}
  return root.locked ? refuse('restricted_action_thread_locked') : { root }
}

function toMessage(world: World, ts: string, args: Args, content: Content, root: Post | undefined): SlackMessage {
  const { bot, team } = world
  const clientId = textArg(args, 'client_msg_id')
  const { text = '', blocks, attachments, metadata } = content
  return {
    type: 'message',
    ...(root && flagArg(args, 'reply_broadcast') && { subtype: 'thread_broadcast' }),
    ts,
    user: bot.userId,
    team: team.id,
    bot_id: bot.id,
    app_id: bot.appId,
    bot_profile: {
      id: bot.id,
      app_id: bot.appId,
      user_id: bot.userId,
      team_id: team.id,
      name: bot.name,
      deleted: false,
    },
    ...(clientId !== undefined && { client_msg_id: clientId }),
    text: text.slice(0, MAX_TEXT_CHARS),
    ...(blocks?.length && { blocks: fillBlocks(world, blocks) }),
    ...(attachments?.length && { attachments: fillAttachments(world, attachments) }),
    ...(metadata && { metadata }),
    ...(root && { thread_ts: root.message.ts, parent_user_id: root.message.user }),
  }
}

/** Text without blocks takes the blocks away; attachments and metadata stay unless they are sent. */
function toEdited(world: World, old: SlackMessage, content: Content, nowMs: number): SlackMessage {
  const { blocks: oldBlocks, attachments: oldAttachments, metadata: oldMetadata, edited: _, ...rest } = old
  const said = content.text !== undefined || content.blocks !== undefined
  const sent = content.blocks ?? (content.text === undefined ? undefined : [])
  const blocks = sent === undefined ? oldBlocks : fillBlocks(world, sent)
  const attachments = content.attachments ? fillAttachments(world, content.attachments) : oldAttachments
  const metadata = content.metadata === undefined ? oldMetadata : content.metadata
  return {
    ...rest,
    text: said ? (content.text ?? '') : old.text,
    ...(blocks?.length ? { blocks } : { edited: { user: world.bot.userId, ts: toTs(Math.floor(nowMs) * 1000) } }),
    ...(attachments?.length && { attachments }),
    ...(metadata && { metadata }),
  }
}

function hasRichText({ blocks = [] }: SlackMessage): boolean {
  return blocks.some(({ type }) => type === 'rich_text')
}

function pingsOf(args: Args, { text = '', blocks, attachments }: Content): readonly string[] {
  const parsing = { parse: textArg(args, 'parse') ?? 'none', linkNames: flagArg(args, 'link_names') }
  return toPings({ text, blocks, attachments }, parsing)
}

function posted(world: World, channel: Channel, post: Post): Reply & { ok: true } {
  const message = toShown(world, post, true)
  return { ok: true, channel: channel.id, ts: message.ts, message }
}

function invalidArgument(name: string): Refusal {
  return refuseAt('invalid_arguments', [`missing or invalid field: ${name} [json-pointer:/${name}]`])
}
