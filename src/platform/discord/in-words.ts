import type { Drawn } from '../platform.ts'
import type { Message } from './answers.ts'
import { bodyOf, textOf, wordsOf } from './drawn.ts'
import { codeOf } from './errors.ts'

type Parts = Readonly<Record<string, unknown>>

/** Posts a message; `place` is where a permission is given or not. Throws what `call` throws. */
export type InWords = <T extends { readonly message?: Message | undefined }>(
  place: string,
  drawn: Drawn,
  call: (body: Parts) => Promise<T>,
) => Promise<T>

/**
 * Without Embed Links a message that is nothing but an embed is refused, as if nothing might be sent at all. So what it
 * says in words goes along, at once where that was needed before; where embeds are shown again, the words are taken
 * away once more by whoever compares what is shown with what was sent.
 */
export function createInWords(): InWords {
  const wordy = new Set<string>()
  return async (place, drawn, call) => {
    const body = bodyOf(drawn)
    if (!isBare(body)) return call(body)
    const worded = { ...body, content: wordsOf(drawn) }
    if (!wordy.has(place)) {
      try {
        return await call(body)
      } catch (error) {
        if (codeOf(error) !== MISSING_PERMISSIONS) throw error
      }
    }
    // Also where this is refused as well: one call tells then whether that is over, and not two.
    wordy.add(place)
    const posted = await call(worded)
    if (posted.message !== undefined && posted.message.embeds.length > 0) wordy.delete(place)
    return posted
  }
}

const MISSING_PERMISSIONS = 50013

/** Nothing would be left of it without its embeds. */
function isBare(body: Parts): boolean {
  const { embeds, components } = body
  const some = (list: unknown): boolean => Array.isArray(list) && list.length > 0
  return some(embeds) && !some(components) && textOf(body, 'content') === ''
}
