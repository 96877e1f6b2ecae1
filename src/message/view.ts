import type { Changes } from '../incident/changes.ts'
import type { Event, Incident, LastEvent } from '../incident/incident.ts'

/** What a card is rendered from. */
export interface CardInput {
  readonly incident: Incident
  readonly last: LastEvent
  readonly nowMs: number
  /** The card before this one was deleted; this one says so. */
  readonly replacesLost: boolean
}

/** What a reply is rendered from. */
export interface ReplyInput {
  readonly event: Event
  readonly changes: Changes
  readonly effectiveAtMs: number
  readonly nowMs: number
  /** A newer event was applied before this one. */
  readonly late: boolean
}
