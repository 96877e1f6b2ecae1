import type { Named } from '../incident/incident.ts'
import { isUnfilled } from './id.ts'
import type { JsonObject } from './object.ts'

/** Ours: a card shows 25 at most and a route names a few. The raw event keeps them all. */
export const MAX_NAMED = 200

export interface NamedList {
  readonly list: readonly Named[]
  /** How many were present but are no text, or came after the first {@link MAX_NAMED}. */
  readonly dropped: number
}

/** Labels in the order of the source. Numbers and booleans are written out; null is absent. */
export function toLabels(map: JsonObject): NamedList {
  return toNamed(map, scalarText)
}

/** Custom fields in the order of the source, any JSON made readable. Empty ones are not set, so they are absent. */
export function toFields(map: JsonObject): NamedList {
  return toNamed(map, (value) => {
    if (typeof value === 'string' && isUnfilled(value)) return undefined
    const text = readableText(value)
    return text === '' ? null : text
  })
}

/** `toText` gives null for what is not set and undefined for what cannot be used. */
function toNamed(map: JsonObject, toText: (value: unknown) => string | null | undefined): NamedList {
  const list: Named[] = []
  let dropped = 0
  const names = Object.keys(map)
  for (const name of names.slice(0, MAX_NAMED)) {
    const value = toText(map[name])
    if (typeof value === 'string') list.push({ name, value })
    else if (value === undefined) dropped += 1
  }
  return { list, dropped: dropped + Math.max(0, names.length - MAX_NAMED) }
}

function scalarText(value: unknown): string | null | undefined {
  if (value === null) return null
  if (typeof value === 'string') return isUnfilled(value) ? undefined : value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** Strings as they are, lists joined, objects as JSON. Depth is bounded by the parser. */
function readableText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(readableText).filter(isFilled).join(', ')
  return JSON.stringify(value)
}

function isFilled(text: string): boolean {
  return text !== ''
}
