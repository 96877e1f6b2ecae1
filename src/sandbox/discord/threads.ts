import type { Answer } from '../misbehave.ts'
import { integer, list, missing, oneOf, record, snowflake, text } from './check.ts'
import { readDraft } from './draft.ts'
import { inside, toErrorTree, toForm, type Field } from './form.ts'
import { addMessage, isBlocked, isFull, toBotCalls, toContent } from './post.ts'
import { isAnswer, refuse, refuseForm } from './refusal.ts'
import { activeThreads, enter, findPlace, isThread, may, type Request } from './request.ts'
import { startedFrom, toWireMessage, toWireThread } from './wire.ts'
import { FORUM_CHANNEL, TEXT_CHANNEL, type Channel, type Thread } from './world.ts'

/** Minutes of quiet a thread can be given. https://docs.discord.com/developers/resources/channel (as of 2026-11) */
export const AUTO_ARCHIVE_MINUTES = [60, 1440, 4320, 10080] as const
const DEFAULT_AUTO_ARCHIVE_MINUTES = 4320

/** From when on a message is an "older" one, whose thread is announced in the channel: "a very small value", says Discord. */
const OLDER_AFTER_MS = 60_000

/** Start a thread from a message of a text channel. Its id is the message's, so there is at most one. */
export function startThread(request: Request): Answer {
  const { world, nowMs } = request
  const channel = enter(request)
  if (isAnswer(channel)) return channel
  if (isThread(channel) || channel.type !== TEXT_CHANNEL) return refuse(50024)
  const message = channel.messages.get(request.mid)
  if (message === undefined || message.deleted) return refuse(10008)
  if (message.type !== 0) return refuse(50021)
  if (!may(world, channel, 'CREATE_PUBLIC_THREADS')) return refuse(50013)
  const form = toForm(request.body)
  const basics = readBasics(form)
  if (form.problems.length > 0) return refuseForm(toErrorTree(form.problems))
  if (isBlocked(world, [basics.name])) return refuse(200001)
  if (startedFrom(world, message) !== undefined) return refuse(160004)
  if (isFull(world, nowMs)) return refuse(160006)
  const thread = addThread(request, channel, { ...basics, id: message.id, tags: [] })
  const reference = { channelId: channel.id, messageId: message.id }
  addMessage(world, nowMs, thread, { type: 21, author: world.bot, reference })
  if (nowMs - message.createdAtMs > OLDER_AFTER_MS) {
    const content = basics.name
    addMessage(world, nowMs, channel, { type: 18, author: world.bot, content, reference: { channelId: thread.id } })
  }
  return { status: 201, body: toWireThread(world, thread) }
}

/**
 * Open a post in a forum: a thread and its first message at once. Not idempotent,
 * as on Discord. A text channel's threads start from a message here.
 */
export function createPost(request: Request): Answer {
  const { world, nowMs } = request
  const channel = enter(request)
  if (isAnswer(channel)) return channel
  if (isThread(channel) || channel.type !== FORUM_CHANNEL) return refuse(50024)
  if (!may(world, channel, 'SEND_MESSAGES')) return refuse(50013)
  const form = toForm(request.body)
  const basics = readBasics(form)
  const tags = readTags(inside(form, 'applied_tags'))
  const messageField = inside(form, 'message')
  if (messageField.value === undefined) missing(messageField)
  const draft = readDraft(messageField)
  if (form.problems.length > 0) return refuseForm(toErrorTree(form.problems))
  if (!allKnown(channel, tags)) return refuse(10087)
  if (channel.requireTag && tags.length === 0) return refuse(40067)
  if (isBlocked(world, [basics.name])) return refuse(200001)
  const content = toContent(world, channel, draft)
  if ('refused' in content) return content.refused
  if (isFull(world, nowMs)) return refuse(160006)
  const thread = addThread(request, channel, { ...basics, id: world.newId(), tags })
  const called = toBotCalls(world, thread, content.content, draft.allowed)
  const message = addMessage(world, nowMs, thread, { ...content, id: thread.id, author: world.bot, called })
  return { status: 201, body: { ...toWireThread(world, thread), message: toWireMessage(world, message) } }
}

/** The guild's active threads that the bot sees, newest first. */
export function listActiveThreads(request: Request): Answer {
  const { world, nowMs, id } = request
  if (id !== world.guild.id) return refuse(10004)
  const seen = activeThreads(world, nowMs).filter((thread) => may(world, thread, 'VIEW_CHANNEL'))
  return { status: 200, body: { threads: seen.map((thread) => toWireThread(world, thread)).toReversed(), members: [] } }
}

/** A channel's archived threads, the last archived first. */
export function listArchivedThreads(request: Request): Answer {
  const { world, nowMs } = request
  const channel = enter(request, 'READ_MESSAGE_HISTORY')
  if (isAnswer(channel)) return channel
  if (isThread(channel)) return refuse(50024)
  const form = toForm(request.query)
  const limit = integer(inside(form, 'limit'), { min: 1, max: 100 }) ?? 50
  const beforeMs = Date.parse(text(inside(form, 'before'), { max: 64 }) ?? '')
  if (form.problems.length > 0) return refuseForm(toErrorTree(form.problems))
  const archived = [...world.threads.values()]
    .filter((thread) => thread.parent === channel && findPlace(world, thread.id, nowMs) === thread && thread.archived)
    .filter((thread) => Number.isNaN(beforeMs) || thread.archiveChangedAtMs < beforeMs)
    .toSorted((a, b) => b.archiveChangedAtMs - a.archiveChangedAtMs)
  const threads = archived.slice(0, limit).map((thread) => toWireThread(world, thread))
  return { status: 200, body: { threads, members: [], has_more: archived.length > limit } }
}

/** The ids of a post's tags: at most five. */
export function readTags(field: Field): readonly string[] {
  return (list(field, { max: 5 }) ?? []).flatMap((tag) => snowflake(tag) ?? [])
}

/** Whether a forum has all of these tags. */
export function allKnown(channel: Channel, tags: readonly string[]): boolean {
  return tags.every((id) => channel.tags.some((tag) => tag.id === id))
}

function readBasics(form: Field): { name: string; autoArchiveMinutes: number } {
  record(form)
  const name = inside(form, 'name')
  if (name.value === undefined) missing(name)
  const autoArchiveMinutes = oneOf(inside(form, 'auto_archive_duration'), AUTO_ARCHIVE_MINUTES)
  return {
    name: text(name, { min: 1, max: 100 }) ?? '',
    autoArchiveMinutes: autoArchiveMinutes ?? DEFAULT_AUTO_ARCHIVE_MINUTES,
  }
}

function addThread(
  { world, nowMs }: Request,
  parent: Channel,
  thread: Pick<Thread, 'id' | 'name' | 'tags' | 'autoArchiveMinutes'>,
): Thread {
  const added: Thread = {
    ...thread,
    parent,
    ownerId: world.bot.id,
    createdAtMs: nowMs,
    messages: new Map(),
    locked: false,
    archived: false,
    archiveChangedAtMs: nowMs,
    activeAtMs: nowMs,
    sent: 0,
    deleted: false,
  }
  world.threads.set(added.id, added)
  return added
}
