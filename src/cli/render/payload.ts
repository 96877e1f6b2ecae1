import { bodyOf, threadNameOf } from '../../platform/discord/drawn.ts'
import type { Drawn } from '../../platform/platform.ts'
import type { Preview } from './preview.ts'

/** What is sent to a platform's API for a card or a reply; where it goes, and its keys, are added when it is sent. */
export interface Payload {
  readonly body: Readonly<Record<string, unknown>>
  /** Discord's thread has a name of its own. */
  readonly threadName?: string
  /** Opens the message in Slack's editor; absent where it is no Slack message, or too long for a link. */
  readonly builder?: string
}

export function toPayload({ platform }: Pick<Preview, 'platform'>, drawn: Drawn): Payload {
  switch (platform) {
    case 'slack': {
      const builder = toBuilderLink(drawn)
      return { body: drawn, ...(builder !== undefined && { builder }) }
    }
    case 'discord':
      return { body: bodyOf(drawn), ...('threadName' in drawn && { threadName: threadNameOf(drawn) }) }
  }
}

const BUILDER = 'https://app.slack.com/block-kit-builder/'

/** Ours: browsers open longer ones, but terminals and chats that pass a link on cut it. */
const MAX_LINK_CHARS = 16_000

/**
 * A Slack message in Block Kit Builder. The page reads blocks and attachments behind the #, which it does not send
 * anywhere by itself. Undefined if it is too long for a link.
 * @see https://github.com/raycharius/slack-block-builder (its printPreviewUrl; read 2026-11-24)
 */
export function toBuilderLink({ blocks = [], attachments = [] }: Drawn): string | undefined {
  const link = `${BUILDER}#${encodeURIComponent(JSON.stringify({ blocks, attachments }))}`
  return link.length > MAX_LINK_CHARS ? undefined : link
}
