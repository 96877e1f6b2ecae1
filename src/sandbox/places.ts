import type { DiscordSandbox } from './discord.ts'
import type { SlackSandbox } from './slack.ts'

/** A card that somebody may delete, and its thread. */
export interface PlacedCard {
  readonly id: string
  readonly title: string
  readonly thread?: { readonly id: string; readonly archived: boolean; readonly locked: boolean }
}

/** A channel as the control strip knows it: what may be done there, and undone. */
export interface ChatPlace {
  readonly id: string
  readonly name: string
  /** Slack: somebody archived it. */
  readonly archived: boolean
  /** Slack: whether the bot is in it. */
  readonly member: boolean
  /** Discord: the permissions the bot was denied. */
  readonly denied: readonly string[]
  /** Newest first. */
  readonly cards: readonly PlacedCard[]
}

/** More are no use in a list to choose from. */
const CARDS = 20

/** Where a person may do something: the channels of both platforms. */
export function toPlaces(
  slack: SlackSandbox,
  discord: DiscordSandbox,
): { readonly slack: readonly ChatPlace[]; readonly discord: readonly ChatPlace[] } {
  return {
    slack: slack.state().channels.map(({ id, name, is_archived, is_member, messages }) => ({
      id,
      name,
      archived: is_archived,
      member: is_member,
      denied: [],
      cards: newest(messages).map(({ ts, text }) => ({ id: ts, title: toLine(text) })),
    })),
    discord: discord
      .state()
      .channels.filter(({ deleted }) => !deleted)
      .map(({ id, name, messages }) => ({
        id,
        name,
        archived: false,
        member: true,
        denied: discord.deniedIn(id),
        cards: newest(messages).map((message) => {
          const thread = message.thread_info
          return {
            id: message.id,
            title: toLine(message.content || titleOf(message['embeds'])),
            ...(thread && !thread.deleted && { thread: toThread(thread) }),
          }
        }),
      })),
  }
}

function toThread({ id, archived, locked }: Required<PlacedCard>['thread']): Required<PlacedCard>['thread'] {
  return { id, archived, locked }
}

function newest<M extends { readonly deleted: boolean }>(messages: readonly M[]): readonly M[] {
  return messages
    .filter(({ deleted }) => !deleted)
    .slice(-CARDS)
    .toReversed()
}

function titleOf(embeds: unknown): string {
  const first: unknown = Array.isArray(embeds) ? embeds[0] : undefined
  return typeof first === 'object' && first !== null && 'title' in first ? String(first.title) : ''
}

function toLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? ''
  return line.length > 80 ? `${line.slice(0, 80)}…` : line
}
