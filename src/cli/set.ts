import { AssignmentFields, IncidentFields, PersonFields, ResponderFields } from '../flashduty/push.ts'
import type { Json } from '../flashduty/sample-story.ts'
import { didYouMean } from '../nearest.ts'

/** A push with a value put into it, or why it cannot be. */
export type Applied = { readonly push: Json } | { readonly problem: string }

/**
 * Put `PATH=VALUE` into a push. A path starts in the incident (`labels.env`, `responders.0.email`), or with
 * `event_time`, `event_id` or `person`. The value is text, or a number where the source sends one; `PATH:=JSON` puts
 * in any JSON, and no check of ours stands in its way.
 */
export function applySet(push: Json, text: string): Applied {
  const match = /^([^=]+?)(:?=)(.*)$/s.exec(text)
  if (match === null) return { problem: `"${text}" is not PATH=VALUE, such as incident_severity=Critical` }
  const [, path = '', sign, given = ''] = match
  const segments = path.split('.')
  const full = Object.hasOwn(PUSH.members, segments[0] ?? '') ? segments : ['incident', ...segments]
  const whole = full.length > 1 && isNamed(full[1]) ? [...full.slice(0, 2), full.slice(2).join('.')] : full
  try {
    const read = sign === ':=' ? parse(given) : (current: unknown, name: string) => toValue(name, given, current)
    return { push: toObject(put(push, whole, PUSH, '', read)) }
  } catch (error) {
    if (error instanceof Refused) return { problem: `--set ${path}: ${error.message}` }
    throw error
  }
}

class Refused extends Error {}

type Shape = 'value' | { readonly members: Readonly<Record<string, Shape>> } | { readonly each: Shape } | 'named'
type Members = { readonly members: Readonly<Record<string, Shape>> }

const PERSON = values(Object.keys(PersonFields.entries))
const INCIDENT: Members = {
  members: {
    ...values(['incident_id', 'account_id', ...Object.keys(IncidentFields.entries)]).members,
    labels: 'named',
    fields: 'named',
    creator: PERSON,
    closer: PERSON,
    responders: { each: values(Object.keys(ResponderFields.entries)) },
    assigned_to: values([...Object.keys(AssignmentFields.entries), 'assigned_at']),
  },
}
const PUSH: Members = {
  members: { event_id: 'value', event_time: 'value', person: PERSON, incident: INCIDENT },
}

function values(names: readonly string[]): Members {
  return { members: Object.fromEntries(names.map((name) => [name, 'value' as const])) }
}

/** Labels and custom fields: their names are the source's, and may hold dots. */
function isNamed(name: string | undefined): boolean {
  return name === 'labels' || name === 'fields'
}

type Read = (current: unknown, name: string) => unknown

function put(current: unknown, path: readonly string[], shape: Shape, name: string, read: Read): unknown {
  const [head, ...rest] = path
  if (head === undefined) return read(current, name)
  if (head === '') throw new Refused('a name is missing: labels.env, say')
  if (shape === 'value') throw new Refused(`${name} has no parts`)
  if (shape === 'named') return { ...toObject(current), [head]: read(toObject(current)[head], '') }
  if ('each' in shape) return putAt(Array.isArray(current) ? current : [], head, rest, shape.each, name, read)
  const next = Object.hasOwn(shape.members, head) ? shape.members[head] : undefined
  if (next === undefined) {
    const where = name === '' ? 'a push' : name === 'incident' ? 'an incident' : name
    throw new Refused(`there is no "${head}" in ${where}${didYouMean(head, Object.keys(shape.members))}`)
  }
  const object = toObject(current)
  return { ...object, [head]: put(object[head], rest, next, head, read) }
}

function putAt(
  list: readonly unknown[],
  head: string,
  rest: readonly string[],
  shape: Shape,
  name: string,
  read: Read,
): unknown {
  const at = Number(head)
  if (!/^\d+$/.test(head) || at > list.length) {
    throw new Refused(`${name} is a list: name one of it by its number, 0 to ${list.length}`)
  }
  const one = put(list[at], rest, shape, name, read)
  return [...list.slice(0, at), one, ...list.slice(at + 1)]
}

function parse(text: string): Read {
  try {
    const value: unknown = JSON.parse(text)
    return () => value
  } catch {
    throw new Refused(`what follows := is no JSON; for text write = instead`)
  }
}

/** Words the source knows; with := others can be sent too. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  incident_severity: ['Critical', 'Warning', 'Info'],
  incident_status: ['Critical', 'Warning', 'Info', 'Ok'],
  progress: ['Triggered', 'Processing', 'Closed'],
}

const NUMBERS = /(?:_at|_time|_cnt|_idx|person_id|channel_id|account_id)$|^snoozed_before$/

function toValue(name: string, given: string, current: unknown): unknown {
  const words = WORDS[name]
  if (words !== undefined && !words.includes(given)) {
    const hint = `${name}:=${JSON.stringify(given)} sends it all the same`
    throw new Refused(`"${given}" is none of ${words.join(', ')}${didYouMean(given, words)} (${hint})`)
  }
  if (typeof current !== 'number' && !NUMBERS.test(name)) return given
  if (!/^-?\d+(?:\.\d+)?$/.test(given)) throw new Refused(`expected a number, got "${given}" (:= takes any JSON)`)
  return Number(given)
}

function toObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {}
}
