import { readFileSync } from 'node:fs'
import { WebClient } from '@slack/web-api'
import { REST, Routes } from 'discord.js'
import { Liquid } from 'liquidjs'
import { parse } from 'yaml'
import { readEvent } from '../../src/flashduty/event.ts'
import { toCardView } from '../../src/message/present.ts'
import { openSource } from '../../src/message/source.ts'
import { readVocabulary } from '../../src/message/vocabulary.ts'
import { DISCORD_API_PATH, SLACK_API_PATH } from '../../src/sandbox/server.ts'
import type { Chat } from './world.ts'

/** What any message may have, whatever the platform. */
const MAX_CHARS = 1_900

/**
 * Reads a push, draws the card's template with bare Liquid and posts it by the platform's own package, with as little
 * else as can be: nothing is judged, formatted, checked or laid out. Takes a push as it came and draws it at once; `make`
 * posts it.
 */
export function createNamedCall(
  chat: Chat,
  platform: 'slack' | 'discord',
): (body: string) => { readonly make: () => Promise<unknown> } {
  const liquid = new Liquid()
  const leaves = toTexts(parse(readFileSync('templates/card.yaml', 'utf8'))).map((text) => liquid.parse(text))
  const source = openSource('vocabulary.yaml', readFileSync('templates/vocabulary.yaml', 'utf8'), [])
  if (source === undefined) throw new Error('templates/vocabulary.yaml cannot be read')
  const words = readVocabulary(source, 'en')
  const draw = (body: string): string => {
    const event = readEvent(body)?.event
    if (event === undefined) throw new Error('the push is no event')
    const nowMs = Date.now()
    const last = { id: event.id, type: event.type, atMs: nowMs }
    const view = toCardView({ incident: event.incident, last, nowMs, replacesLost: false }, words)
    return leaves
      .map((leaf) => String(liquid.renderSync(leaf, view)).trim())
      .filter((text) => text !== '')
      .join('\n')
      .slice(0, MAX_CHARS)
  }
  const base = `http://127.0.0.1:${chat.port}`
  if (platform === 'slack') {
    const client = new WebClient(chat.slack.token, { slackApiUrl: `${base}${SLACK_API_PATH}` })
    return (body) => {
      const text = draw(body)
      return { make: () => client.chat.postMessage({ channel: chat.slack.channel, text }) }
    }
  }
  const rest = new REST({ api: `${base}${DISCORD_API_PATH.replace(/\/$/, '')}`, version: '10' })
  rest.setToken(chat.discord.token)
  return (body) => {
    const content = draw(body)
    return { make: () => rest.post(Routes.channelMessages(chat.discord.channel), { body: { content } }) }
  }
}

/** Every text of a template, whatever it is for. */
function toTexts(node: unknown): readonly string[] {
  if (typeof node === 'string') return [node]
  return typeof node === 'object' && node !== null ? Object.values(node).flatMap(toTexts) : []
}
