import type { Message } from './answers.ts'
import { isRecord, textOf } from './drawn.ts'

/** A body or an embed on its way to Discord. */
type Parts = Readonly<Record<string, unknown>>

/** Shown nowhere: an embed's address is seen only through its title. It leads home, in case that ever changes. */
const HIDDEN_URL = 'https://discord.com/#'

/**
 * The body of a create with a mark in it, by which {@link hasMarker} knows the message again when its answer was lost:
 * Discord tells a nonce only to whoever posts. In a card it is the last word of the footer, until the first edit takes
 * it away; by then nobody needs it any more. In a reply, which has no title, it does not show.
 */
export function withMarker(body: Parts, marker: string): Parts {
  const [embed] = Array.isArray(body['embeds']) ? body['embeds'].filter(isRecord) : []
  if (embed !== undefined) return { ...body, embeds: [markEmbed(embed, marker)] }
  return { ...body, content: `${textOf(body, 'content')}\n-# ${marker}` }
}

/** Whether a message was created with this marker. */
export function hasMarker({ content, embeds }: Message, marker: string): boolean {
  if (content.endsWith(`-# ${marker}`)) return true
  return embeds.some(({ url, footer }) => url === HIDDEN_URL + marker || footer.text.split(' · ').at(-1) === marker)
}

function markEmbed(embed: Parts, marker: string): Parts {
  if (embed['title'] === undefined) return { ...embed, url: HIDDEN_URL + marker }
  const footer = isRecord(embed['footer']) ? textOf(embed['footer'], 'text') : ''
  return { ...embed, footer: { text: footer === '' ? marker : `${footer} · ${marker}` } }
}
