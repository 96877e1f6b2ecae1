import type { Changes } from '../incident/changes.ts'
import type { Event, Incident, LastEvent } from '../incident/incident.ts'
import type { Language } from '../incident/language.ts'
import type { State } from '../incident/state.ts'
import type { Tone } from './message.ts'
import type { Words } from './words.ts'

/** What a card is rendered from. */
export interface CardInput {
  readonly incident: Incident
  readonly last: LastEvent
  readonly nowMs: number
  /** The card before this one was deleted; this one says so. */
  readonly replacesLost: boolean
  /** Absent: the default one. */
  readonly language?: Language
}

/** What a reply is rendered from. */
export interface ReplyInput {
  readonly event: Event
  readonly changes: Changes
  readonly effectiveAtMs: number
  readonly nowMs: number
  /** A newer event was applied before this one. */
  readonly late: boolean
  /** Absent: the default one. */
  readonly language?: Language
}

/*
 * What a template may read. The README has it as a table, made from shape.ts.
 *
 * Every name is always there. What the incident does not have is null, and so is
 * an empty list: `{% if incident.channel %}` is true when there is one, and
 * printing null prints nothing. Texts are clean and cut to a sane length, times
 * print in the reader's own time zone, records and lists do not print: pick a
 * member, or loop.
 */

/** What every template may read. */
interface SharedView {
  readonly incident: IncidentView
  /** The state an on-call reads: `{{ state.icon }} {{ state.label | bold }}`. */
  readonly state: StateView
  readonly severity: SeverityView
  /** The state in monitoring, which people do not change. */
  readonly status: StatusView
  /** A card's newest event; a reply's own. */
  readonly event: EventView
  /** Words of vocabulary.yaml in the configured language: `{{ words.fields.severity }}`. */
  readonly words: Words
}

/** What card.yaml may read. */
export interface CardView extends SharedView {
  /** The card before this one was deleted by somebody. */
  readonly replaces_lost: boolean
}

/** What board.yaml may read: the message that stands for new incidents whose cards have to wait. */
export interface BoardView extends CardView {
  readonly board: {
    /** How many wait; 0 once the storm is over. */
    readonly waiting: number
    readonly critical: WaitingView | null
    readonly warning: WaitingView | null
    readonly info: WaitingView | null
    /** Of any other severity. */
    readonly other: WaitingView | null
  }
}

/** Those of one severity that wait. */
export interface WaitingView {
  readonly icon: string
  readonly label: string
  readonly count: number
  /** The oldest of them, at most 5. */
  readonly incidents: readonly { readonly title: string; readonly url: string | null }[] | null
  /** How many are not in the list. */
  readonly more: number
}

/** What a file in events/ may read. */
export interface ReplyView extends SharedView {
  /** What differs from the event before. Null throughout if the relay knows of none before. */
  readonly changes: ChangesView
}

export interface IncidentView {
  /** `CPU idle < 10% on db-1`; never empty. */
  readonly title: string
  /** `64b1352e376e32c85c56e25b` */
  readonly id: string
  /** Short id, not unique: `56E25B` */
  readonly num: string | null
  /** As the source spells it: `Critical`, `Warning`, `Info`. See `severity` for icon and label. */
  readonly severity: string
  /** As the source spells it: `Critical`, `Warning`, `Info`, `Ok`. See `status` for the label. */
  readonly status: string
  /** `Triggered`, `Processing`, `Closed`. See `state` for what an on-call reads. */
  readonly progress: string
  /** May hold line breaks, as the next four. */
  readonly description: string | null
  /** The text for people: the label `body_text` if there is one, else the description. */
  readonly body: string | null
  readonly impact: string | null
  readonly root_cause: string | null
  readonly resolution: string | null
  /** The source's own channel: `Payments` */
  readonly channel: string | null
  readonly account: string | null
  /** The incident in the console; http or https. */
  readonly url: string | null
  /** Opening it acknowledges as the person who opens it; null once closed. */
  readonly ack_url: string | null
  /** As of the newest event; 0 for an incident without alerts. */
  readonly alert_count: number | null
  readonly started_at: Date | null
  readonly created_at: Date | null
  readonly updated_at: Date | null
  /** Newest alert. */
  readonly last_alert_at: Date | null
  /** All alerts recovered. */
  readonly recovered_at: Date | null
  /** First acknowledgment. */
  readonly acknowledged_at: Date | null
  readonly closed_at: Date | null
  readonly snoozed_until: Date | null
  /** From the start to the recovery, or to the close where there was none, ms: `{{ incident.duration_ms | duration }}`. Null while open. */
  readonly duration_ms: number | null
  /** At most 25, without `body_text`: `{{ incident.labels | value: "service" }}`, or loop over name and value. */
  readonly labels: readonly NamedView[] | null
  /** How many labels are not in the list; 0 if all are. */
  readonly labels_more: number
  /** Custom fields, at most 25. */
  readonly fields: readonly NamedView[] | null
  readonly fields_more: number
  /** At most 20, in the source's order. */
  readonly responders: readonly ResponderView[] | null
  readonly responders_more: number
  /** How many responders there are. */
  readonly responder_count: number
  /** Those responders who acknowledged, at most 20. */
  readonly acknowledged_by: readonly ResponderView[] | null
  readonly acknowledged_count: number
  /** Of an incident made by hand. */
  readonly creator: PersonView | null
  /** Of an incident closed by hand. */
  readonly closer: PersonView | null
  /** How it was given to its responders: `assign`, `reassign`, `escalate`, `reopen`. */
  readonly assignment: string | null
  /** The escalation policy it was given out by: `Default Escalation` */
  readonly policy: string | null
  /** The level of that policy, from 1. */
  readonly layer: number | null
}

