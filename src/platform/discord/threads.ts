import { Routes } from 'discord.js'
import type { Drawn, MessageRef, Outcome } from '../platform.ts'
import { Channel } from './answers.ts'
import type { Client } from './client.ts'
import { neutralNameOf, threadNameOf } from './drawn.ts'
import { codeOf, toOutcome } from './errors.ts'

/** Minutes of quiet until a thread is archived: a week, the longest. A reply opens an archived one by itself. */
export const AUTO_ARCHIVE_MINUTES = 10_080

/** In a forum the card is inside of its thread, and goes with it. */
export function isInForum(card: MessageRef): boolean {
  return card.channel === card.thread
}

/**
 * Start the thread of a card. There is at most one, and its id is the card's, so an earlier attempt that worked is
 * adopted. Never throws.
 */
export async function startThread(client: Client, card: MessageRef, drawn: Drawn): Promise<Outcome> {
  if (card.thread !== undefined) return { kind: 'sent', ref: card }
  try {
    const { id } = await withName(drawn, (name) =>
      client.post(Channel, Routes.threads(card.channel, card.message), {
        name,
        auto_archive_duration: AUTO_ARCHIVE_MINUTES,
      }),
    )
    return { kind: 'sent', ref: { ...card, thread: id } }
  } catch (error) {
    return codeOf(error) === 160004 ? adopt(client, card) : toOutcome(error, 'thread')
  }
}

async function adopt(client: Client, card: MessageRef): Promise<Outcome> {
  try {
    const { id } = await client.get(Channel, Routes.channel(card.message))
    return { kind: 'sent', ref: { ...card, thread: id } }
  } catch (error) {
    // The thread was deleted and Discord starts no other: only a new card can have one.
    if (codeOf(error) === 10003) return { kind: 'gone', what: 'card', detail: 'the thread was deleted' }
    return toOutcome(error, 'thread')
  }
}

/** The call with the incident's name; with a neutral one if moderation does not let that pass. */
export async function withName<T>(drawn: Drawn, call: (name: string) => Promise<T>): Promise<T> {
  try {
    return await call(threadNameOf(drawn))
  } catch (error) {
    if (codeOf(error) !== 200001) throw error
    return call(neutralNameOf(drawn))
  }
}

/** Open an archived thread, so that the call that met it can be tried again. One that was locked stays as it is. */
export async function reopen(client: Client, thread: string, operation: 'edit' | 'reply'): Promise<Outcome> {
  try {
    const { thread_metadata: state } = await client.get(Channel, Routes.channel(thread))
    if (state?.locked === true) {
      const reason = operation === 'edit' ? 'edit_refused' : 'thread_locked'
      return { kind: 'rejected', reason, detail: 'the thread is archived and locked' }
    }
    await client.patch(Channel, Routes.channel(thread), { archived: false })
    return { kind: 'retry', reason: 'archived', detail: 'the thread was archived and is open again' }
  } catch (error) {
    return toOutcome(error, 'thread')
  }
}
