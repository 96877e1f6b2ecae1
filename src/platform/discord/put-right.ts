import { Routes } from 'discord.js'
import type { Drawn, MessageRef } from '../platform.ts'
import { Message } from './answers.ts'
import type { AccountLog } from '../platform.ts'
import type { Client } from './client.ts'
import { bodyOf, textOf, wordsOf } from './drawn.ts'
import { toOutcome } from './errors.ts'
import { NOBODY } from './mentions.ts'

/** Nothing but who was called. */
const CALLS = /^(?:<@&?\d{17,20}>|@here|\s)*$/

/**
 * Compares a message as Discord shows it with what was sent, and changes its text where it must: two things go wrong
 * without an error. Never throws; what could not be put right is left to the next edit.
 */
export type PutRight = (at: MessageRef, drawn: Drawn, shown: Message) => Promise<void>

export function createPutRight(client: Client, log: AccountLog): PutRight {
  const told = new Set<string>()
  return async (at, drawn, shown) => {
    const hidden = hidesEmbed(drawn, shown)
    if (hidden && !told.has(at.channel)) {
      told.add(at.channel)
      log('warn', `discord shows no embeds in channel ${at.channel}: the bot needs the permission Embed Links there`)
    }
    const text = toText(drawn, shown, hidden)
    if (text === shown.content) return
    try {
      const body = { content: text, allowed_mentions: NOBODY }
      await client.patch(Message, Routes.channelMessage(at.channel, at.message), body)
    } catch (error) {
      const outcome = toOutcome(error, 'edit')
      const detail = outcome.kind === 'sent' ? '' : outcome.detail
      log('warn', `the text of message ${at.message} in channel ${at.channel} could not be put right: ${detail}`)
    }
  }
}

/** Without Embed Links an embed vanishes, and what is left may be a mention and no word about what happened. */
function hidesEmbed(drawn: Drawn, shown: Message): boolean {
  const { embeds } = bodyOf(drawn)
  return Array.isArray(embeds) && embeds.length > 0 && shown.embeds.length === 0
}

/** The text the message ought to have. */
function toText(drawn: Drawn, shown: Message, hidden: boolean): string {
  const [first = ''] = shown.content.split('\n', 1)
  const calls = CALLS.test(first) ? first.trim() : ''
  if (hidden) return calls === '' ? wordsOf(drawn) : `${calls}\n${wordsOf(drawn)}`
  // An edit leaves the text alone. An older state in words must not stay there beside the newer in the embed.
  return textOf(bodyOf(drawn), 'content') === '' ? calls : shown.content
}
