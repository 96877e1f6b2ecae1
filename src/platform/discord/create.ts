import { Routes } from 'discord.js'
import type { Outcome, PostRequest, ReplyRequest } from '../platform.ts'
import { Message, Post } from './answers.ts'
import type { LookUp, Place } from './channels.ts'
import type { Client } from './client.ts'
import { codeOf, toOutcome } from './errors.ts'
import { createInWords } from './in-words.ts'
import { toKeys } from './keys.ts'
import { withMarker } from './marker.ts'
import type { PutRight } from './put-right.ts'
import { AUTO_ARCHIVE_MINUTES, isInForum, reopen, withName } from './threads.ts'

interface Create extends Pick<PostRequest, 'drawn' | 'key'> {
  /** The channel whose permissions count: of a thread its parent. */
  readonly place: string
}

/** The channel is not what it was when it was looked up. All of these refuse the request as a whole. */
const OUTDATED = new Set([10087, 40058, 40066, 40067, 50008, 50024])

export interface CreateOptions {
  readonly client: Client
  readonly lookUp: LookUp
  readonly putRight: PutRight
}

/** Posts cards and replies. Never throws. */
export function createPoster({ client, lookUp, putRight }: CreateOptions) {
  const inWords = createInWords()

  async function postCard(request: PostRequest): Promise<Outcome> {
    const first = await tryCard(request, false)
    return first.outdated ? (await tryCard(request, true)).outcome : first.outcome
  }

  async function tryCard(request: PostRequest, fresh: boolean): Promise<{ outcome: Outcome; outdated: boolean }> {
    let place: Place
    try {
      place = await lookUp(request.channel, fresh)
    } catch (error) {
      // Looking posts nothing, whatever became of it.
      return { outcome: toOutcome(error, 'find'), outdated: false }
    }
    try {
      return { outcome: place.forum ? await createPost(place, request) : await createCard(request), outdated: false }
    } catch (error) {
      return { outcome: toOutcome(error, 'card'), outdated: OUTDATED.has(codeOf(error) ?? 0) }
    }
  }

  async function createCard({ channel, drawn, key }: PostRequest): Promise<Outcome> {
    const message = await createMessage(channel, { place: channel, drawn, key })
    await putRight({ channel, message: message.id }, drawn, message)
    return { kind: 'sent', ref: { channel, message: message.id } }
  }

  async function createPost({ id: forum, tag }: Place, { drawn, key }: PostRequest): Promise<Outcome> {
    const post = await withName(drawn, (name) =>
      inWords(forum, drawn, (body) =>
        client.post(Post, Routes.threads(forum), {
          name,
          auto_archive_duration: AUTO_ARCHIVE_MINUTES,
          ...(tag !== undefined && { applied_tags: [tag] }),
          message: withMarker(body, toKeys(key).marker),
        }),
      ),
    )
    const ref = { channel: post.id, message: post.message?.id ?? post.id, thread: post.id }
    if (post.message !== undefined) await putRight(ref, drawn, post.message)
    return { kind: 'sent', ref }
  }

  async function reply({ card, drawn, key }: ReplyRequest): Promise<Outcome> {
    const thread = card.thread ?? card.message
    try {
      const message = await createMessage(thread, { place: card.channel, drawn, key })
      const ref = { channel: thread, message: message.id, thread }
      await putRight(ref, drawn, message)
      return { kind: 'sent', ref }
    } catch (error) {
      const code = codeOf(error)
      if (code === 50083) return reopen(client, thread, 'reply')
      // It was posted, and somebody has deleted it since: there is nothing left to do.
      if (code === 10008) return { kind: 'sent', ref: { channel: thread, message: card.message, thread } }
      if (code === 10003 && isInForum(card)) return { kind: 'gone', what: 'card', detail: 'the post was deleted' }
      return toOutcome(error, 'reply')
    }
  }

  async function createMessage(channel: string, { place, drawn, key }: Create): Promise<Message> {
    const { nonce, marker } = toKeys(key)
    const { message } = await inWords(place, drawn, async (body) => {
      const marked = { ...withMarker(body, marker), nonce, enforce_nonce: true }
      return { message: await client.post(Message, Routes.channelMessages(channel), marked) }
    })
    return message
  }

  return { postCard, reply }
}
