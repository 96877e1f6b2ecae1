import type { Sandbox } from '../../src/sandbox/server.ts'

export const DESTINATIONS = ['slack', 'discord', 'forum'] as const
export type Destination = (typeof DESTINATIONS)[number]

/** A card that people see, and the lines below it, oldest first. */
export interface ShownCard {
  /** All it says and how it looks, without what differs between two cards that look the same. */
  readonly look: string
  /** What each message of the thread says, in words. */
  readonly thread: readonly string[]
}

/** Discord's own line in a channel that a thread was started. */
const THREAD_STARTED = 18

/** The cards of a channel that are there, deleted ones left out, oldest first. */
export function toShown({ slack, discord }: Sandbox, destination: Destination): readonly ShownCard[] {
  switch (destination) {
    case 'slack':
      return toCards(slack.channel('incidents').messages)
    case 'discord':
      return toCards(discord.channel('incidents').messages)
    case 'forum':
      return toCards(discord.channel('incident-forum').messages)
  }
}

interface Posted {
  readonly deleted: boolean
  readonly [key: string]: unknown
}

function toCards(roots: readonly (Posted & { readonly thread: readonly Posted[] })[]): readonly ShownCard[] {
  return roots
    .filter(({ deleted, type }) => !deleted && type !== THREAD_STARTED)
    .map((root) => ({
      look: JSON.stringify(toLook(root)),
      thread: root.thread.filter(({ deleted }) => !deleted).map(toWords),
    }))
}

/** The parts of a message that people see. */
const SEEN = ['text', 'content', 'blocks', 'attachments', 'embeds', 'components'] as const
/** Names that the platforms give, and our look-up's marker at the end of a Discord footer. */
const OWN_NAMES: ReadonlySet<string> = new Set(['id', 'block_id', 'action_id', 'fallback'])
const MARKER = / · [0-9a-f]{10}$/

function toLook(message: Posted): unknown {
  return SEEN.map((part) => plain(message[part]))
}

function plain(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(MARKER, '')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key]) => !OWN_NAMES.has(key))
  return Object.fromEntries(kept.map(([key, inside]) => [key, plain(inside)]))
}

/** What a reader reads: the rich parts where there are any, else the plain text that stands for them. */
function toWords(message: Posted): string {
  const rich = ['blocks', 'attachments', 'embeds'].flatMap((part) => stringsIn(message[part]))
  const text = stringsIn([message['content'], rich.length === 0 ? message['text'] : ''])
  return [...text, ...rich].join(' ')
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(stringsIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inside]) => (OWN_NAMES.has(key) ? [] : stringsIn(inside)))
}
