import type { Board } from './board.ts'

/** What stands for a severity or status that the source did not send. */
export const UNKNOWN = 'Unknown'

/** A person of the source. `id` is an int64, kept as a string. */
export interface Person {
  readonly id?: string
  readonly name: string
  readonly email?: string
}

export interface Responder extends Person {
  readonly assignedAtMs?: number
  readonly acknowledgedAtMs?: number
}

/** One label or custom field. A list keeps the source's order and any name, `__proto__` included. */
export interface Named {
  readonly name: string
  readonly value: string
}

/** Who an incident was given to, and by which rule. `layer` counts from 0. */
export interface Assignment {
  readonly type?: string
  readonly policy?: string
  readonly layer?: number
}

/**
 * The whole incident as one event carries it. Times are ms; what the source did
 * not set, or set to something unusable, is absent. Texts are as sent: cleaned
 * only when shown.
 */
export interface Incident {
  readonly id: string
  readonly title: string
  /** Critical, Warning, Info; other words pass through. */
  readonly severity: string
  /** The state in monitoring: Critical, Warning, Info or Ok. */
  readonly status: string
  /** Triggered, Processing or Closed. */
  readonly progress: string
  readonly num?: string
  readonly description?: string
  readonly impact?: string
  readonly rootCause?: string
  readonly resolution?: string
  readonly createdAtMs?: number
  readonly updatedAtMs?: number
  readonly startedAtMs?: number
  readonly lastAlertAtMs?: number
  readonly recoveredAtMs?: number
  readonly acknowledgedAtMs?: number
  readonly closedAtMs?: number
  readonly snoozedUntilMs?: number
  readonly alertCount?: number
  readonly channelId?: string
  readonly channelName?: string
  readonly accountName?: string
  /** http or https, no credentials in it. */
  readonly detailUrl?: string
  readonly groupMethod?: string
  readonly labels: readonly Named[]
  readonly fields: readonly Named[]
  readonly creator?: Person
  readonly closer?: Person
  readonly responders: readonly Responder[]
  readonly assignment?: Assignment
  /** Only on the relay's own storm boards. */
  readonly board?: Board
}

/** One push from the source, understood. */
export interface Event {
  readonly id: string
  readonly type: string
  /** The source's clock, ms; absent if it sent none that can be used. */
  readonly timeMs?: number
  /** Who did it; absent for what happened by itself. */
  readonly person?: Person
  readonly incident: Incident
}

/** What the card's footer says about the newest event. */
export interface LastEvent {
  readonly id: string
  readonly type: string
  readonly atMs: number
  readonly person?: Person
}
