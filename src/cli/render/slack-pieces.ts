import * as v from 'valibot'
import type { Drawn } from '../../platform/platform.ts'
import { toAgo } from '../table.ts'
import type { Style } from '../terminal.ts'
import type { Piece } from './pieces.ts'

const Element = v.object({
  type: v.string(),
  text: v.optional(v.string(), ''),
  fallback: v.optional(v.string()),
  timestamp: v.optional(v.number()),
  format: v.optional(v.string()),
  user_id: v.optional(v.string()),
  usergroup_id: v.optional(v.string()),
  range: v.optional(v.string()),
  name: v.optional(v.string()),
  style: v.optional(
    v.object({
      bold: v.optional(v.boolean()),
      italic: v.optional(v.boolean()),
      code: v.optional(v.boolean()),
      strike: v.optional(v.boolean()),
    }),
    {},
  ),
})
const Section = v.object({ type: v.string(), elements: v.array(Element) })
const Block = v.variant('type', [
  v.object({ type: v.literal('rich_text'), elements: v.array(Section) }),
  v.object({ type: v.literal('context'), elements: v.array(Element) }),
])
const Message = v.object({
  text: v.string(),
  blocks: v.optional(v.array(Block), []),
  attachments: v.optional(v.array(v.object({ blocks: v.array(Block) })), []),
})

/** A part of a message: beside the colour bar, or above it. */
export interface Part {
  readonly isBeside: boolean
  readonly pieces: readonly Piece[]
}

/** A drawn Slack message as a terminal can show it at `nowMs`, in parts from top to bottom. */
export function toSlackParts(drawn: Drawn, nowMs: number): readonly Part[] {
  const { text, blocks, attachments } = v.parse(Message, drawn)
  const above = blocks.flatMap((block) => toParts(block, false, nowMs))
  const beside = attachments.flatMap((attachment) => attachment.blocks.flatMap((block) => toParts(block, true, nowMs)))
  return above.length + beside.length === 0
    ? [{ isBeside: false, pieces: [{ text, styles: [] }] }]
    : [...above, ...beside]
}

type SlackBlock = v.InferOutput<typeof Block>

function toParts(block: SlackBlock, isBeside: boolean, nowMs: number): readonly Part[] {
  if (block.type === 'context') {
    const pieces = block.elements.flatMap((element, index) => [
      { text: index === 0 ? '' : ' ', styles: [] },
      { text: element.text.replace(/<!date\^\d+\^[^|]*\|([^>]*)>/g, '$1'), styles: ['dim' as const] },
    ])
    return [{ isBeside, pieces }]
  }
  return block.elements.map(({ type, elements }) => {
    const isQuote = type === 'rich_text_quote'
    const pieces = elements.map((element) => toPiece(element, nowMs))
    return { isBeside, pieces: isQuote ? quoted(pieces) : pieces }
  })
}

/** Every line of a quote has its own mark. */
function quoted(pieces: readonly Piece[]): readonly Piece[] {
  const mark: Piece = { text: '▏ ', styles: ['dim'] }
  return [
    mark,
    ...pieces.flatMap(({ text, styles }) =>
      text.split('\n').flatMap((line, index): Piece[] => {
        const piece = { text: line, styles }
        return index === 0 ? [piece] : [{ text: '\n', styles: [] }, mark, piece]
      }),
    ),
  ]
}

function toPiece(element: v.InferOutput<typeof Element>, nowMs: number): Piece {
  const { bold, italic, code, strike } = element.style
  const styles: Style[] = [
    ...(bold ? ['bold' as const] : []),
    ...(italic ? ['italic' as const] : []),
    ...(code ? ['cyan' as const] : []),
    ...(strike ? ['dim' as const] : []),
  ]
  const called = { user: element.user_id, usergroup: element.usergroup_id, broadcast: element.range }[element.type]
  if (called !== undefined) return { text: `@${called}`, styles: [...styles, 'magenta'] }
  if (element.type === 'date') {
    const isRelative = element.format === '{ago}' && element.timestamp !== undefined
    return { text: isRelative ? toAgo((element.timestamp ?? 0) * 1000, nowMs) : (element.fallback ?? ''), styles }
  }
  if (element.type === 'emoji') return { text: `:${element.name}:`, styles }
  return { text: element.text, styles: element.type === 'link' ? [...styles, 'underline'] : styles }
}
