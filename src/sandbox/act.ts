import * as v from 'valibot'
import type { DiscordSandbox } from './discord.ts'
import { isPermission, PERMISSIONS } from './discord/permission.ts'
import type { SlackSandbox } from './slack.ts'

const id = v.pipe(v.string(), v.maxLength(64))
const permissions = Object.keys(PERMISSIONS).filter(isPermission)

/** What a person of the workspace or the guild may do from the page. */
export const ActSchema = v.variant('does', [
  v.strictObject({ platform: v.picklist(['slack', 'discord']), does: v.literal('delete'), channel: id, message: id }),
  v.strictObject({
    platform: v.literal('slack'),
    does: v.picklist(['archive', 'unarchive', 'remove_bot', 'add_bot']),
    channel: id,
  }),
  v.strictObject({
    platform: v.literal('discord'),
    does: v.picklist(['archive_thread', 'unarchive_thread', 'lock_thread', 'unlock_thread']),
    thread: id,
  }),
  v.strictObject({
    platform: v.literal('discord'),
    does: v.picklist(['deny', 'allow']),
    channel: id,
    permission: v.picklist(permissions),
  }),
])

export type Act = v.InferOutput<typeof ActSchema>

/** Do it. Throws an Error, for people, if the channel, thread or message is not there. */
export function act(chat: { readonly slack: SlackSandbox; readonly discord: DiscordSandbox }, what: Act): void {
  const { slack, discord } = chat
  switch (what.does) {
    case 'delete':
      return chat[what.platform].deleteMessage(what.channel, what.message)
    case 'archive':
      return slack.archive(what.channel)
    case 'unarchive':
      return slack.unarchive(what.channel)
    case 'remove_bot':
      return slack.removeBot(what.channel)
    case 'add_bot':
      return slack.addBot(what.channel)
    case 'archive_thread':
      return discord.archiveThread(what.thread)
    case 'unarchive_thread':
      return discord.unarchiveThread(what.thread)
    case 'lock_thread':
      return discord.lockThread(what.thread)
    case 'unlock_thread':
      return discord.unlockThread(what.thread)
    case 'deny':
      return discord.removePermission(what.channel, what.permission)
    case 'allow':
      return discord.restorePermission(what.channel, what.permission)
  }
}
