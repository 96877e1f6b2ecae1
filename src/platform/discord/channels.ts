import { Routes } from 'discord.js'
import { Channel } from './answers.ts'
import type { Client } from './client.ts'

/** https://docs.discord.com/developers/resources/channel#channel-object-channel-types, …#channel-flags (as of 2026-11) */
const FORUM_TYPES = new Set([15, 16])
const REQUIRE_TAG = 1 << 4

/** What one has to know of a channel to post in it. */
export interface Place {
  readonly id: string
  /** A card is a post of its own here, and its thread at the same time. */
  readonly forum: boolean
  readonly guildId: string | undefined
  /** The tag to put on a post where one is required. */
  readonly tag: string | undefined
}

/** Looks a channel up once; `fresh` asks again. Throws what the client throws. */
export type LookUp = (channel: string, fresh?: boolean) => Promise<Place>

/** Remembers the channels it looked up: there are only as many as destinations. */
export function createLookUp(client: Client): LookUp {
  const known = new Map<string, Place>()
  return async (channel, fresh = false) => {
    const before = known.get(channel)
    if (before !== undefined && !fresh) return before
    const place = toPlace(await client.get(Channel, Routes.channel(channel)))
    known.set(channel, place)
    return place
  }
}

function toPlace({ id, type, guild_id, flags, available_tags }: Channel): Place {
  const settable = available_tags.find(({ moderated }) => !moderated)
  return {
    id,
    forum: FORUM_TYPES.has(type),
    guildId: guild_id,
    tag: (flags & REQUIRE_TAG) === 0 ? undefined : settable?.id,
  }
}
