import type { ContextBlock, RichTextBlock, RichTextElement } from '@slack/types'
import type { Message, Tone } from '../../message/message.ts'
import type { Detail, Drawn } from '../platform.ts'
import { fit, jsonBytes } from './fit.ts'
import * as part from './parts.ts'
import { drawPlain, toFallback } from './plain.ts'
import type { People } from './rich-text.ts'

/** The bar beside a card. Closed while monitoring still fires must not look like recovered. */
const COLORS = {
  critical: '#d92d20',
  warning: '#f79009',
  info: '#2e90fa',
  processing: '#f4c430',
  snoozed: '#98a2b3',
  recovered: '#2eb67d',
  closed: '#12805c',
  firing: '#c11574',
  neutral: '#d0d5dd',
} as const satisfies Record<Tone, string>

/**
 * Slack publishes no limit on the JSON of all blocks. Refused with msg_blocks_too_long from about 13.2 kB on.
 * https://github.com/slackapi/bolt-js/issues/2509 (as of 2026-11)
 */
const MAX_BYTES = 12_000

/** Ours: what blocks cost around the words, and the fallback; the property test holds it to be enough. */
const FRAME_BYTES = 2_200

/** Ours: at most this much of the room for one part, so that one huge value leaves some for the others. */
const PART_BYTES = {
  title: 2_500,
  calls: 1_200,
  lines: 3_500,
  onlyLines: 8_600,
  links: 2_800,
  footer: 900,
  fields: 4_500,
}

/** Ours: the state line, also where a remark stands above it. */
const COMPACT_LINES = 2

/** Ours: a card stays on one screen, a reply may say more. */
const QUOTE_CHARS = { card: 1_000, reply: 2_500 }

/**
 * A card: the title and whom to call as the message itself, the rest beside a colour bar. The title stands outside of
 * the bar because Slack shows `text` a second time above attachments unless there are blocks, and because a mention
 * notifies for certain only there. Every card keeps to these two places and to the same kinds of block: Slack does
 * not let an edit change them.
 */
export function drawCard(message: Message, detail: Detail, forEdit: boolean, people: People): Drawn {
  if (detail === 'plain') return drawPlain(message, forEdit, people)
  const full = detail === 'full'
  const ink = { people, mayCall: () => false }
  const take = createPurse()
  const text = toFallback(message)
  const allLines = part.linesPart(full ? message.lines : message.lines.slice(0, COMPACT_LINES), ink)
  const allFields = full ? part.fieldsPart(message.fields, ink) : []
  const named = [...allLines, ...allFields]
  // In the order of importance: what comes first gets the room.
  const title = take(part.titlePart(message), PART_BYTES.title)
  const calls = take(forEdit ? [] : part.callsPart(message.mentions, people, named), PART_BYTES.calls)
  const links = take(part.linksPart(message.links), PART_BYTES.links)
  const lines = take(allLines, PART_BYTES.lines)
  const footer = take(full ? part.footerPart(message.footer, ink) : [], PART_BYTES.footer)
  const fields = take(allFields, PART_BYTES.fields)
  const quote = take(full ? part.quotePart(message.quote, QUOTE_CHARS.card) : [], Infinity)
  const beside = [...rows(lines), ...rows(fields), ...quotes(quote), ...rows(links), ...small(footer)]
  return {
    text,
    blocks: rows(title, calls),
    attachments: beside.length === 0 ? [] : [{ color: COLORS[message.tone], fallback: text, blocks: beside }],
  }
}

/** A reply: a few lines without a bar. Whoever is to be called is called where a line names them, else below the lines. */
export function drawReply(message: Message, detail: Detail, people: People): Drawn {
  if (detail === 'plain') return drawPlain(message, false, people)
  const full = detail === 'full'
  const ink = { people, mayCall: part.callsOnly(message.mentions, people) }
  const take = createPurse()
  // Where there is nothing but lines, as when one message tells many events, they may have all the room.
  const onlyLines = message.quote === undefined && message.fields.length === 0
  const lines = take(
    part.linesPart(full ? message.lines : message.lines.slice(0, COMPACT_LINES), ink),
    onlyLines ? PART_BYTES.onlyLines : PART_BYTES.lines,
  )
  const titled = message.title !== undefined || lines.length === 0
  const title = take(titled ? part.titlePart(message) : [], PART_BYTES.title)
  const calls = take(part.callsPart(message.mentions, people, lines), PART_BYTES.calls)
  const links = take(part.linksPart(message.links), PART_BYTES.links)
  const quiet = { people, mayCall: () => false }
  const footer = take(full ? part.footerPart(message.footer, quiet) : [], PART_BYTES.footer)
  const fields = take(full ? part.fieldsPart(message.fields, quiet) : [], PART_BYTES.fields)
  const quote = take(full ? part.quotePart(message.quote, QUOTE_CHARS.reply) : [], Infinity)
  return {
    text: toFallback(message),
    blocks: [...rows(title, lines, calls, fields), ...quotes(quote), ...rows(links), ...small(footer)],
    attachments: [],
  }
}

/** Hands out the room of one message, part by part. */
function createPurse(): (elements: readonly RichTextElement[], maxBytes: number) => RichTextElement[] {
  let left = MAX_BYTES - FRAME_BYTES
  return (elements, maxBytes) => {
    const room = Math.min(maxBytes, left)
    const wanted = jsonBytes(elements)
    // Most parts fit as they are, and to measure them one by one is a good part of what it takes to draw.
    if (wanted <= room) {
      left -= wanted
      return [...elements]
    }
    const taken = fit(elements, { chars: Infinity, bytes: room })
    left -= jsonBytes(taken)
    return taken
  }
}

/** One block with a paragraph per part; none if all parts are empty. */
function rows(...parts: readonly RichTextElement[][]): RichTextBlock[] {
  const sections = parts.flatMap((elements) =>
    elements.length === 0 ? [] : [{ type: 'rich_text_section' as const, elements }],
  )
  return sections.length === 0 ? [] : [{ type: 'rich_text', elements: sections }]
}

function quotes(elements: RichTextElement[]): RichTextBlock[] {
  return elements.length === 0 ? [] : [{ type: 'rich_text', elements: [{ type: 'rich_text_quote', elements }] }]
}

function small(footer: RichTextElement[]): ContextBlock[] {
  return footer.length === 0 ? [] : [part.toContextBlock(footer)]
}
