import type { Answer } from '../misbehave.ts'
import { missing, oneOf, record, text, truth } from './check.ts'
import { inside, names, toErrorTree, toForm, type Field } from './form.ts'
import { RENAME_RATE } from './limits.ts'
import { isBlocked, isFull } from './post.ts'
import { isAnswer, refuse, refuseForm, refuseForNow } from './refusal.ts'
import { archive, enter, isThread, may, type Request } from './request.ts'
import { allKnown, AUTO_ARCHIVE_MINUTES, readTags } from './threads.ts'
import { toWireChannel, toWireThread } from './wire.ts'
import type { Channel, Place, Thread, World } from './world.ts'

/** A channel, or a thread by its id. */
export function getChannel(request: Request): Answer {
  const place = enter(request)
  return isAnswer(place) ? place : show(request.world, place)
}

/** Change a channel or a thread; of a channel only its name and topic. */
export function editChannel(request: Request): Answer {
  const place = enter(request)
  if (isAnswer(place)) return place
  const form = toForm(request.body)
  record(form)
  return isThread(place) ? editThread(request, place, form) : editTopLevel(request, place, form)
}

/** Delete a channel or a thread, which takes a permission the relay does not ask for. */
export function deleteChannel(request: Request): Answer {
  const place = enter(request)
  if (isAnswer(place)) return place
  if (!may(request.world, place, isThread(place) ? 'MANAGE_THREADS' : 'MANAGE_CHANNELS')) return refuse(50013)
  const answer = show(request.world, place)
  remove(request.world, place)
  return answer
}

/** A deleted channel takes its threads with it, and a thread its messages. */
export function remove(world: World, place: Place): void {
  place.deleted = true
  for (const message of place.messages.values()) message.deleted = true
  if (isThread(place)) return
  for (const thread of world.threads.values()) if (thread.parent === place) remove(world, thread)
}

/**
 * Locking takes MANAGE_THREADS, and so does everything on a locked thread; the
 * rest is also for who started it, and anybody who can write may re-open it.
 * @see {@link https://docs.discord.com/developers/topics/threads#editing-&-deleting-threads}
 */
function editThread(request: Request, thread: Thread, form: Field): Answer {
  const { world, nowMs } = request
  const name = readName(form)
  const archived = truth(inside(form, 'archived'))
  const locked = truth(inside(form, 'locked'))
  const autoArchiveMinutes = oneOf(inside(form, 'auto_archive_duration'), AUTO_ARCHIVE_MINUTES)
  const tags = names(form, 'applied_tags') ? readTags(inside(form, 'applied_tags')) : undefined
  if (form.problems.length > 0) return refuseForm(toErrorTree(form.problems))
  const changes = [name, archived === true ? true : undefined, autoArchiveMinutes, tags]
  const manages = may(world, thread, 'MANAGE_THREADS')
  const owns = thread.ownerId === world.bot.id
  if (!manages && (locked !== undefined || names(form, 'rate_limit_per_user') || thread.locked)) return refuse(50013)
  if (!manages && !owns && changes.some((change) => change !== undefined)) return refuse(50013)
  if (!manages && !may(world, thread, 'SEND_MESSAGES_IN_THREADS')) return refuse(50013)
  if (thread.archived && archived !== false) return refuse(50083)
  if (thread.archived && isFull(world, nowMs)) return refuse(160006)
  if (tags !== undefined && !allKnown(thread.parent, tags)) return refuse(10087)
  if (tags?.length === 0 && thread.parent.requireTag) return refuse(40067)
  const held = rename(request, thread, name)
  if (held !== undefined) return held
  if (archived !== undefined && archived !== thread.archived) archive(thread, archived, nowMs)
  if (locked !== undefined) thread.locked = locked
  if (autoArchiveMinutes !== undefined) Object.assign(thread, { autoArchiveMinutes, activeAtMs: nowMs })
  if (tags !== undefined) thread.tags = tags
  return show(world, thread)
}

function editTopLevel(request: Request, channel: Channel, form: Field): Answer {
  const name = readName(form)
  const topic = names(form, 'topic') ? (text(inside(form, 'topic'), { max: 1024 }) ?? null) : undefined
  if (form.problems.length > 0) return refuseForm(toErrorTree(form.problems))
  if (!may(request.world, channel, 'MANAGE_CHANNELS')) return refuse(50013)
  const held = rename(request, channel, name)
  if (held !== undefined) return held
  if (topic !== undefined) channel.topic = topic
  return show(request.world, channel)
}

function readName(form: Field): string | undefined {
  const field = inside(form, 'name')
  if (names(form, 'name') && field.value === undefined) return missing(field)
  return text(field, { min: 1, max: 100 })
}

/** Give a place another name, if the limit and automatic moderation let it. */
function rename(request: Request, place: Place, name: string | undefined): Answer | undefined {
  if (name === undefined || name === place.name) return undefined
  if (isBlocked(request.world, [name])) return refuse(200001)
  const afterMs = request.draw(`names ${place.id}`, RENAME_RATE)
  if (afterMs > 0) return refuseForNow(afterMs, {})
  place.name = name
  return undefined
}

function show(world: World, place: Place): Answer {
  return { status: 200, body: isThread(place) ? toWireThread(world, place) : toWireChannel(world, place) }
}
