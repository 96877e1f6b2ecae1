import type { Operation, Outcome, Platform } from '../platform/platform.ts'
import type { LanePatch, LaneWork } from '../store/lane.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from './clock.ts'
import type { DrawOptions } from './draw.ts'
import type { Pace, Subject } from './pace.ts'
import { toReason, type Report } from './report.ts'

/** A destination as the worker sees it: a channel of an account on some platform. */
export interface Outlet {
  readonly destination: string
  readonly account: string
  readonly channel: string
  readonly platform: Platform
}

export interface ServeOptions extends DrawOptions {
  readonly store: Store
  readonly clock: Clock
  readonly pace: Pace
  readonly report: Report
  readonly random: () => number
  readonly policy: () => DeliveryPolicy
  /** The platform limits calls of this kind, or all of the account if `wide`: make none before `untilMs`. */
  readonly limited: (subject: Subject, untilMs: number, wide: boolean) => Promise<void>
  /** What a call came to, for the circuits: what is broken is left alone from now on, what answers is not any more. */
  readonly heard: (outlet: Outlet, incidentId: string, outcome: Outcome) => Promise<void>
  /** The outlet's account cannot be reached, or not used: nothing can be found out now. */
  readonly down: (outlet: Outlet) => boolean
  /** The destination, its account or its platform is left alone at this moment. */
  readonly blocked: (outlet: Outlet) => boolean
  readonly stopping: () => boolean
}

export interface DeliveryPolicy {
  /** A create whose outcome cannot be found out. Absent: resend for a Critical incident, hold otherwise. */
  readonly onAmbiguous?: 'resend' | 'hold'
  readonly onCardDeleted: 'recreate' | 'ignore'
}

/** How long a lane is held for one call: the longest call and room for a slow commit. */
export const LEASE_MS = 60_000

/** A held lane, where it leads, and all that is needed to serve it. */
export interface Held {
  readonly options: ServeOptions
  readonly outlet: Outlet
  readonly work: LaneWork
}

/** What to write about a lane, without the lane itself. */
export type Change = Omit<LanePatch, 'lane' | 'epoch' | 'nowMs'>

/** Count a call against its budgets before anything is awaited, so that no other lane takes the same place. */
export function reserve({ options, outlet }: Held, operation: Operation): void {
  options.pace.take(subject(outlet, operation), options.clock.now())
}

/** What identifies an attempt for those who read of it. */
export interface Told {
  readonly key?: string
  /** When what the message tells came in. */
  readonly sinceMs?: number
}

/** Wait for a call, time it, tell of it. */
export async function attempt(
  held: Held,
  operation: Operation,
  count: number,
  call: Promise<Outcome>,
  { key, sinceMs }: Told = {},
): Promise<Outcome> {
  const { options, outlet, work } = held
  const startedAtMs = options.clock.now()
  const outcome = await call
  const answeredAtMs = options.clock.now()
  options.report.attempted({
    destination: outlet.destination,
    platform: outlet.platform.kind,
    operation,
    incidentId: work.lane.incidentId,
    ...(key !== undefined && { key }),
    attempt: count,
    outcome: outcome.kind,
    ...toReason(outcome),
    durationMs: answeredAtMs - startedAtMs,
    ...(sinceMs !== undefined && outcome.kind === 'sent' && { waitedMs: Math.max(0, answeredAtMs - sinceMs) }),
  })
  // It may be replies alone that are not allowed here, since threads have permissions of their own.
  const isOfReplies = (operation === 'reply' || operation === 'thread') && isChannelBroken(outcome)
  if (!isOfReplies) await options.heard(outlet, work.lane.incidentId, outcome)
  return outcome
}

export function isChannelBroken(outcome: Outcome): boolean {
  return outcome.kind === 'rejected' && outcome.reason === 'channel_broken'
}

export function subject(outlet: Outlet, operation: Operation): Subject {
  return { account: outlet.account, channel: outlet.channel, budgets: outlet.platform.budgets[operation] }
}

export function save({ options, work }: Held, change: Change): Promise<LaneWork | undefined> {
  const nowMs = options.clock.now()
  const { incidentId, destination } = work.lane
  return options.store.save({
    lane: { incidentId, destination },
    epoch: work.epoch,
    nowMs,
    leaseUntilMs: nowMs + LEASE_MS,
    ...change,
  })
}
