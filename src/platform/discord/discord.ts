import { Routes } from 'discord.js'
import type { AccountOptions, Budget, Drawn, MessageRef, Operation, Outcome, Platform } from '../platform.ts'
import { Message } from './answers.ts'
import { createLookUp } from './channels.ts'
import { createClient } from './client.ts'
import { createPoster } from './create.ts'
import { bodyOf } from './drawn.ts'
import { codeOf, toOutcome } from './errors.ts'
import { createFinder } from './find.ts'
import { isKnown } from './mentions.ts'
import { drawCard, drawReply } from './payload.ts'
import { createPutRight } from './put-right.ts'
import { isSnowflake } from './snowflake.ts'
import { isInForum, reopen, startThread } from './threads.ts'

/**
 * 50 requests a second for the whole bot; what a channel takes, only the headers of each answer tell, and 5 in 5 s is
 * what they usually say. Each thread is a channel of its own, so replies may go faster in all of them together; a busy
 * one is held back by the client. https://docs.discord.com/developers/topics/rate-limits (as of 2026-11)
 */
const ACCOUNT: Budget = { kind: 'window', scope: 'account', name: 'all', count: 40, perMs: 1_000 }
const BUDGETS: Readonly<Record<Operation, readonly Budget[]>> = {
  card: [{ kind: 'window', scope: 'channel', name: 'card', count: 5, perMs: 5_250 }, ACCOUNT],
  edit: [{ kind: 'window', scope: 'channel', name: 'edit', count: 5, perMs: 5_250 }, ACCOUNT],
  reply: [{ kind: 'window', scope: 'channel', name: 'reply', count: 20, perMs: 5_250 }, ACCOUNT],
  thread: [{ kind: 'window', scope: 'channel', name: 'thread', count: 5, perMs: 5_250 }, ACCOUNT],
  find: [{ kind: 'window', scope: 'channel', name: 'find', count: 5, perMs: 5_250 }, ACCOUNT],
}

/** Ours: enough for the account's whole budget at 200 ms a call. */
const CONCURRENCY = 8

/**
 * One Discord bot, over REST alone. Importing this file loads discord.js, which costs 25 MB: {@link platforms} does it
 * only where an account is configured.
 */
export async function createDiscord(options: AccountOptions): Promise<Platform> {
  const { people, callTimeoutMs, log } = options
  const client = createClient(options)
  const lookUp = createLookUp(client)
  const putRight = createPutRight(client, log)
  const poster = createPoster({ client, lookUp, putRight })
  const finder = createFinder({ client, lookUp, callTimeoutMs })

  async function editCard(card: MessageRef, drawn: Drawn): Promise<Outcome> {
    try {
      const shown = await client.patch(Message, Routes.channelMessage(card.channel, card.message), bodyOf(drawn))
      await putRight(card, drawn, shown)
      return { kind: 'sent', ref: card }
    } catch (error) {
      const code = codeOf(error)
      if (code === 50083) return reopen(client, card.channel, 'edit')
      if (code === 10003 && isInForum(card)) return { kind: 'gone', what: 'card', detail: 'the post was deleted' }
      return toOutcome(error, 'edit')
    }
  }

  return {
    kind: 'discord',
    budgets: BUDGETS,
    concurrency: CONCURRENCY,
    reach: (who) => (isKnown(who, people) ? 'yes' : 'no'),
    drawCard: (message, detail, forEdit) => drawCard(message, detail, forEdit, people),
    drawReply: (message, detail) => drawReply(message, detail, people),
    postCard: (request) => poster.postCard(request),
    editCard,
    startThread: (card, drawn) => startThread(client, card, drawn),
    reply: (request) => poster.reply(request),
    find: (lost, nowMs) => finder.find(lost, nowMs),
    owns: ({ channel, message }) => isSnowflake(channel) && isSnowflake(message),
    stop: async () => client.stop(),
  }
}
