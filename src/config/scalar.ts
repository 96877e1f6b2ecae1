import * as v from 'valibot'
import { suggest } from './problem.ts'
import { GOT } from './shape.ts'

// The loader hands over every scalar as text; plain values of a program are taken as well.

const written = v.union([v.string(), v.number()], `expected text, got ${GOT}`)
const exact = v.check<string | number, string>(
  (value) => typeof value === 'string' || Number.isSafeInteger(value),
  'this number is not exact: quote it',
)
const asText = v.transform<string | number, string>(String)

/** Any text. A number is taken for its digits. */
export const anyText = v.pipe(written, exact, asText)

/** Text with something in it. */
export const text = v.pipe(anyText, v.nonEmpty('is empty'))

/** Text of one form; `expected` names the form. */
export function textLike(pattern: RegExp, expected: string) {
  // For editors, which see nothing of what comes after a transformation.
  return v.pipe(
    written,
    v.metadata({ pattern: pattern.source }),
    exact,
    asText,
    v.regex(pattern, `expected ${expected}, got ${GOT}`),
  )
}

/** A whole number in decimal digits. */
export function wholeNumber(min: number, max: number) {
  const message = `expected a whole number from ${min} to ${max}, got ${GOT}`
  return v.pipe(
    v.union([v.number(), v.string()], message),
    // For editors: what the transformation below asks for.
    v.metadata({ type: 'integer', minimum: min, maximum: max }),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const { value } = dataset
      const number = typeof value === 'number' ? value : /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
      if (Number.isInteger(number) && number >= min && number <= max) return number
      addIssue({ message })
      return NEVER
    }),
  )
}

const YES_NO: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  ['true', true],
  ['false', false],
])

/** `true` or `false`. */
export const yesNo = v.pipe(
  v.union([v.boolean(), v.string()], `expected true or false, got ${GOT}`),
  v.metadata({ type: 'boolean' }),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const value = YES_NO.get(dataset.value)
    if (value !== undefined) return value
    addIssue({ message: `expected true or false, got ${GOT}` })
    return NEVER
  }),
)

/** One of a few words. */
export function oneOf<const W extends readonly [string, ...string[]]>(words: W) {
  return v.picklist(words, ({ input }) => expectedOneOf(words, input))
}

/** The message for what is none of `words`, with the nearest of them. */
export function expectedOneOf(words: readonly string[], input: unknown): string {
  const list = words.length === 1 ? words[0] : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
  return `expected ${list}, got ${GOT}${typeof input === 'string' ? suggest(input, words) : ''}`
}

/** An id of Discord: a channel, a user, a role. */
export const DISCORD_ID = /^\d{17,20}$/
/** An id of a Slack conversation. */
export const SLACK_CHANNEL = /^[CGD][A-Z0-9]{2,}$/
/** An id of a Slack member. */
export const SLACK_USER = /^[UW][A-Z0-9]{2,}$/
