import type { Drawn } from '../platform.ts'
import type { Embed } from './embed.ts'
import type { AllowedMentions } from './mentions.ts'

/** The body of a message: exactly these keys are sent. */
export interface Body {
  /** Absent on an edit that leaves alone who was called when the message was posted. */
  readonly content?: string
  readonly embeds: readonly Embed[]
  readonly components: readonly Row[]
  readonly allowed_mentions: AllowedMentions
}

/** A row of links that look like buttons. */
export interface Row {
  readonly type: 1
  readonly components: readonly { readonly type: 2; readonly style: 5; readonly label: string; readonly url: string }[]
}

/** What a reply is sent from. */
export interface DrawnReply extends Drawn {
  readonly body: Body
  /** What it says without an embed. */
  readonly words: string
}

/** What a card is sent from. The name goes to its thread and is no part of the message. */
export interface DrawnCard extends DrawnReply {
  readonly threadName: string
  /** The name of the thread if moderation does not let its own pass. */
  readonly neutralName?: string
}

/** What a thread is called where a message does not say what it is. */
export const NEUTRAL_NAME = 'Incident'

type Parts = Readonly<Record<string, unknown>>

export function bodyOf(drawn: Drawn): Parts {
  return isRecord(drawn['body']) ? drawn['body'] : {}
}

export function wordsOf(drawn: Drawn): string {
  return textOf(drawn, 'words')
}

export function threadNameOf(drawn: Drawn): string {
  return textOf(drawn, 'threadName') || neutralNameOf(drawn)
}

export function neutralNameOf(drawn: Drawn): string {
  return textOf(drawn, 'neutralName') || NEUTRAL_NAME
}

export function isRecord(value: unknown): value is Parts {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The text under a key; empty if there is none. */
export function textOf(parts: Parts, key: string): string {
  const value = parts[key]
  return typeof value === 'string' ? value : ''
}
