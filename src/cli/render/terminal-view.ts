import type { Tone } from '../../message/message.ts'
import type { Style, Terminal } from '../terminal.ts'
import { toDiscordParts } from './discord-pieces.ts'
import { toPayload } from './payload.ts'
import { paintLine, toLines } from './pieces.ts'
import type { Painted, Preview } from './preview.ts'
import type { Shown } from './shown.ts'
import { toSlackParts } from './slack-pieces.ts'

const BARS: Readonly<Record<Tone, Style>> = {
  critical: 'red',
  warning: 'yellow',
  info: 'blue',
  processing: 'yellow',
  snoozed: 'gray',
  recovered: 'green',
  closed: 'green',
  firing: 'magenta',
  neutral: 'gray',
}

/** Wider lines are hard to read. */
const MAX_COLUMNS = 100

/** An event's messages for a person at a terminal; in a pipe the same words, unbroken. */
export function* toTerminalLines(shown: Shown, terminal: Terminal, links: boolean): Generator<string> {
  const { paint } = terminal
  const { type, language, previews, routes } = shown
  const to = routes.length === 0 ? '' : paint('dim', `  by ${routes.join(', ')}`)
  yield `${paint('bold', type)} ${paint('dim', `(${language})`)}${to}`
  if (previews.length === 0) yield '  No route takes it: nothing is shown anywhere.'
  for (const preview of previews) {
    const name = preview.platform === 'slack' ? 'Slack' : 'Discord'
    const where = preview.destination === preview.platform ? '' : `${preview.destination} · `
    const looking = { preview, nowMs: shown.atMs, terminal, links }
    yield `  ${paint('bold', name)} ${paint('dim', `${where}${preview.isNew ? 'card' : 'card, edited'}`)}`
    yield* toMessageLines(preview.card, looking)
    if (preview.reply !== undefined) {
      const also = preview.reply.loudness === 'broadcast' && preview.platform === 'slack' ? ', and in the channel' : ''
      const how = preview.reply.loudness === 'none' ? UNPOSTED : `reply in the thread${also}`
      yield `  ${paint('bold', name)} ${paint('dim', how)}`
      yield* toMessageLines(preview.reply, looking)
    }
  }
}

const UNPOSTED = 'reply, not posted: this event changes the card alone'

interface Looking {
  readonly preview: Preview
  readonly nowMs: number
  readonly terminal: Terminal
  readonly links: boolean
}

function* toMessageLines({ message, drawn }: Painted, looking: Looking): Generator<string> {
  const { preview, nowMs, terminal, links } = looking
  const parts = preview.platform === 'slack' ? toSlackParts(drawn, nowMs) : toDiscordParts(drawn, nowMs)
  const columns = terminal.columns === undefined ? Infinity : Math.max(20, Math.min(terminal.columns, MAX_COLUMNS) - 6)
  const bar = terminal.paint(BARS[message.tone], '┃')
  for (const { isBeside, pieces } of parts) {
    for (const line of toLines(pieces, columns)) {
      yield `    ${isBeside ? `${bar} ` : ''}${paintLine(line, terminal)}`.trimEnd()
    }
  }
  if (!links || preview.platform !== 'slack') return
  yield `    ${toPayload(preview, drawn).builder ?? 'Block Kit Builder: too long for a link; paste what --json writes as body'}`
}
