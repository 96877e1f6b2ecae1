/** Ours: an id is a key in memory and on disk. The vendor's have 24 and 32 characters. */
export const MAX_ID_CHARS = 256

/**
 * An id as a string: strings as they are, integers in decimal (`1.0` and `1e3`
 * are integers, `-0` is `0`). Undefined if it cannot serve as one: empty, longer
 * than {@link MAX_ID_CHARS}, with control characters or half a surrogate pair,
 * an unfilled variable, or a number that may have lost digits.
 */
export function toId(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined
  if (typeof value !== 'string' || value.length > MAX_ID_CHARS || value.trim() === '') return undefined
  return /[\p{Cc}\p{Cs}]/u.test(value) || value.includes('{{') ? undefined : value
}

/**
 * Whether a text is nothing but a variable the source did not fill in. The
 * console leaves `{{path}}` of a custom request body as it is when the path
 * does not exist.
 */
export function isUnfilled(text: string): boolean {
  return /^\s*\{\{\s*[A-Za-z_][\w.]{0,127}\s*\}\}\s*$/.test(text)
}
