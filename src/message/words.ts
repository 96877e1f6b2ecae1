import type { State } from '../incident/state.ts'
import type { Tone } from './message.ts'

/** Names of fields on a card, and of what a change is about. */
export const FIELD_NAMES = [
  'title',
  'severity',
  'status',
  'progress',
  'channel',
  'responders',
  'alerts',
  'started',
  'duration',
  'impact',
  'root_cause',
  'resolution',
] as const
export const LINK_NAMES = ['open', 'acknowledge'] as const
export const PHRASE_NAMES = ['incident', 'someone', 'no_title', 'late', 'replaces_lost', 'comma'] as const
export const UNIT_NAMES = ['day', 'hour', 'minute', 'second'] as const

type Named<Names extends readonly string[]> = Readonly<Record<Names[number], string>>

/** The words a template may read as `words`. */
export interface Words {
  readonly fields: Named<typeof FIELD_NAMES>
  /** Labels of links. */
  readonly links: Named<typeof LINK_NAMES>
  readonly phrases: Named<typeof PHRASE_NAMES>
  /** What the filter `duration` writes behind its numbers. */
  readonly units: Units
}

export type Units = Named<typeof UNIT_NAMES>

/** vocabulary.yaml in one language. Words that are keyed by the source's own spelling are maps. */
export interface Vocabulary {
  readonly severity: ReadonlyMap<string, SeverityWords>
  readonly state: ReadonlyMap<State, StateWords>
  readonly status: ReadonlyMap<string, string>
  readonly progress: ReadonlyMap<string, string>
  readonly events: ReadonlyMap<string, string>
  readonly words: Words
}

export interface SeverityWords {
  readonly icon: string
  readonly label: string
  readonly tone: Tone
}

export interface StateWords {
  readonly icon: string
  readonly label: string
  readonly tone: Tone | 'severity'
}

/** The severity of the vocabulary that stands for every one it does not name; its label is the source's own word. */
export const OTHER_SEVERITY = 'other'

export const TONES = [
  'critical',
  'warning',
  'info',
  'processing',
  'snoozed',
  'recovered',
  'closed',
  'firing',
  'neutral',
] as const satisfies readonly Tone[]
