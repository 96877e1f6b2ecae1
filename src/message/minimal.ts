import type { Message, RichText } from './message.ts'
import { cleanLine } from './text.ts'
import { toSafeUrl } from './url.ts'
import type { CardInput, ReplyInput } from './view.ts'

/** The least a card can say, with no template: used when every template failed. Never throws. */
export function toMinimalCard({ incident }: CardInput): Message {
  return attempt(() => {
    const text = cleanLine(incident.title) || NO_TITLE
    const url = toSafeUrl(incident.detailUrl ?? '')
    const state = [incident.severity, incident.progress].map((word) => cleanLine(word)).join(' · ')
    return { ...bare(text), title: { text, ...(url === undefined ? {} : { url }) }, lines: [toText(state)] }
  })
}

/** The least a reply can say: what happened, and who did it. Never throws. */
export function toMinimalReply({ event }: ReplyInput): Message {
  return attempt(() => {
    const who = cleanLine(event.person?.name ?? '')
    const what = [cleanLine(event.type), who === '' ? '' : `by ${who}`].filter(Boolean).join(' ')
    return { ...bare(`${what} · ${cleanLine(event.incident.title)}`), lines: [toText(what)] }
  })
}

const NO_TITLE = '(no title)'

function attempt(make: () => Message): Message {
  try {
    return make()
  } catch {
    // A snapshot that does not even hold the texts it must: a card without words is still better than silence.
    return { ...bare(NO_TITLE), lines: [toText(NO_TITLE)] }
  }
}

function bare(summary: string): Message {
  return { tone: 'neutral', summary, lines: [], fields: [], links: [], mentions: [] }
}

function toText(text: string): RichText {
  return [{ kind: 'text', text }]
}
