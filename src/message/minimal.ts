import type { Message, RichText } from './message.ts'
import { cleanLine } from './text.ts'
import { toSafeUrl } from './url.ts'
import type { CardInput, ReplyInput } from './view.ts'
import type { Vocabulary } from './words.ts'

/** The least a card can say, with no template: used when every template failed. Never throws. */
export function toMinimalCard({ incident }: CardInput, { severity, progress, words }: Vocabulary): Message {
  return attempt(words, () => {
    const text = cleanLine(incident.title) || words.phrases.no_title
    const url = toSafeUrl(incident.detailUrl ?? '')
    const known = [severity.get(incident.severity)?.label, progress.get(incident.progress)]
    const state = [incident.severity, incident.progress].map((word, index) => known[index] ?? cleanLine(word))
    return { ...bare(text), title: { text, ...(url === undefined ? {} : { url }) }, lines: [toText(state.join(' · '))] }
  })
}

/** The least a reply can say: what happened, and who did it. Never throws. */
export function toMinimalReply({ event }: ReplyInput, { events, words }: Vocabulary): Message {
  return attempt(words, () => {
    const who = cleanLine(event.person?.name ?? '')
    const what = [events.get(event.type) ?? cleanLine(event.type), who].filter(Boolean).join(' · ')
    return { ...bare(`${what} · ${cleanLine(event.incident.title)}`), lines: [toText(what)] }
  })
}

function attempt({ phrases }: Vocabulary['words'], make: () => Message): Message {
  try {
    return make()
  } catch {
    // A snapshot that does not even hold the texts it must: a card without words is still better than silence.
    return { ...bare(phrases.no_title), lines: [toText(phrases.no_title)] }
  }
}

function bare(summary: string): Message {
  return { tone: 'neutral', summary, lines: [], fields: [], links: [], mentions: [] }
}

function toText(text: string): RichText {
  return [{ kind: 'text', text }]
}
