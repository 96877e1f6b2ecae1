/**
 * What an error of Discord means for the call that got it.
 *
 * - `limited`         nothing was done; wait a little.
 * - `later`           nothing was done; Discord is busy or this server is full. Wait.
 * - `refused`         this rendering is not accepted.
 * - `blocked`         a moderation or link filter refused it.
 * - `channel`         the channel cannot be used by this bot as things are.
 * - `token`           the account cannot act at all.
 * - `lost_channel`    the channel or thread does not exist.
 * - `lost_message`    the message does not exist.
 * - `foreign`         the message is not ours.
 * - `archived`        the thread has to be re-opened first.
 * - `locked`          a moderator froze the thread.
 * - `bug`             the request makes no sense.
 */
export type Reaction =
  | 'limited'
  | 'later'
  | 'refused'
  | 'blocked'
  | 'channel'
  | 'token'
  | 'lost_channel'
  | 'lost_message'
  | 'foreign'
  | 'archived'
  | 'locked'
  | 'bug'

const PERMISSIONS =
  'it needs View Channel, Send Messages, Embed Links, Read Message History, Create Public Threads, ' +
  'Send Messages in Threads'

/**
 * Discord's JSON error codes by what they mean, of the calls this relay makes and of those near them, each with words
 * for the person who reads the log.
 * @see https://docs.discord.com/developers/topics/opcodes-and-status-codes#json (as of 2026-11)
 */
export const CODES: ReadonlyMap<number, readonly [reaction: Reaction, says: string]> = new Map([
  [10003, ['lost_channel', 'the channel or thread was deleted']],
  [10004, ['channel', 'the server is gone, or the bot was removed from it']],
  [10008, ['lost_message', 'the message was deleted']],
  [10015, ['channel', 'the webhook was deleted']],
  [10087, ['channel', 'the forum has no such tag']],
  [20016, ['limited', 'slow mode is on']],
  [20028, ['limited', 'this channel gets too many messages']],
  [20029, ['limited', 'this server gets too many messages']],
  [30033, ['bug', 'the thread has as many members as it can']],
  [30046, ['limited', 'too many edits of messages older than an hour']],
  [40001, ['token', 'the bot token is not accepted']],
  [40004, ['later', 'sending is switched off at Discord for now']],
  [40005, ['refused', 'the message is too large']],
  [40058, ['channel', 'the channel is a forum']],
  [40062, ['limited', 'the resource is rate limited']],
  [40066, ['channel', 'the forum has no tag that the bot may set']],
  [40067, ['channel', 'the forum wants a tag on every post']],
  [40333, ['token', 'Discord refuses requests from here']],
  [50001, ['channel', `the bot cannot see the channel; ${PERMISSIONS}`]],
  [50005, ['foreign', 'the message was written by somebody else']],
  [50006, ['refused', 'the message is empty']],
  [50008, ['channel', 'this kind of channel has no messages']],
  [50013, ['channel', `the bot lacks a permission in the channel; ${PERMISSIONS}`]],
  [50014, ['token', 'the bot token is not accepted']],
  [50024, ['channel', 'this kind of channel has no threads, or no messages']],
  [50027, ['channel', 'the webhook token is not accepted']],
  [50035, ['refused', 'the form is not valid']],
  [50083, ['archived', 'the thread is archived']],
  [50109, ['refused', 'the body is not valid JSON']],
  [110000, ['later', 'the index is not ready']],
  [130000, ['later', 'Discord is overloaded']],
  [160002, ['channel', `the bot cannot read the history of the channel; ${PERMISSIONS}`]],
  [160004, ['later', 'the message has a thread already']],
  [160005, ['locked', 'the thread is locked']],
  [160006, ['later', 'this server has as many active threads as it can']],
  [160007, ['later', 'this server has as many active announcement threads as it can']],
  [200000, ['blocked', 'automatic moderation blocked the message']],
  [200001, ['blocked', 'automatic moderation blocked the title']],
  [220001, ['channel', 'the channel is a forum']],
  [220002, ['channel', 'the channel is a forum']],
  [220003, ['channel', 'the channel is no forum']],
  [220004, ['channel', 'webhooks cannot do this in a forum']],
  [240000, ['blocked', 'the filter for harmful links blocked the message']],
])

/**
 * What an answer means whose code is not listed, by its status. All of them refuse the request as a whole: nothing was
 * posted. A status that is not here tells nothing; a 404 without a listed code is a proxy's as likely as Discord's.
 */
export const STATUSES: ReadonlyMap<number, Reaction> = new Map([
  [400, 'refused'],
  [401, 'token'],
  [403, 'channel'],
  [405, 'bug'],
  [411, 'bug'],
  [413, 'refused'],
  [414, 'bug'],
  [415, 'bug'],
  [422, 'refused'],
  [431, 'bug'],
])
