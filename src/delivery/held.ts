import { CALL_TIMEOUT_MS, type Operation, type Outcome, type Platform } from '../platform/platform.ts'
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
  /** A call of this account would end while the account is still ours. */
  readonly mayCall: (account: string) => boolean
  /** Count a call against its budgets. */
  readonly take: (subject: Subject) => void
  readonly stopping: () => boolean
  /** Between one piece of work and the next: lets those go first who connect to us. */
  readonly nextTurn: () => Promise<void>
}

export interface DeliveryPolicy {
  /** A create whose outcome cannot be found out. Absent: resend for a Critical incident, hold otherwise. */
  readonly onAmbiguous?: 'resend' | 'hold'
  readonly onCardDeleted: 'recreate' | 'ignore'
}

/** What is begun now has ended by then: the longest call, clocks that differ a little, and a process that is not on time. */
export const LONGEST_CALL_MS = CALL_TIMEOUT_MS + 1_000
/**
 * How long a lane is held for one call: the longest one and room for a slow commit. Longer, and what a killed process
 * held would wait longer for another one.
 */
export const LEASE_MS = 30_000

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
  options.take(subject(outlet, operation))
}

/**
 * Whether a call that is made now ends while its lane and its account are ours. Whoever has them next must not meet it: a
 * process may stand still for any time between two instructions.
 */
export function mayCall({ options, outlet, work }: Held): boolean {
  return options.clock.now() + LONGEST_CALL_MS <= work.leaseUntilMs && options.mayCall(outlet.account)
}

/** What identifies an attempt for those who read of it. */
export interface Told {
  readonly key?: string
  /** When what the message tells came in. */
  readonly sinceMs?: number
}

/** Make a call if there is time for it, wait for it, time it, tell of it. Undefined if it was not made. */
export async function attempt(
  held: Held,
  operation: Operation,
  count: number,
  call: () => Promise<Outcome>,
  { key, sinceMs }: Told = {},
): Promise<Outcome | undefined> {
  const { options, outlet, work } = held
  if (!mayCall(held)) return undefined
  const counted = subject(outlet, operation)
  const startedAtMs = options.clock.now()
  options.pace.made(counted, startedAtMs)
  const outcome = await call()
  const answeredAtMs = options.clock.now()
  options.pace.answered(counted, answeredAtMs)
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
