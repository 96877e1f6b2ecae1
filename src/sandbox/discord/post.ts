import type { Answer } from '../misbehave.ts'
import type { Draft } from './draft.ts'
import { ALLOW_ALL, toCalled, toMentions, toPings, type Mentions } from './mentions.ts'
import { refuse } from './refusal.ts'
import { activeThreads, archive, isThread, may } from './request.ts'
import type { Message, Place, Thread, User, World } from './world.ts'

/** What the bot's message would show, after permissions took their share of the draft. */
export interface Content {
  readonly content: string
  readonly embeds: Message['embeds']
  readonly components: Message['components']
  readonly flags: number
}

/**
 * What a draft shows in a place, or why Discord does not take it. Without
 * EMBED_LINKS embeds vanish; if a new message had nothing else, that is a
 * missing permission. https://github.com/discord/discord-api-docs/issues/2601
 */
export function toContent(world: World, place: Place, draft: Draft, before?: Content): Content | { refused: Answer } {
  const embeds = draft.embeds ?? before?.embeds ?? []
  const content = {
    content: draft.content ?? before?.content ?? '',
    embeds: may(world, place, 'EMBED_LINKS') ? embeds : [],
    components: draft.components ?? before?.components ?? [],
    flags: draft.flags ?? before?.flags ?? 0,
  }
  if (isBlocked(world, toTexts(content))) return { refused: refuse(200000) }
  const shows = content.content !== '' || content.embeds.length > 0 || content.components.length > 0
  if (shows) return content
  return { refused: refuse(before === undefined && embeds.length > 0 ? 50013 : 50006) }
}

/** Whether automatic moderation keeps one of the texts out. */
export function isBlocked(world: World, texts: readonly string[]): boolean {
  const word = world.autoMod?.toLowerCase()
  return word !== undefined && texts.some((text) => text.toLowerCase().includes(word))
}

/**
 * Whom a text of the bot calls. A user or role the sandbox does not know counts:
 * in a real guild it could be somebody.
 */
export function toBotCalls(world: World, place: Place, content: string, allowed: Draft['allowed']): Mentions {
  const everyone = may(world, place, 'MENTION_EVERYONE')
  const role = (id: string) => everyone || (world.roles.find((known) => known.id === id)?.mentionable ?? true)
  return toCalled(toMentions(content), allowed ?? ALLOW_ALL, { everyone, role })
}

/** Put a message into a place. In a thread this is activity: an archived one opens again. */
export function addMessage(
  world: World,
  nowMs: number,
  place: Place,
  message: Partial<Content> & {
    readonly author: User
    readonly type?: Message['type']
    readonly id?: string
    readonly called?: Mentions
    readonly replyTo?: Message
    readonly reference?: Message['reference']
  },
): Message {
  const { author, called = NOBODY, replyTo, id = world.newId() } = message
  const reference = message.reference ?? (replyTo && { channelId: place.id, messageId: replyTo.id })
  const replied = replyTo !== undefined && replyTo.author.id !== author.id ? [replyTo.author.id] : []
  const added: Message = {
    id,
    place,
    type: message.type ?? 0,
    author,
    createdAtMs: nowMs,
    ...(reference !== undefined && { reference }),
    content: message.content ?? '',
    embeds: message.embeds ?? [],
    components: message.components ?? [],
    flags: message.flags ?? 0,
    editedAtMs: undefined,
    mentioned: toMentioned(called, replied),
    pings: [...new Set([...toPings(called), ...replied])],
    editPings: [],
    edits: 0,
    deleted: false,
  }
  place.messages.set(id, added)
  if (isThread(place)) noteActivity(place, added)
  return added
}

/** The mentions that Discord lists on a message. */
export function toMentioned(called: Mentions, replied: readonly string[] = []): Message['mentioned'] {
  return {
    users: [...new Set([...called.users, ...replied])],
    roles: called.roles,
    everyone: called.everyone || called.here,
  }
}

/** Why the bot cannot add to a thread; undefined if it can. */
export function whyClosed(world: World, thread: Thread, nowMs: number): Answer | undefined {
  if (thread.locked && !may(world, thread, 'MANAGE_THREADS')) return refuse(160005)
  return thread.archived && isFull(world, nowMs) ? refuse(160006) : undefined
}

/** Whether the guild has as many active threads as it can have. */
export function isFull(world: World, nowMs: number): boolean {
  return activeThreads(world, nowMs).length >= world.maxActiveThreads
}

/** Every text in a message, however deep. */
function toTexts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => (key === 'type' ? [] : toTexts(inner)))
}

const NOBODY: Mentions = { users: [], roles: [], everyone: false, here: false }

/** What a thread starts with counts as no message of it. */
function noteActivity(thread: Thread, { id, type, createdAtMs }: Message): void {
  if (thread.archived) archive(thread, false, createdAtMs)
  thread.activeAtMs = createdAtMs
  if (type === 0 && id !== thread.id) thread.sent += 1
}
