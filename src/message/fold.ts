import { toPlainText, type Mentioned, type Message, type Span } from './message.ts'
import { cutText } from './text.ts'

/** A reply that is to be told together with others, and when what it tells of happened. */
export interface Told {
  readonly message: Message
  readonly atMs: number
}

/** Words of one line, UTF-16 units and bytes of UTF-8. Ours: twenty such lines fit into one message of every platform. */
const MAX_LINE_UNITS = 140
const MAX_LINE_BYTES = 180

/** Several replies as one message: a line each, oldest first, with the time of each; whoever any of them calls is called. */
export function foldReplies(told: readonly Told[]): Message {
  const last = told.at(-1)?.message
  const summary = last === undefined ? '…' : `${last.summary} (+${told.length - 1})`
  return {
    tone: last?.tone ?? 'neutral',
    summary,
    lines: told.map(toLine),
    fields: [],
    links: [],
    mentions: unique(told.flatMap(({ message }) => message.mentions)),
  }
}

function toLine({ message, atMs }: Told): readonly Span[] {
  const words = message.lines.map(toPlainText).join(' · ') || message.title?.text || message.summary
  const all = message.quote === undefined ? words : `${words} “${message.quote}”`
  return [
    { kind: 'time', atMs, format: 'time' },
    { kind: 'text', text: ` ${cutBytes(cutText(all.replace(/\s+/g, ' ').trim(), MAX_LINE_UNITS))}` },
  ]
}

function cutBytes(text: string): string {
  let short = text
  while (toBytes(short) > MAX_LINE_BYTES) short = cutText(short, Math.floor(short.length * 0.8))
  return short
}

function toBytes(text: string): number {
  return new TextEncoder().encode(text).length
}

function unique(mentions: readonly Mentioned[]): readonly Mentioned[] {
  const seen = new Set<string>()
  return mentions.filter((who) => {
    const name = JSON.stringify(who)
    if (seen.has(name)) return false
    seen.add(name)
    return true
  })
}
