import type { Named, Person, Responder } from '../incident/incident.ts'
import { cleanLine, cleanText } from './text.ts'
import type { NamedView, PersonView, ResponderView } from './view.ts'
import type { Words } from './words.ts'

/** Labels, custom fields and their changes a message is made from. Ours: Discord draws at most 25 fields. */
export const MAX_NAMED = 25
/** People a message is made from. Ours: more names than anybody reads. */
export const MAX_PEOPLE = 20
const MAX_NAME_UNITS = 200

/** A clean line, or null if nothing is left of it. */
export function toLine(text: string | undefined): string | null {
  return orNull(cleanLine(text ?? ''))
}

/** A clean text that may hold line breaks, or null if nothing is left of it. */
export function toLongText(text: string | undefined): string | null {
  return orNull(cleanText(text ?? ''))
}

/** Null for what is absent, or further from 1970 than a date can be. */
export function toDate(atMs: number | undefined): Date | null {
  const date = new Date(atMs ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? null : date
}

/** At most `max` of a list, each turned by `to`; null for an empty one. */
export function toList<From, To>(list: readonly From[], max: number, to: (item: From) => To): readonly To[] | null {
  return list.length === 0 ? null : list.slice(0, max).map(to)
}

export function toPersonView({ name, email }: Person, words: Words): PersonView {
  const address = toName(email)
  return { name: toName(name) ?? address ?? words.phrases.someone, email: address }
}

export function toResponderView(responder: Responder, words: Words): ResponderView {
  const acknowledgedAt = toDate(responder.acknowledgedAtMs)
  return { ...toPersonView(responder, words), acknowledged: acknowledgedAt !== null, acknowledged_at: acknowledgedAt }
}

export function toNamedView({ name, value }: Named): NamedView {
  return { name: toName(name) ?? '', value: cleanLine(value) }
}

/** A short name: of a person, a label, a custom field. */
export function toName(text: string | undefined): string | null {
  return orNull(cleanLine(text ?? '', MAX_NAME_UNITS))
}

function orNull(text: string): string | null {
  return text === '' ? null : text
}
