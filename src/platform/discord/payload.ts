import type { Message } from '../../message/message.ts'
import { cutText } from '../../message/text.ts'
import { toSafeUrl } from '../../message/url.ts'
import type { Detail } from '../platform.ts'
import { NEUTRAL_NAME, type Body, type DrawnCard, type DrawnReply, type Row } from './drawn.ts'
import { compactEmbed, fullEmbed } from './embed.ts'
import { toInert } from './escape.ts'
import { isBlank, wordsToMarkdown } from './markdown.ts'
import { NOBODY, toCalls, type People } from './mentions.ts'

/**
 * Discord's own limits. Lengths in UTF-16 units, the strictest way to count.
 * https://docs.discord.com/developers/components/reference#button, …/resources/channel#start-thread-from-message
 * (as of 2026-11)
 */
const MAX = { label: 80, buttonUrl: 512, buttonsInRow: 5, rows: 5, threadName: 100 }

/** Ours: a lock screen shows about this much. */
const MAX_PLAIN_UNITS = 300

/**
 * A card: whom to call as the message itself, since a mention in an embed notifies nobody; all text of the incident in
 * an embed, which can never notify. An edit does not name the content, so that whoever was called still sees it.
 */
export function drawCard(message: Message, detail: Detail, forEdit: boolean, people: People): DrawnCard {
  const body = forEdit
    ? toBody(message, detail, { text: '', allowed: NOBODY })
    : toBody(message, detail, toCalls(message.mentions, people))
  const threadName = toThreadName(message) || message.noun || NEUTRAL_NAME
  return { body, words: toWords(message), threadName, ...(message.noun && { neutralName: message.noun }) }
}

/** A reply: the same, mostly a single line beside a colour bar. */
export function drawReply(message: Message, detail: Detail, people: People): DrawnReply {
  return { body: toBody(message, detail, toCalls(message.mentions, people)), words: toWords(message) }
}

function toBody(message: Message, detail: Detail, calls: ReturnType<typeof toCalls>): Body {
  const base = { embeds: [], components: [], allowed_mentions: calls.allowed }
  switch (detail) {
    case 'full':
      return { ...base, ...contentOf(calls.text), embeds: [fullEmbed(message)], components: toRows(message) }
    case 'compact':
      return { ...base, ...contentOf(calls.text), embeds: [compactEmbed(message)] }
    case 'plain':
      return { ...base, content: [calls.text, toWords(message)].filter((line) => line !== '').join('\n') }
  }
}

function contentOf(text: string): { content?: string } {
  return text === '' ? {} : { content: text }
}

/** Words and one link, the address in brackets so that Discord shows no preview. */
function toWords(message: Message): string {
  const words = wordsToMarkdown(message.summary, MAX_PLAIN_UNITS) || '…'
  const url = toSafeUrl(message.title?.url ?? message.links[0]?.url ?? '')
  return url !== undefined && url.length <= MAX.buttonUrl ? `${words}\n<${url}>` : words
}

/** Links as buttons. One that Discord would refuse is left out: the title leads to the incident as well. */
function toRows(message: Message): readonly Row[] {
  const buttons = message.links.flatMap((link) => {
    const label = cutText(toInert(link.label).replace(/\s+/g, ' ').trim(), MAX.label)
    const url = toSafeUrl(link.url)
    if (label === '' || url === undefined || url.length > MAX.buttonUrl) return []
    return [{ type: 2, style: 5, label, url } as const]
  })
  const rows = Array.from({ length: Math.min(MAX.rows, Math.ceil(buttons.length / MAX.buttonsInRow)) }, (_, row) =>
    buttons.slice(row * MAX.buttonsInRow, (row + 1) * MAX.buttonsInRow),
  )
  return rows.map((components) => ({ type: 1, components }))
}

/**
 * The name of the thread: plain text, the title without the icons it begins with. A thread is never renamed, since
 * Discord allows two of that in ten minutes, and a red icon on a closed incident would mislead.
 */
function toThreadName(message: Message): string {
  const title = toInert(message.title?.text ?? message.summary)
    .replace(/\s+/g, ' ')
    .trim()
  const name = title.replace(/^(?:\p{Extended_Pictographic}[\p{Emoji_Modifier}\uFE0F\u200D]*\s*)+/u, '')
  const cut = cutText(name || title, MAX.threadName)
  return isBlank(cut) ? '' : cut
}