/** `{{ person.name }}`, or `{{ person | mention }}` to call them. */
export interface PersonView {
  readonly name: string
  readonly email: string | null
}

export interface ResponderView extends PersonView {
  readonly acknowledged: boolean
  readonly acknowledged_at: Date | null
}

export interface NamedView {
  readonly name: string
  readonly value: string
}

export interface StateView {
  /** For `case`: `triggered`, `processing`, `snoozed`, `recovered`, `closed_firing`, `closed`. */
  readonly name: State
  /** `Triggered`, `Closed, still firing` */
  readonly label: string
  readonly icon: string
  /** The colour a card has: the severity's while triggered, then the state's own. */
  readonly tone: Tone
  readonly closed: boolean
}

export interface SeverityView {
  /** As the source spells it. */
  readonly name: string
  readonly label: string
  readonly icon: string
  readonly tone: Tone
}

export interface StatusView {
  /** As the source spells it. */
  readonly name: string
  readonly label: string
}

export interface EventView {
  /** `i_ack` */
  readonly type: string
  /** What happened, in the past: `acknowledged`; the type itself if the vocabulary has no word for it. */
  readonly label: string
  readonly at: Date
  /** Who did it; null for what happened by itself. */
  readonly by: PersonView | null
  /** From the incident's start to this event, ms; null if it cannot be known. */
  readonly after_ms: number | null
  /** Told although a newer event was told before it. */
  readonly late: boolean
}

export interface ChangesView {
  readonly title: TextChangeView | null
  readonly description: TextChangeView | null
  readonly impact: TextChangeView | null
  readonly root_cause: TextChangeView | null
  readonly resolution: TextChangeView | null
  /** Labels of the vocabulary. */
  readonly severity: SeverityChangeView | null
  readonly status: TextChangeView | null
  readonly progress: TextChangeView | null
  readonly channel: TextChangeView | null
  readonly alert_count: NumberChangeView | null
  readonly snooze: TimeChangeView | null
  /** Custom fields, at most 25. */
  readonly fields: readonly NamedChangeView[] | null
  /** At most 25. */
  readonly labels: readonly NamedChangeView[] | null
  /** Responders who are new, and who are no longer there; at most 20 of each, as the next two. */
  readonly joined: readonly PersonView[] | null
  readonly left: readonly PersonView[] | null
  readonly acknowledged: readonly PersonView[] | null
  readonly unacknowledged: readonly PersonView[] | null
  /** Everything above that fits a short line, by its name in the vocabulary: title, severity, status, progress, channel, alerts, fields. */
  readonly all: readonly NamedChangeView[] | null
}

export interface TextChangeView {
  readonly from: string | null
  readonly to: string | null
}

export interface SeverityChangeView extends TextChangeView {
  readonly direction: 'up' | 'down' | 'other'
}

export interface NamedChangeView extends TextChangeView {
  readonly name: string
}

export interface NumberChangeView {
  readonly from: number
  readonly to: number
}

export interface TimeChangeView {
  readonly from: Date | null
  readonly to: Date | null
}
