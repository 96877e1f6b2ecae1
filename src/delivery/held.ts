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
  /** The destination or its account is broken: leave it alone for a while. */
  readonly broken: (outlet: Outlet, reason: 'channel_broken' | 'token_broken', detail: string) => Promise<number>
  /** The destination answered: whatever was broken is not any more. */
  readonly healthy: (outlet: Outlet) => Promise<void>
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

/** Wait for a call, time it, tell of it. */
export async function attempt(
  held: Held,
  operation: Operation,
  count: number,
  call: Promise<Outcome>,
  key?: string,
): Promise<Outcome> {
  const { options, outlet, work } = held
  const startedAtMs = options.clock.now()
  const outcome = await call
  options.report.attempted({
    destination: outlet.destination,
    platform: outlet.platform.kind,
    operation,
    incidentId: work.lane.incidentId,
    ...(key !== undefined && { key }),
    attempt: count,
    outcome: outcome.kind,
    ...toReason(outcome),
    durationMs: options.clock.now() - startedAtMs,
  })
  if (outcome.kind === 'sent') await options.healthy(outlet)
  return outcome
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
