/**
 * Who of several replicas may call which account. An engine that several processes share keeps it beside the store; where
 * one process has the store to itself there is none, and it may call all.
 *
 * ```
 * free ─ taken ─▶ held until its lease ends ─ kept (every few seconds) ─▶ held
 *   ▲                    │ another replica has too few: leaving, served no more
 *   └──── let go ◀───────┘                    lease over ─▶ taken by another
 * ```
 */
export interface Ledger {
  /**
   * Say that this replica is there, let go of what it says, keep what it holds, and take what is free, up to its share.
   * Gives all it holds from now on, for {@link ACCOUNT_LEASE_MS} from when it asked.
   */
  own(request: OwnRequest): Promise<Owned>
  /** This replica is about to go: others no longer count on it, and what it lets go is free at once. */
  leave(request: LeaveRequest): Promise<void>
  /** From now on call `listener` when another replica let something go. Such a hint may be lost. */
  watch(listener: () => void): void
}

/**
 * Short enough that another replica shows new incidents 35 s after one was killed. Long enough that the database may be
 * away for some seconds, since calls are begun only in its first half: see {@link LONGEST_CALL_MS}.
 */
export const ACCOUNT_LEASE_MS = 22_000

export interface OwnRequest {
  /** Names this process. */
  readonly replica: string
  /** Every account it could call. `spent`: it is held, and has spent that. */
  readonly accounts: readonly { readonly name: string; readonly spent?: string }[]
  /** Held until now, with nothing under way any more. */
  readonly letGo: readonly LetGo[]
}

export interface LetGo {
  readonly name: string
  /** What has been spent of its budgets, in words of the caller's own. */
  readonly spent: string
}

export interface LeaveRequest {
  readonly replica: string
  readonly letGo: readonly LetGo[]
}

export interface Owned {
  readonly accounts: readonly OwnedAccount[]
  /** In so many ms an account that another replica holds is free unless it is kept; absent if there is none. */
  readonly freeInMs?: number
  /** Another replica was faster: something may be left to take. */
  readonly isContested: boolean
}

export interface OwnedAccount {
  readonly name: string
  /** Grows whenever the account goes to another holder: the same number means that nobody else had it meanwhile. */
  readonly turn: number
  /** Another replica is to have it: serve it no more, and let it go when nothing is under way. */
  readonly isLeaving: boolean
  /** What was spent by the last holder that told. */
  readonly spent?: string
  /** A holder that went without a word may have made so many calls more. */
  readonly unsure: number
}

/** A holder tells what it spent before it has made more calls than this since it last did. */
export const UNTOLD_CALLS = 8
