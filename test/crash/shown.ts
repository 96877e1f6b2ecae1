import type { Sandbox } from '../../src/sandbox/server.ts'

export const DESTINATIONS = ['slack', 'discord', 'forum'] as const
export type Destination = (typeof DESTINATIONS)[number]

/** A card that people see, and the lines below it, oldest first. */
export interface ShownCard {
  /** All it says and how it looks, without what differs between two cards that look the same. */
  readonly look: string
  /** What each message of the thread says, in words. */
  readonly thread: readonly string[]
  /** The ids of those whom card and thread called when they were posted: one who was called twice is here twice. */
  readonly called: readonly string[]
}

/** Discord's own line in a channel that a thread was started. */
const THREAD_STARTED = 18

/** The cards of a channel that are there, deleted ones and storm boards left out, oldest first. */
export function toShown(sandbox: Sandbox, destination: Destination): readonly ShownCard[] {
  return toRoots(sandbox, destination).filter(({ look }) => !isBoard(look))
}

/** A storm board, and all messages that show it: one, or it is doubled. */
export interface ShownBoard {
  readonly looks: readonly string[]
  /** One of them says that nobody waits any more. Of several the relay knows but one. */
  readonly isOver: boolean
}

/** The storm boards of a channel. */
export function toBoards(sandbox: Sandbox, destination: Destination): readonly ShownBoard[] {
  const byStorm = new Map<string, string[]>()
  for (const { look } of toRoots(sandbox, destination)) {
    const storm = toStorm(look)
    if (isBoard(look)) byStorm.set(storm, [...(byStorm.get(storm) ?? []), look])
  }
  return [...byStorm.values()].map((looks) => ({ looks, isOver: looks.some((look) => look.includes(`${STORM} over`)) }))
}

/** As templates/board.yaml begins. */
const STORM = 'Alert storm'
const isBoard = (look: string): boolean => look.includes(STORM)
/** When it began, which every look of its board says: the marker is there only until the first edit. */
const toStorm = (look: string): string => /(?:<t:|"timestamp":)(\d+)/.exec(look)?.[1] ?? look

function toRoots({ slack, discord }: Sandbox, destination: Destination): readonly ShownCard[] {
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
  /** Who was notified. */
  readonly pings: readonly string[]
  readonly [key: string]: unknown
}

function toCards(roots: readonly (Posted & { readonly thread: readonly Posted[] })[]): readonly ShownCard[] {
  return roots
    .filter(({ deleted, type }) => !deleted && type !== THREAD_STARTED)
    .map((root) => ({
      look: JSON.stringify(toLook(root)),
      thread: root.thread.filter(({ deleted }) => !deleted).map(toWords),
      called: [root, ...root.thread].filter(({ deleted }) => !deleted).flatMap(({ pings }) => pings),
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

/** Who is called is no part of the look: it depends on whom the platform knew when the card was posted. */
function plain(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(MARKER, '').replaceAll(MENTION, '').trim()
  if (Array.isArray(value)) return value.filter((item) => !callsSomebody(item)).map(plain)
  if (!isRecord(value)) return value
  const kept = Object.entries(value).filter(([key]) => !OWN_NAMES.has(key))
  return Object.fromEntries(kept.map(([key, inside]) => [key, plain(inside)]))
}

/** In Discord's text, and in Slack's where there is nothing but text. */
const MENTION = /<@\w+>/g

/** A row of rich text with a mention in it: on a card nothing else stands in that row. */
function callsSomebody(row: unknown): boolean {
  return (
    isRecord(row) &&
    Array.isArray(row['elements']) &&
    row['elements'].some((one) => isRecord(one) && one['type'] === 'user')
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
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
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([key, inside]) => (OWN_NAMES.has(key) ? [] : stringsIn(inside)))
}
