import { readFileSync } from 'node:fs'
import { fastNowMs } from './fast-clock.ts'
import { PEOPLE, toResponder, type OnCall } from './people.ts'
import type { Random } from './random.ts'

/** One push, and what its sender knows of it. */
export interface Told {
  /** Names the event. */
  readonly id: string
  /** A name that stands in no other event: the thread line of this one shows it, as who did it. */
  readonly word: string
  readonly body: string
  /** Whether the thread owes a line. */
  readonly speaks: boolean
  /** Whom it may call, each once: who is new, or all where an incident opens again. */
  readonly calls: readonly OnCall[]
  /** `unsure`: the connection broke. Only what was answered with 200 is promised. */
  state: 'unsent' | 'acked' | 'unsure'
}

/** An incident and all that was pushed about it, oldest first. */
export interface Story {
  readonly id: string
  /** Stands in the card's title, and in no other incident's. */
  readonly name: string
  readonly told: readonly Told[]
  /** The next push. Its sender goes on only when it has an answer, or none. */
  next(): Told
}

/** Those whose line says who did it. */
const TYPES = [
  'i_ack',
  'i_comm',
  'i_custom',
  'i_r_field',
  'i_r_title',
  'i_r_impact',
  'i_rslv',
  'i_something_new',
] as const
/** As long as there is somebody it was not given to yet. */
const TYPES_WITH_MORE = [...TYPES, 'i_assign'] as const
const BASE = JSON.parse(readFileSync(new URL('../events/i_new.json', import.meta.url), 'utf8')) as {
  readonly incident: object
}

let words = 0
/** No word is part of another. */
const word = (letter: string): string => `${letter}${(words++).toString(36).padStart(5, '0')}z`

export function createStory(random: Random): Story {
  const name = word('q')
  const startedAtMs = fastNowMs()
  const told: Told[] = []
  const incident = {
    ...BASE.incident,
    incident_id: name,
    num: name,
    channel_name: 'Search',
    incident_severity: random.pick(['Critical', 'Warning', 'Info']),
    title: `${name} begins`,
    fields: {} as Record<string, string>,
    labels: {},
    created_at: Math.floor(startedAtMs / 1000),
    start_time: Math.floor(startedAtMs / 1000),
    progress: 'Triggered',
    impact: '',
  }
  let atMs = startedAtMs
  const onCall = [...PEOPLE].toSorted(() => random.next() - 0.5)
  let given = 0
  return {
    id: name,
    name,
    told,
    next() {
      const isNew = told.length === 0
      const wasClosed = incident.progress === 'Closed'
      const type = isNew
        ? 'i_new'
        : wasClosed
          ? random.pick(['i_reopen', 'i_r_impact'])
          : random.pick(given < onCall.length ? TYPES_WITH_MORE : TYPES)
      const joins = isNew || type === 'i_assign' ? onCall.slice(given, given + 1) : []
      given += joins.length
      const who = word('w')
      const id = `event-${who}`
      atMs = Math.max(atMs + 1, fastNowMs())
      if (type === 'i_r_title') incident.title = `${name} is ${word('t')}`
      if (type === 'i_r_field') incident.fields = { team: word('f') }
      if (type === 'i_r_impact') incident.impact = word('m')
      if (type === 'i_ack') incident.progress = 'Processing'
      if (type === 'i_rslv') incident.progress = 'Closed'
      if (type === 'i_reopen') incident.progress = 'Triggered'
      const push = {
        event_id: id,
        event_time: atMs,
        event_type: type,
        person: { person_id: 1, person_name: who, email: `${who}@example.com` },
        incident: {
          ...incident,
          responders: onCall.slice(0, given).map(toResponder),
          updated_at: Math.floor(atMs / 1000),
        },
      }
      // A line about who joined is owed only for whom it calls, if it comes right after the beginning; that is looked at.
      const speaks = !isNew && type !== 'i_assign'
      const calls = type === 'i_reopen' ? onCall.slice(0, given) : joins
      const event: Told = { id, word: who, body: JSON.stringify(push), speaks, calls, state: 'unsent' }
      told.push(event)
      return event
    },
  }
}
