/** Why a body is not JSON we accept. */
export type JsonProblem = 'invalid_utf8' | 'empty' | 'too_deep' | 'invalid_json'

export type ParsedJson =
  | { readonly ok: true; readonly value: unknown; readonly text: string }
  | { readonly ok: false; readonly code: JsonProblem; readonly reason: string }

export interface JsonLimits {
  /** How many objects and lists may be open at once. */
  readonly maxDepth: number
}

/** A push is 4 deep. 64 leaves room for any custom field and keeps recursive readers far from the end of their stack. */
const LIMITS: JsonLimits = { maxDepth: 64 }

/** Below this many digits a number is exact as a double (2^53 has 16). */
const INEXACT_DIGITS = 16

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Read bytes as JSON. A byte order mark is skipped. Integers of 16 digits and
 * more become strings, so that an int64 keeps every digit. Of two members with
 * one name the last counts. `text` is the body as it came. Never throws; a
 * reason holds no part of the body.
 */
export function parseJson(bytes: Uint8Array, limits: JsonLimits = LIMITS): ParsedJson {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    // The decoder says no more than that the bytes are wrong.
    return { ok: false, code: 'invalid_utf8', reason: 'The body is not valid UTF-8.' }
  }
  return parseJsonText(text, limits)
}

/** {@link parseJson} for a body that is a string already. */
export function parseJsonText(text: string, limits: JsonLimits = LIMITS): ParsedJson {
  if (text.trim() === '') return { ok: false, code: 'empty', reason: 'The body is empty.' }
  const longIntegers = scan(text, limits.maxDepth)
  if (longIntegers === undefined) {
    return { ok: false, code: 'too_deep', reason: `The JSON is more than ${limits.maxDepth} levels deep.` }
  }
  try {
    const value: unknown = JSON.parse(text)
    // Quoting could turn a broken text into a valid one (`{1234567890123456:0}`), so only a valid one is rebuilt.
    return { ok: true, value: longIntegers.length === 0 ? value : JSON.parse(quote(text, longIntegers)), text }
  } catch (error) {
    return { ok: false, code: 'invalid_json', reason: toReason(error) }
  }
}

/** Where integers too long for a double start and end, as flat pairs; undefined if the text is too deep. */
function scan(text: string, maxDepth: number): number[] | undefined {
  const longIntegers: number[] = []
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      at = endOfString(text, at)
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1
      if (depth > maxDepth) return undefined
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1
    } else if (code === 0x2d || isDigit(code)) {
      const end = endOfNumber(text, at + 1)
      if (isLongInteger(text, at, end)) longIntegers.push(at, end)
      at = end - 1
    }
  }
  return longIntegers
}

/** The closing quote of the string that opens at `open`, or the end of a text that never closes it. */
function endOfString(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let before = at - 1
    while (text.charCodeAt(before) === 0x5c) before -= 1
    if ((at - before) % 2 === 1) return at
  }
  return text.length
}

/** Fraction and exponent belong to the token: their digits are no integers. */
function endOfNumber(text: string, from: number): number {
  let at = from
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    const isPart = isDigit(code) || code === 0x2e || code === 0x2b || code === 0x2d || code === 0x65 || code === 0x45
    if (!isPart) break
  }
  return at
}

function isLongInteger(text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start) === 0x2d ? start + 1 : start
  if (end - first < INEXACT_DIGITS) return false
  for (let at = first; at < end; at += 1) {
    if (!isDigit(text.charCodeAt(at))) return false
  }
  return true
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

function quote(text: string, integers: readonly number[]): string {
  let quoted = ''
  let done = 0
  for (let index = 0; index < integers.length; index += 2) {
    const start = integers[index] ?? done
    const end = integers[index + 1] ?? start
    quoted += `${text.slice(done, start)}"${text.slice(start, end)}"`
    done = end
  }
  return quoted + text.slice(done)
}

/** The engine's message quotes the body; only its position is ours to repeat. */
function toReason(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  const position = /at position (\d+)/.exec(message)?.[1]
  if (position !== undefined) return `The body is not valid JSON: look at character ${Number(position) + 1}.`
  if (message.includes('end of JSON')) return 'The body is not valid JSON: it ends too early.'
  return 'The body is not valid JSON.'
}
