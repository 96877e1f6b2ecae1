import type { Operation } from '../platform/platform.ts'
import type { LaneClass, Urgency } from '../store/lane.ts'
import type { Circuits } from './circuit.ts'
import { subject, type Outlet } from './held.ts'
import type { Pace } from './pace.ts'

export interface CapacityOptions {
  readonly outlets: () => ReadonlyMap<string, Outlet>
  readonly pace: Pace
  readonly circuits: Circuits
  /** The outlets of the lanes that are served at this moment. */
  readonly underWay: () => readonly Outlet[]
}

/** What may be served now: by the budgets, by what is broken, and by the calls that are under way. */
export interface Capacity {
  /** The classes of lanes to look for. */
  classes(nowMs: number): readonly LaneClass[]
  /** Whether one more lane may be served. */
  hasRoom(outlet: Outlet, urgency?: Urgency): boolean
  /** When a class of lanes can be served: as soon as any of the calls it may need fits its budget. */
  readyAtMs(outlet: Outlet, urgency: Urgency, nowMs: number): number
  /** Whether cards and replies are counted against one budget here, as in Slack. */
  sharesPosts(destination: string): boolean
}

/** See {@link Capacity}. */
export function createCapacity({ outlets, pace, circuits, underWay }: CapacityOptions): Capacity {
  function readyAtMs(outlet: Outlet, urgency: Urgency, nowMs: number): number {
    return Math.min(...OPERATIONS[urgency].map((operation) => pace.readyAtMs(subject(outlet, operation), nowMs)))
  }

  return {
    readyAtMs,
    // New cards are asked for even where no call is possible now: others have to know that they wait.
    classes: (nowMs) =>
      [...outlets().values()]
        .filter((outlet) => circuits.openUntilMs(outlet, nowMs) === undefined)
        .flatMap((outlet) =>
          URGENCIES.filter((urgency) => urgency <= 1 || readyAtMs(outlet, urgency, nowMs) <= nowMs).map((urgency) => ({
            destination: outlet.destination,
            urgency,
          })),
        ),
    /*
     * A destination or account that was broken is probed by one lane at a time. One place of an account is kept free for
     * new Critical cards, so that slow calls cannot keep one waiting.
     */
    hasRoom(outlet, urgency) {
      const ofAccount = underWay().filter(({ account }) => account === outlet.account)
      const ofDestination = ofAccount.filter(({ destination }) => destination === outlet.destination)
      const places = outlet.platform.concurrency - (urgency === 0 ? 0 : 1)
      switch (circuits.probing(outlet)) {
        case 'account':
          return ofAccount.length === 0
        case 'destination':
          return ofDestination.length === 0 && ofAccount.length < places
        case undefined:
          return ofAccount.length < places
      }
    },
    sharesPosts(destination) {
      const budgets = outlets().get(destination)?.platform.budgets
      return budgets !== undefined && budgets.card[0]?.name === budgets.reply[0]?.name
    },
  }
}

const URGENCIES: readonly Urgency[] = [0, 1, 2, 3, 4]

/** The calls a class waits for. */
const OPERATIONS: Readonly<Record<Urgency, readonly Operation[]>> = {
  0: ['card'],
  1: ['card'],
  2: ['edit'],
  3: ['edit', 'reply'],
  4: ['reply'],
}
