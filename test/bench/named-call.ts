import { readFileSync } from 'node:fs'
import { WebClient } from '@slack/web-api'
import { REST, Routes } from 'discord.js'
import { Liquid } from 'liquidjs'
import { parse } from 'yaml'
import { DISCORD_API_PATH, SLACK_API_PATH } from '../../src/sandbox/server.ts'
import type { Chat } from './world.ts'

/** What any message may have, whatever the platform. */
const MAX_CHARS = 1_900

/**
 * Draws the card's template and posts it by the platform's own package, with as little else as can be: no view, no check,
 * no layout. Takes a push, parsed, and draws it at once; `make` posts it.
 */
export function createNamedCall(
  chat: Chat,
  platform: 'slack' | 'discord',
): (push: object) => { readonly make: () => Promise<unknown> } {
  const liquid = new Liquid()
  const leaves = toTexts(parse(readFileSync('templates/card.yaml', 'utf8'))).map((text) => liquid.parse(text))
  const draw = (push: object): string =>
    leaves
      .map((leaf) => String(liquid.renderSync(leaf, push)).trim())
      .filter((text) => text !== '')
      .join('\n')
      .slice(0, MAX_CHARS)
  const base = `http://127.0.0.1:${chat.port}`
  if (platform === 'slack') {
    const client = new WebClient(chat.slack.token, { slackApiUrl: `${base}${SLACK_API_PATH}` })
    return (push) => {
      const text = draw(push)
      return { make: () => client.chat.postMessage({ channel: chat.slack.channel, text }) }
    }
  }
  const rest = new REST({ api: `${base}${DISCORD_API_PATH.replace(/\/$/, '')}`, version: '10' })
  rest.setToken(chat.discord.token)
  return (push) => {
    const content = draw(push)
    return { make: () => rest.post(Routes.channelMessages(chat.discord.channel), { body: { content } }) }
  }
}

/** Every text of a template, whatever it is for. */
function toTexts(node: unknown): readonly string[] {
  if (typeof node === 'string') return [node]
  return typeof node === 'object' && node !== null ? Object.values(node).flatMap(toTexts) : []
}
