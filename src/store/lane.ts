import type { MessageRef } from '../platform/platform.ts'
import type { Delivery, DeliveryPatch, OwedDelivery } from './delivery.ts'
import type { StoredIncident } from './store.ts'

export interface LaneKey {
  readonly incidentId: string
  readonly destination: string
}

/**
 * What a lane waits for, which decides when it is served and by which budgets: 0 a
 * Critical card, 1 another card, 2 an edit, 3 an edit and a reply, 4 a reply.
 */
export type Urgency = 0 | 1 | 2 | 3 | 4

/** One incident in one destination. */
export interface Lane extends LaneKey {
  /** Grows when a card was lost and is made anew. */
  readonly generation: number
  readonly card?: MessageRef
  /** The incident version the card owes. */
  readonly wantedVersion: number
  /** The version the card shows; 0 before the first. */
  readonly shownVersion: number
  readonly shownHash?: string
  /** The card can no longer be edited, or is not to be made again: it stays as it is. */
  readonly frozen: boolean
  readonly editAttempts: number
  readonly editDueAtMs: number
  /**
   * An edit whose answer was lost may be carried out until then, after newer ones: the card is edited once more when it
   * no longer can. Absent if there is none.
   */
  readonly editAgainAtMs?: number
  /** When the card was last posted or edited; 0 before the first. */
  readonly shownAtMs: number
  /** The first and the newest change that the card does not show. */
  readonly changedSinceMs: number
  readonly changedAtMs: number
  readonly urgency: Urgency
}

/** Lanes of one destination that wait for the same kind of call. */
export interface LaneClass {
  readonly destination: string
  readonly urgency: Urgency
}

export interface DueLane extends LaneKey {
  readonly urgency: Urgency
  readonly owedSinceMs: number
}

export interface Schedule {
  readonly classes: readonly (LaneClass & { readonly dueAtMs: number })[]
  readonly snoozeEndsAtMs?: number
}

/** A held lane with all a step needs. `deliveries` are those not ended, in order, at most 60. */
export interface LaneWork {
  readonly lane: Lane
  readonly epoch: number
  readonly leaseUntilMs: number
  /** Grows whenever plans touch the lane. */
  readonly touched: number
  readonly incident: StoredIncident
  readonly deliveries: readonly Delivery[]
}

export interface LanePatch {
  readonly lane: LaneKey
  readonly epoch: number
  readonly nowMs: number
  /** Hold the lane this long. */
  readonly leaseUntilMs?: number
  readonly set?: Partial<
    Pick<Lane, 'generation' | 'shownVersion' | 'frozen' | 'editAttempts' | 'editDueAtMs' | 'shownAtMs'>
  > & {
    readonly card?: MessageRef | null
    readonly shownHash?: string | null
    readonly editAgainAtMs?: number | null
  }
  readonly deliveries?: readonly DeliveryPatch[]
  /** Give up every delivery of the lane that is pending, for this reason. */
  readonly supersede?: string
  /** A new card delivery after the old card was lost. */
  readonly owed?: OwedDelivery & { readonly eventId: string }
  /**
   * Let the lane go; due again at `dueAtMs`, never if undefined. If a plan
   * touched the lane after `touched`, it is due at once instead.
   */
  readonly release?: { readonly touched: number; readonly urgency: Urgency; readonly dueAtMs?: number }
}
