import type { RichTextElement } from '@slack/types'
import { cutText } from '../../message/text.ts'

/** Slack: 3000 characters in any text object. https://docs.slack.dev/reference/block-kit/blocks (as of 2026-11) */
export const MAX_TEXT_CHARS = 3000

/** The size of a value as Slack counts it: bytes of its JSON in UTF-8. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

/** Ours: how wide a date or a mention is on screen, about. */
const CHIP_CHARS = 16

/** How much of a line the elements take on screen, about, in UTF-16 units. */
export function widthOf(elements: readonly RichTextElement[]): number {
  return elements.reduce((sum, element) => sum + elementWidth(element), 0)
}

function elementWidth(element: RichTextElement): number {
  return element.type === 'text' || element.type === 'link' ? (element.text ?? '').length : CHIP_CHARS
}

export interface Room {
  readonly chars: number
  readonly bytes: number
}

/** The elements that fit into the room, in order; the one at the edge is cut, with "…" to say so. */
export function fit(elements: readonly RichTextElement[], room: Room): RichTextElement[] {
  const kept: RichTextElement[] = []
  let { chars, bytes } = room
  for (const element of elements) {
    const fitting = shorten(element, { chars, bytes })
    if (fitting !== undefined) {
      kept.push(fitting)
      chars -= elementWidth(fitting)
      bytes -= costOf(fitting)
    }
    if (fitting !== element) break
  }
  return kept
}

/** Text next to text of the same look becomes one element, as long as it fits into one. */
export function joinText(elements: readonly RichTextElement[]): RichTextElement[] {
  const joined: RichTextElement[] = []
  for (const element of elements) {
    const before = joined.at(-1)
    const both = before === undefined ? undefined : asOne(before, element)
    if (both === undefined) joined.push(element)
    else joined[joined.length - 1] = both
  }
  return joined
}

function asOne(before: RichTextElement, after: RichTextElement): RichTextElement | undefined {
  if (before.type !== 'text' || after.type !== 'text' || lookOf(before) !== lookOf(after)) return undefined
  const text = before.text + after.text
  return text.length > MAX_TEXT_CHARS ? undefined : { ...before, text }
}

function lookOf(element: RichTextElement): string {
  return JSON.stringify(element.style ?? {})
}

/** The element itself if it fits, else what fits of its words, else undefined. */
function shorten(element: RichTextElement, room: Room): RichTextElement | undefined {
  if (elementWidth(element) <= room.chars && costOf(element) <= room.bytes) return element
  if (element.type !== 'text' && element.type !== 'link') return undefined
  let text = cutText(element.text ?? '', Math.max(0, room.chars))
  while (text !== '') {
    const shorter = { ...element, text }
    if (costOf(shorter) <= room.bytes) return shorter
    text = text.length === 1 ? '' : cutText(text, Math.floor(text.length * 0.8))
  }
  // An address too long for the room: its words are better than nothing.
  if (element.type === 'text') return undefined
  const { style } = element
  return shorten({ type: 'text', text: element.text ?? '', ...(style && { style }) }, room)
}

/** With the comma. */
function costOf(element: RichTextElement): number {
  return jsonBytes(element) + 1
}
