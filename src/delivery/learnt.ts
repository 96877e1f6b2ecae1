import type { Store } from '../store/store.ts'
import { LONGEST_OF_ALL_WAITS_MS } from './backoff.ts'
import { scopes, type Circuits } from './circuit.ts'
import type { Clock } from './clock.ts'
import type { Outlet } from './held.ts'
import { accountOf, type Hold, type Pace } from './pace.ts'
import type { Storms } from './storm.ts'

export interface LearntOptions {
  readonly store: Pick<Store, 'pause' | 'pauses' | 'shift'>
  readonly clock: Clock
  readonly outlets: () => ReadonlyMap<string, Outlet>
  readonly pace: Pace
  readonly circuits: Circuits
  readonly storms: Storms
}

/**
 * What was learnt of accounts by calling them: what is broken, and what the platform asked to wait for. It is kept in the
 * store, so that a restart, or another process, goes on from there.
 */
export interface Learnt {
  /** No wait is longer than any that we make: the clock was wrong then. */
  clamp(): Promise<void>
  /** Go on with what is known, of these accounts or of all. */
  resume(accounts?: readonly string[]): Promise<void>
  /** Probe what is broken as soon as the store says, where a person had it shortened. True if that is now. */
  hasten(): Promise<boolean>
  /** Keep a wait that a platform asked for. */
  keep(hold: Hold): Promise<void>
  /** The clock was moved: everything that is waited for moves along. */
  shift(byMs: number): Promise<void>
  /** Another process goes on with an account. */
  forget(account: string): void
}

/** See {@link Learnt}. */
export function createLearnt({ store, clock, outlets, pace, circuits, storms }: LearntOptions): Learnt {
  const shift = (byMs: number): Promise<void> => store.shift({ byMs, latestMs: clock.now() + LONGEST_OF_ALL_WAITS_MS })
  const outletsOf = (account: string): readonly Outlet[] =>
    [...outlets().values()].filter((outlet) => outlet.account === account)
  return {
    clamp: () => shift(0),
    async resume(accounts) {
      const pauses = await store.pauses()
      const known = accounts && new Set(accounts.flatMap(outletsOf).flatMap(scopes))
      circuits.resume(pauses.filter(({ scope }) => known?.has(scope) ?? true))
      for (const { scope, untilMs } of pauses.filter((pause) => pause.scope.startsWith(HOLD))) {
        const bucket = scope.slice(HOLD.length)
        if (accounts?.includes(accountOf(bucket)) === false) continue
        if (untilMs > clock.now()) pace.resume({ bucket, untilMs })
        else await store.pause({ scope, reason: '', untilMs: 0, failures: 0 })
      }
    },
    async hasten() {
      if (circuits.broken().length === 0) return false
      return circuits.hasten(await store.pauses(), clock.now())
    },
    keep: ({ bucket, untilMs }) => store.pause({ scope: HOLD + bucket, reason: 'rate_limited', untilMs, failures: 1 }),
    async shift(byMs) {
      pace.shift(byMs)
      circuits.shift(byMs)
      storms.shift(byMs)
      await shift(byMs)
    },
    forget(account) {
      const destinations = outletsOf(account).map(({ destination }) => destination)
      pace.forget(account)
      circuits.forget(account, destinations)
      storms.forget(destinations)
    },
  }
}

/** The scope of a wait that a platform asked for, before the name of its bucket. */
const HOLD = 'pace:'
