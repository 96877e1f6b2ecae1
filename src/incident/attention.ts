import type { Changes } from './changes.ts'
import type { Incident } from './incident.ts'

/** The type of the event our own timer makes when a snooze runs out: the source sends none. */
export const SNOOZE_ENDED = 'relay_snooze_ended'

/**
 * How loud one event can be in one destination, the quietest first.
 *
 * - `off`        not even the card changes.
 * - `card`       the card is edited, nothing is said.
 * - `call`       as `card`; if that leaves somebody uncalled who is to be called, a line in the thread calls them.
 * - `thread`     a line in the thread too.
 * - `broadcast`  the line is also shown in the channel, where the platform can (Slack).
 */
export const LOUDNESS = ['off', 'card', 'call', 'thread', 'broadcast'] as const
export type Loudness = (typeof LOUDNESS)[number]

/** Whom an event calls: nobody, responders that are new, all responders, or ids from the configuration. */
export type MentionPolicy = 'none' | 'new_responders' | 'responders' | readonly string[]

export interface Attention {
  readonly loudness: Loudness
  readonly mention: MentionPolicy
}

/** What attention is decided by: the event, and what is known of the incident after it. */
export interface AttentionContext {
  readonly eventType: string
  readonly incident: Incident
  readonly changes: Changes
  /** How long after the first event of the incident this one happened, ms; 0 for the first itself. */
  readonly ageMs: number
}

/** What a route's attention table changes. Keys: `type:Severity`, `type`, `default`; the first that fits counts. */
export type AttentionTable = Readonly<Record<string, Partial<Attention>>>

/** An assignment this soon after the incident began is part of its beginning: the card tells it, also whom it calls. */
const ASSIGNED_AT_BIRTH_MS = 2_000

/** How loud an event is: the default of its type, with what the route's table says instead. */
export function toAttention(context: AttentionContext, table: AttentionTable): Attention {
  const fallback = (DEFAULTS.get(context.eventType) ?? (() => quiet('thread')))(context)
  const key = attentionKey(context, table)
  return key === undefined ? fallback : { ...fallback, ...table[key] }
}

/** The key of a route's table that counts for an event; undefined if its default does. */
export function attentionKey(
  { eventType, incident }: Pick<AttentionContext, 'eventType' | 'incident'>,
  table: AttentionTable,
): string | undefined {
  const keys = [`${eventType}:${incident.severity}`, eventType, 'default']
  return keys.find((candidate) => Object.hasOwn(table, candidate))
}

type Default = (context: AttentionContext) => Attention

/** The 19 documented types and our own timer's. Any other type is a thread line. */
const DEFAULTS: ReadonlyMap<string, Default> = new Map<string, Default>([
  ['i_new', () => calling('card', 'new_responders')],
  ['i_assign', assigned],
  ['i_snooze', () => quiet('thread')],
  ['i_wake', () => quiet('thread')],
  ['i_ack', () => quiet('thread')],
  [
    'i_unack',
    ({ incident }) => (incident.progress === 'Triggered' ? calling('broadcast', 'responders') : quiet('thread')),
  ],
  ['i_storm', () => calling('broadcast', 'responders')],
  ['i_custom', () => quiet('thread')],
  ['i_rslv', () => quiet('broadcast')],
  ['i_reopen', () => calling('broadcast', 'responders')],
  ['i_merge', () => quiet('thread')],
  ['i_comm', () => quiet('thread')],
  ['i_r_title', () => quiet('thread')],
  ['i_r_desc', () => quiet('thread')],
  ['i_r_impact', () => quiet('thread')],
  ['i_r_rc', () => quiet('thread')],
  ['i_r_rsltn', () => quiet('thread')],
  [
    'i_r_severity',
    ({ changes }) => (changes.severity?.direction === 'up' ? calling('broadcast', 'responders') : quiet('thread')),
  ],
  ['i_r_field', () => quiet('thread')],
  [SNOOZE_ENDED, () => calling('thread', 'responders')],
])

/** The event types the source documents. */
export const DOCUMENTED_TYPES: readonly string[] = [...DEFAULTS.keys()].filter((type) => type !== SNOOZE_ENDED)

function assigned({ incident, ageMs }: AttentionContext): Attention {
  if (incident.assignment?.type === 'escalate') return calling('broadcast', 'new_responders')
  return calling(ageMs <= ASSIGNED_AT_BIRTH_MS ? 'call' : 'thread', 'new_responders')
}

function quiet(loudness: Loudness): Attention {
  return { loudness, mention: 'none' }
}

function calling(loudness: Loudness, mention: MentionPolicy): Attention {
  return { loudness, mention }
}
