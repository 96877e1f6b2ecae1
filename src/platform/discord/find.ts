import { Routes } from 'discord.js'
import type { Found, Lost } from '../platform.ts'
import { Channel, Message, Messages, Threads, User } from './answers.ts'
import type { LookUp, Place } from './channels.ts'
import type { Client } from './client.ts'
import { codeOf, toOutcome } from './errors.ts'
import { toKeys } from './keys.ts'
import { hasMarker } from './marker.ts'
import { madeAtMs, toSnowflake } from './snowflake.ts'

/**
 * "The past few minutes" in which Discord answers a repeated nonce with the message it made, less what a resend takes.
 * https://docs.discord.com/developers/resources/message#create-message (as of 2026-11)
 */
const NONCE_MS = 2 * 60_000
/** Ours: how long after a call was given up it may still land. */
const LATE_MS = 30_000
/** Ours: how far our clock may be ahead of Discord's. */
const BEFORE_MS = 10 * 60_000
/** Ours: how far our clock may be behind Discord's. */
const AFTER_MS = 5 * 60_000
/** https://docs.discord.com/developers/resources/message#get-channel-messages (as of 2026-11) */
const PAGE_SIZE = 100
/** Ours: a thousand messages around one moment; a channel busier than that is not worth its calls. */
const MAX_PAGES = 10
/** Ours: as many posts of one forum around one moment are looked into. */
const MAX_POSTS = 40

/** Errors that say this account may not look, though perhaps it may post. */
const MAY_NOT_LOOK = new Set([50001, 50013, 160002])
const NO_HISTORY: Found = { kind: 'unable', detail: 'the bot cannot read the history of the channel' }

export interface FinderOptions {
  readonly client: Client
  readonly lookUp: LookUp
  readonly callTimeoutMs: number
}

/**
 * Looks for lost creates. Young ones need not be found, as sending them again with their nonce gives back the message
 * there is. Older ones, and forum posts, which have no nonce, are known by their marker among our own messages.
 */
export function createFinder({ client, lookUp, callTimeoutMs }: FinderOptions) {
  let botId: string | undefined

  async function find(lost: Lost, nowMs: number): Promise<Found> {
    try {
      const place = lost.kind === 'card' ? await lookUp(lost.channel) : undefined
      if (place?.forum === true) return orWait(await findPost(place, lost), lost, nowMs)
      // The nonce is as old as the first attempt that may have made a message, however often it was sent since.
      if (nowMs - sinceMs(lost) < NONCE_MS) return { kind: 'absent' }
      return orWait(await findMessage(lost), lost, nowMs)
    } catch (error) {
      const code = codeOf(error) ?? 0
      // With its thread the reply is gone as well. Sending it says so in a way that gets it a new one.
      if (lost.kind === 'reply' && code === 10003) return { kind: 'absent' }
      return MAY_NOT_LOOK.has(code) ? explainRefusal(lost) : { kind: 'failed', outcome: toOutcome(error, 'find') }
    }
  }

  /** A channel the bot cannot see at all is for a person to mend; one it sees without its history stays that way. */
  async function explainRefusal({ channel }: Lost): Promise<Found> {
    try {
      await lookUp(channel, true)
      return NO_HISTORY
    } catch (error) {
      return { kind: 'failed', outcome: toOutcome(error, 'find') }
    }
  }

  function orWait(found: Found, { sentAtMs }: Lost, nowMs: number): Found {
    const untilMs = sentAtMs + callTimeoutMs + LATE_MS
    return found.kind === 'absent' && nowMs < untilMs ? { kind: 'wait', untilMs } : found
  }

  async function findMessage(lost: Lost): Promise<Found> {
    const { kind, channel, card, key, sentAtMs } = lost
    if (kind === 'reply' && card === undefined) return { kind: 'unable', detail: 'the card of the reply is not known' }
    const thread = card?.thread ?? card?.message
    const where = kind === 'reply' && thread !== undefined ? thread : channel
    const isLost = await matcher(key)
    const first = toSnowflake(sinceMs(lost) - BEFORE_MS)
    let after = first
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const query = { after, limit: String(PAGE_SIZE) }
      const messages = await client.get(Messages, Routes.channelMessages(where), query)
      const found = messages.find(isLost)
      if (found !== undefined) {
        const ref = { channel: where, message: found.id, ...(kind === 'reply' && { thread: where }) }
        return { kind: 'found', ref }
      }
      const newest = messages
        .map(({ id }) => id)
        .toSorted(byTime)
        .at(-1)
      if (newest === undefined) return page === 0 ? await explainEmpty(where, first) : { kind: 'absent' }
      if (messages.length < PAGE_SIZE || madeAtMs(newest) > sentAtMs + AFTER_MS) return { kind: 'absent' }
      after = newest
    }
    return { kind: 'unable', detail: 'too many messages since' }
  }

  /** Without the permission to read the history Discord gives an empty list, and no error. */
  async function explainEmpty(where: string, after: string): Promise<Found> {
    const { last_message_id: last } = await client.get(Channel, Routes.channel(where))
    if (last === undefined || last === null || byTime(last, after) <= 0) return { kind: 'absent' }
    return NO_HISTORY
  }

  async function findPost({ id: forum, guildId }: Place, lost: Lost): Promise<Found> {
    const { key, sentAtMs } = lost
    const earliestMs = sinceMs(lost) - sentAtMs - BEFORE_MS
    if (guildId === undefined) return { kind: 'unable', detail: 'the forum is in no server' }
    const isLost = await matcher(key)
    const { threads: active } = await client.get(Threads, Routes.guildActiveThreads(guildId))
    const query = { limit: String(PAGE_SIZE) }
    const { threads: archived } = await client.get(Threads, Routes.channelThreads(forum, 'public'), query)
    const posts = [...active, ...archived]
      .filter(({ parent_id, owner_id }) => parent_id === forum && owner_id === botId)
      .map(({ id }) => ({ id, awayMs: madeAtMs(id) - sentAtMs }))
      .filter(({ awayMs }) => awayMs > earliestMs && awayMs < AFTER_MS)
      .toSorted((a, b) => Math.abs(a.awayMs) - Math.abs(b.awayMs))
    for (const { id } of posts.slice(0, MAX_POSTS)) {
      const first = await firstMessage(id)
      if (first !== undefined && isLost(first)) return { kind: 'found', ref: { channel: id, message: id, thread: id } }
    }
    return posts.length > MAX_POSTS ? { kind: 'unable', detail: 'too many posts since' } : { kind: 'absent' }
  }

  async function firstMessage(post: string): Promise<Message | undefined> {
    try {
      return await client.get(Message, Routes.channelMessage(post, post))
    } catch (error) {
      const code = codeOf(error)
      // Somebody deleted it, or the post with it.
      if (code === 10008 || code === 10003) return undefined
      throw error
    }
  }

  async function matcher(key: string): Promise<(message: Message) => boolean> {
    botId ??= (await client.get(User, '/users/@me')).id
    const { nonce, marker } = toKeys(key)
    return (message) => message.author?.id === botId && (message.nonce === nonce || hasMarker(message, marker))
  }

  return { find }
}

function sinceMs({ unclearSinceMs, sentAtMs }: Lost): number {
  return unclearSinceMs ?? sentAtMs
}

function byTime(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b))
}
