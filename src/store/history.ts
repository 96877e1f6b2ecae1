import type { DeliveryState } from './delivery.ts'
import type { LaneKey } from './lane.ts'
import type { QuarantineEntry, StoredEvent } from './store.ts'

/** What people may look into and put right by hand. Part of the store: the same promises hold. */
export interface History {
  /** What is owed and not done: first what waits for a person, then the oldest. `total` counts what the limit cut off too. */
  work(query: { readonly limit: number }): Promise<{ readonly items: readonly Work[]; readonly total: number }>
  /** All open work in short, at most 100,000: more are never open at once, and who has more can give whole keys. */
  workKeys(): Promise<readonly WorkKey[]>
  /**
   * Try again, from the first rendering on: what was given up on or held back is
   * pending, what waits is due now. Cards come before replies, whatever the order
   * of `keys`. One answer for each key.
   */
  retry(order: ByHand): Promise<readonly { readonly key: string; readonly result: RetryResult }[]>
  /** Owe it no more. The lane of a card that is dropped makes no other by itself. One answer for each key. */
  drop(order: ByHand): Promise<readonly { readonly key: string; readonly result: DropResult }[]>

  /** Bodies that were no event, the newest first. */
  quarantined(query: { readonly limit: number }): Promise<readonly Quarantined[]>
  quarantinedBody(query: { readonly id: number }): Promise<QuarantineEntry | undefined>
  /** Forget one of them. */
  unquarantine(query: { readonly id: number }): Promise<void>

  /**
   * Stored events received in [sinceMs, untilMs), in the order they came. Looks at a part of the history only, so that
   * no call takes long: go on `after` what it gives as `next`, until it gives none.
   */
  received(query: {
    readonly sinceMs: number
    readonly untilMs: number
    readonly after: number
  }): Promise<{ readonly events: readonly StoredEvent[]; readonly next?: number }>
}

/** `held`: given up on, though it may have been posted. */
export type WorkState = Exclude<DeliveryState, 'done' | 'superseded'> | 'held'

/** One create that is owed, or the edit a card owes. */
export interface Work extends LaneKey {
  /** The delivery's, or {@link editKey}. */
  readonly key: string
  readonly kind: 'card' | 'reply' | 'edit'
  readonly state: WorkState
  /** Order inside the lane; an edit has none. */
  readonly seq: number
  readonly attempts: number
  readonly reason?: string
  /** The incident's, as sent. */
  readonly title: string
  readonly sinceMs: number
  /** Not before this; absent if nothing will be tried by itself. */
  readonly dueAtMs?: number
}

export type WorkKey = Pick<Work, 'key' | 'state' | 'destination'>

export interface ByHand {
  readonly keys: readonly string[]
  readonly nowMs: number
}

/** Of every work, as its lane is known: `unknown` is no open work. */
export type RetryResult =
  | 'retried'
  /** It is being sent at this moment, or is a card whose lane is being served. */
  | 'under_way'
  /** There is a newer card: this one is owed no more. */
  | 'replaced'
  /** A reply whose card is not there, nor on its way: retry the card first. */
  | 'no_card'
  | 'unknown'

/** `under_way`: its lane is being served at this moment, or it was being sent and nobody knows what came of it. */
export type DropResult = 'dropped' | 'under_way' | 'unknown'

export interface Quarantined extends Omit<QuarantineEntry, 'body'> {
  readonly id: number
  readonly bytes: number
}

const EDIT = 'edit'

/** Names the edit that a lane's card owes, as a delivery's key names a create. */
export function editKey({ incidentId, destination }: LaneKey): string {
  return [EDIT, incidentId, destination].map(encodeURIComponent).join('/')
}

/** The lane of an {@link editKey}; undefined for any other key. */
export function laneOfEdit(key: string): LaneKey | undefined {
  const [kind, incidentId, destination, ...rest] = key.split('/')
  if (kind !== EDIT || incidentId === undefined || destination === undefined || rest.length > 0) return undefined
  try {
    return { incidentId: decodeURIComponent(incidentId), destination: decodeURIComponent(destination) }
  } catch {
    // A stray % is of nobody's making: no such key.
    return undefined
  }
}
