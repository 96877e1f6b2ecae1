import type { WaitingGroup } from '../incident/board.ts'
import type { Changes } from '../incident/changes.ts'
import type { Incident, LastEvent } from '../incident/incident.ts'
import type { DeliveryState, OwedDelivery } from './delivery.ts'
import type { History } from './history.ts'
import type { Expired, ExpireQuery } from './expiry.ts'
import type { DueLane, Lane, LaneClass, LaneKey, LanePatch, LaneWork, Schedule, Urgency } from './lane.ts'

/**
 * Everything the relay remembers. Every method is one transaction: it happens
 * whole and is on disk when its promise resolves, or it did not happen and the
 * promise rejects with a StoreError. Instants are ms and come from the caller.
 */
export interface Store extends History {
  /** Keep a raw event (T1). `duplicate` if its id is known, in any state; then nothing changes. */
  accept(event: NewEvent): Promise<Accepted>
  /** Keep a body that is no event. The oldest go when there are more than 1,000 or 64 MiB. */
  quarantine(entry: QuarantineEntry): Promise<void>

  /**
   * The oldest events not yet judged, but those of the incidents in `except`, in the order they were accepted; the first of
   * each incident with what is known of that.
   */
  unapplied(query: { readonly limit: number; readonly except?: readonly string[] }): Promise<readonly UnappliedEvent[]>
  /** An incident and its lanes, or undefined if no event of it was applied. */
  incident(query: { readonly id: string }): Promise<KnownIncident | undefined>
  /**
   * Carry out plans of one incident, in order and in one commit (T2): of each the event's verdict, the incident, its lanes
   * and the replies owed. Tells what became of each. Repeating one changes nothing (`done`). `conflict`: another writer
   * moved the incident past `expectedVersion`; plan again, and so those behind it, of which nothing was done.
   */
  apply(plans: readonly AppliedPlan[]): Promise<readonly ('applied' | 'done' | 'conflict')[]>
  /** Incidents whose snooze ended at or before `nowMs`, soonest first, with the body of their newest event. */
  snoozesEnded(query: { readonly nowMs: number; readonly limit: number }): Promise<readonly SnoozeEnded[]>

  /**
   * Lanes due that nobody holds, at most `limit` of each class asked for. Inside a class the lane that
   * owes something longest is first: one that was looked at in vain keeps its place.
   */
  due(query: {
    readonly nowMs: number
    readonly classes: readonly LaneClass[]
    readonly limit: number
  }): Promise<readonly DueLane[]>
  /** The earliest due instant of the lanes of each class that nobody holds, and of the snoozes; instants may have passed. */
  schedule(query: { readonly destinations: readonly string[] }): Promise<Schedule>
  /**
   * Take a due lane (T3): its epoch grows by one, which fences every earlier
   * holder. Undefined if someone holds it. What a former holder left `sending`
   * comes back as `ambiguous`. With `intent` the create of that key is `sending`
   * from then on, in the same transaction (T4), if it is pending and was never tried.
   */
  claim(request: {
    readonly lane: LaneKey
    readonly owner: string
    readonly nowMs: number
    readonly leaseUntilMs: number
    readonly intent?: string
  }): Promise<LaneWork | undefined>
  /**
   * Write what the holder intends (T4) or what came of it (T5), and give back
   * the lane as it now is. Undefined if the epoch is not the holder's any more;
   * then nothing was written.
   */
  save(patch: LanePatch): Promise<LaneWork | undefined>

  /** The new incidents of a destination that wait for their card, and the newest storm board there. */
  backlog(query: { readonly destination: string; readonly named: number }): Promise<Backlog>
  /** What these destinations wait for by themselves is due at `nowMs`: its way was broken and is open again. */
  hasten(query: { readonly destinations: readonly string[]; readonly nowMs: number }): Promise<void>
  /**
   * Move everything that is waited for by `byMs`, as the clock was moved, and let nothing wait beyond `latestMs`:
   * due instants, leases, pauses, and when open deliveries were sent.
   */
  shift(move: { readonly byMs: number; readonly latestMs: number }): Promise<void>

  /** Every pause that was set and not lifted, those that are over included. */
  pauses(): Promise<readonly Pause[]>
  /** Set or lift the pause of one scope. */
  pause(pause: Pause): Promise<void>

