import * as v from 'valibot'
import { bodyOf, threadNameOf } from '../../platform/discord/drawn.ts'
import type { Drawn } from '../../platform/platform.ts'
import { toAgo } from '../table.ts'
import type { Style } from '../terminal.ts'
import type { Piece } from './pieces.ts'
import type { Part } from './slack-pieces.ts'

const Embed = v.object({
  title: v.optional(v.string()),
  description: v.optional(v.string()),
  fields: v.optional(v.array(v.object({ name: v.string(), value: v.string() })), []),
  footer: v.optional(v.object({ text: v.string() })),
  timestamp: v.optional(v.string()),
})
const Body = v.object({
  content: v.optional(v.string(), ''),
  embeds: v.array(Embed),
  components: v.array(v.object({ components: v.array(v.object({ label: v.string() })) })),
})

/** A drawn Discord message as a terminal can show it at `nowMs`, in parts from top to bottom. */
export function toDiscordParts(drawn: Drawn, nowMs: number): readonly Part[] {
  const { content, embeds, components } = v.parse(Body, bodyOf(drawn))
  const above = content === '' ? [] : [toPart(false, readMarkdown(content, [], nowMs))]
  const buttons = components.map((row) => row.components.map(({ label }) => `[${label}]`).join(' '))
  const thread = 'threadName' in drawn ? [plain(`thread: ${threadNameOf(drawn)}`, 'dim')] : []
  return [
    ...above,
    ...embeds.flatMap((embed) => toEmbedParts(embed, nowMs)),
    ...buttons.map((words) => toPart(false, [plain(words, 'underline')])),
    ...(thread.length === 0 ? [] : [toPart(false, thread)]),
  ]
}

function toEmbedParts(embed: v.InferOutput<typeof Embed>, nowMs: number): readonly Part[] {
  const { title, description, fields, footer, timestamp } = embed
  const small = [footer?.text, timestamp && toInstant(Date.parse(timestamp))].filter(Boolean).join(' · ')
  return [
    ...(title === undefined ? [] : [toPart(true, readMarkdown(title, ['bold', 'underline'], nowMs))]),
    ...(description === undefined ? [] : [toPart(true, readMarkdown(description, [], nowMs))]),
    ...fields.map(({ name, value }) =>
      toPart(true, [...readMarkdown(`${name}: `, ['bold'], nowMs), ...readMarkdown(value, [], nowMs)]),
    ),
    ...(small === '' ? [] : [toPart(true, [plain(small, 'dim')])]),
  ]
}

function toPart(isBeside: boolean, pieces: readonly Piece[]): Part {
  return { isBeside, pieces }
}

function plain(text: string, ...styles: readonly Style[]): Piece {
  return { text, styles }
}

const MARKS: Readonly<Record<string, Style>> = { '**': 'bold', '*': 'italic', '`': 'cyan', '~~': 'dim' }
const TOKEN =
  /\\(?<escaped>[^A-Za-z0-9\s])|<t:(?<time>-?\d+)(?::(?<format>\w))?>|<(?<called>@[!&]?\d+)>|\[(?<link>(?:\\.|[^\]\\])*)\]\(<?[^)>]*>?\)|(?<mark>\*\*|\*|`|~~)|(?<quote>^> )/gm

/** What our own drawing writes of Discord's Markdown, and no more of it. */
function readMarkdown(text: string, base: readonly Style[], nowMs: number): readonly Piece[] {
  const pieces: Piece[] = []
  const open = new Set<Style>()
  const add = (words: string, ...more: readonly Style[]): void => {
    if (words !== '') pieces.push({ text: words, styles: [...base, ...open, ...more] })
  }
  let at = 0
  for (const match of text.matchAll(TOKEN)) {
    const { escaped, time, format, called, link, mark, quote } = match.groups ?? {}
    const isInCode = open.has('cyan') && mark !== '`'
    if (isInCode) continue
    add(text.slice(at, match.index))
    at = match.index + match[0].length
    const style = MARKS[mark ?? '']
    if (style !== undefined) {
      if (!open.delete(style)) open.add(style)
    } else if (escaped !== undefined) add(escaped)
    else if (time !== undefined) add(toInstant(Number(time) * 1000, format === 'R' ? nowMs : undefined))
    else if (called !== undefined) add(called, 'magenta')
    else if (link !== undefined) for (const { text: words } of readMarkdown(link, [], nowMs)) add(words, 'underline')
    else if (quote !== undefined) add('▏ ', 'dim')
  }
  add(text.slice(at))
  return pieces
}

/** As a time is written wherever the reader's own zone is not known; `3 m ago` if it is told when it is read. */
function toInstant(atMs: number, nowMs?: number): string {
  if (nowMs !== undefined) return toAgo(atMs, nowMs)
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
