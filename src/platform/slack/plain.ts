import type { RichTextElement } from '@slack/types'
import type { Drawn } from '../platform.ts'
import type { Message } from '../../message/message.ts'
import { cutText } from '../../message/text.ts'
import { callsPart, UNNAMED } from './parts.ts'
import { toHref, toLine } from './rich-text.ts'
import type { People } from './rich-text.ts'

/** Ours: what a lock screen shows, and little enough to be refused by nothing. */
const MAX_FALLBACK_CHARS = 300

/**
 * The last resort: words, whom to call, and one link. A post has no block that Slack could refuse; an edit has one, for
 * Slack does not let a message lose its `rich_text`. Attachments are empty, not absent: an update keeps what is absent.
 */
export function drawPlain(message: Message, forEdit: boolean, people: People): Drawn {
  const text = toFallback(message)
  const href = [message.title?.url, ...message.links.map(({ url }) => url)]
    .map((url) => (url === undefined ? undefined : toHref(url)))
    .find((url) => url !== undefined)
  if (forEdit) {
    const words = cutText(toLine(message.summary).trim() || message.noun || UNNAMED, MAX_FALLBACK_CHARS)
    const elements: RichTextElement[] =
      href === undefined
        ? [{ type: 'text', text: words }]
        : [
            { type: 'text', text: `${words}\n` },
            { type: 'link', url: href },
          ]
    return {
      text,
      blocks: [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }],
      attachments: [],
    }
  }
  const calls = callsPart(message.mentions, people).flatMap(toToken)
  const link = href === undefined ? '' : `\n<${escapeText(href)}>`
  return { text: [...calls, text].join(' ') + link, blocks: [], attachments: [] }
}

/** Words for notifications, in one line, escaped so that Slack reads nothing into them. */
export function toFallback({ summary, noun }: Message): string {
  const line = toLine(summary).trim() || noun || UNNAMED
  let words = cutText(line, MAX_FALLBACK_CHARS)
  while (escapeText(words).length > MAX_FALLBACK_CHARS) words = cutText(words, Math.floor(words.length * 0.9))
  return escapeText(words)
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping (as of 2026-11) */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** An element that calls somebody in the notation of `text`; names have no place in it. */
function toToken(element: RichTextElement): string[] {
  if (element.type === 'user') return [`<@${element.user_id}>`]
  if (element.type === 'usergroup') return [`<!subteam^${element.usergroup_id}>`]
  return element.type === 'broadcast' ? [`<!${element.range}>`] : []
}