  /**
   * Delete what is past its time, in one small step: at most about `limit` rows are looked at, from where
   * the last step ended. Incidents go with their lanes and deliveries: closed ones that owe nothing when no
   * event of theirs came since `beforeMs`, others since `openBeforeMs`. Events that came before `beforeMs` go
   * with the ended deliveries they brought, unless they are not judged, something open is owed for them, or
   * they are the last of an incident that stays.
   */
  expire(query: ExpireQuery): Promise<Expired>

  /** Commit as much as a large event takes: rejects if one could not be stored either. */
  probe(): Promise<void>
  /** Counts for /metrics. */
  counts(): Promise<StoreCounts>
  /** Finish what was asked, close the database, release the lock. Later calls reject. */
  close(): Promise<void>
}

export interface NewEvent {
  readonly id: string
  readonly incidentId: string
  readonly type: string
  /** Clamped to what the receiver's clock makes possible: see `effectiveTimeMs`. */
  readonly effectiveAtMs: number
  readonly receivedAtMs: number
  /** The push as it came, UTF-8. */
  readonly body: string
  /** SHA-256 of the bytes that came, in hex: tells a second body of one id, and a body that changed on the disk. */
  readonly bodyHash: string
}

/** `stale`: stored, but strictly older than another stored event of its incident. */
export interface Accepted {
  readonly result: 'accepted' | 'duplicate' | 'stale'
  /** A duplicate id came with another body than the first. */
  readonly conflict: boolean
  /** The latest effective time of the incident, this event included. */
  readonly latestAtMs: number
}

export interface QuarantineEntry {
  readonly receivedAtMs: number
  readonly code: string
  readonly reason: string
  readonly body: Uint8Array
}

export interface StoredEvent extends Omit<NewEvent, 'bodyHash'> {
  /** Order of acceptance. */
  readonly seq: number
}

/** `known` is as {@link Store.incident} gives it; on later events of an incident it is left out. */
export interface UnappliedEvent extends StoredEvent, Pick<NewEvent, 'bodyHash'> {
  readonly known?: KnownIncident
}

export interface StoredIncident {
  readonly id: string
  /** Grows by one with every applied event. */
  readonly version: number
  readonly snapshot: Incident
  readonly last: LastEvent
  /** The newest effective event time: what is strictly older is stale. */
  readonly effectiveAtMs: number
  /** Effective time of the first applied event. */
  readonly firstAtMs: number
  readonly snoozeEndsAtMs?: number
}

export interface KnownIncident {
  readonly incident: StoredIncident
  readonly lanes: readonly Lane[]
}

export interface AppliedPlan {
  readonly eventId: string
  readonly verdict: 'applied' | 'stale' | 'unrouted' | 'quarantined'
  readonly changes: Changes
  /** The incident after the event; absent if the event does not move it. Its version is `expectedVersion + 1`. */
  readonly incident?: StoredIncident
  /** 0 if no event of the incident was applied before. */
  readonly expectedVersion: number
  readonly lanes: readonly PlannedLane[]
  /** Plans that are carried out together have one. */
  readonly nowMs: number
}

export interface PlannedLane {
  readonly destination: string
  /** The card owes the incident's new version. */
  readonly card: boolean
  readonly urgency: Urgency
  /**
   * The lane's first card and the replies owed; keys already known are left alone. One that is owed `unlessCard` adds
   * its mentions to a card of the lane of which nothing can have been posted yet, and is owed only if there is none.
   */
  readonly owed: readonly OwedDelivery[]
}

export interface SnoozeEnded {
  readonly incident: StoredIncident
  /** The newest event of the incident, as it came. */
  readonly body: string
}

/** No calls for `scope` (`account:NAME` or `destination:NAME`) before `untilMs`. */
export interface Pause {
  readonly scope: string
  readonly reason: string
  readonly untilMs: number
  /** Failures in a row: the waits between probes grow with it. 0 lifts the pause. */
  readonly failures: number
}

export interface StoreCounts {
  readonly eventsUnapplied: number
  readonly deliveries: Readonly<Record<Exclude<DeliveryState, 'done' | 'superseded'>, number>>
  readonly lanesDue: number
  readonly quarantined: number
  /** Since when the oldest event waits to be judged, or the oldest lane to show what it owes; absent if nothing waits. */
  readonly oldestWaitingSinceMs?: number
}

/**
 * At most `named` of each severity are named; the board is absent if there never was one. Nothing is counted while a board
 * was told of that is not judged yet: what waits will have changed by then.
 */
export interface Backlog {
  readonly groups: readonly WaitingGroup[]
  readonly board?: StoredIncident
  /** An event of a board is not judged yet. */
  readonly isTold: boolean
}
