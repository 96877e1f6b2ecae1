import { DISCORD_API_PATH, SLACK_API_PATH } from '../../src/sandbox/server.ts'
import type { Chat } from './world.ts'

/** The call that posts a text to one of the chats, and nothing else. */
export function toRequest(
  { port, slack, discord }: Chat,
  platform: 'slack' | 'discord',
  text: string,
): RequestInit & { readonly url: string } {
  const base = `http://127.0.0.1:${port}`
  const method = 'POST'
  const type = { 'content-type': 'application/json' }
  if (platform === 'slack') {
    const headers = { ...type, authorization: `Bearer ${slack.token}` }
    const body = JSON.stringify({ channel: slack.channel, text })
    return { url: `${base}${SLACK_API_PATH}chat.postMessage`, method, headers, body }
  }
  const headers = { ...type, authorization: `Bot ${discord.token}` }
  const body = JSON.stringify({ content: text })
  return { url: `${base}${DISCORD_API_PATH}/v10/channels/${discord.channel}/messages`, method, headers, body }
}
