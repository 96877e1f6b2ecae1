import type { Budget } from '../platform/platform.ts'

/** What a call counts against. */
export interface Subject {
  readonly account: string
  readonly channel: string
  /** Those of the operation. The first is the one a "slow down" of the platform is taken to be about. */
  readonly budgets: readonly Budget[]
}

/**
 * Keeps calls inside budgets: a sliding window for each account, and for each
 * channel of it. Knows no clock of its own and starts nothing.
 */
export class Pace {
  /** Instants of the calls inside each budget's window, oldest first. */
  readonly #calls = new Map<string, number[]>()
  readonly #heldUntilMs = new Map<string, number>()

  /** The first instant from `nowMs` on at which a call would keep to every budget. */
  readyAtMs(subject: Subject, nowMs: number): number {
    return Math.max(nowMs, ...subject.budgets.map((budget) => this.#freeAtMs(bucketOf(subject, budget), budget, nowMs)))
  }

  /** Count a call made at `nowMs`. */
  take(subject: Subject, nowMs: number): void {
    for (const budget of subject.budgets) {
      const bucket = bucketOf(subject, budget)
      const calls = this.#inWindow(bucket, budget, nowMs)
      calls.push(nowMs)
      this.#calls.set(bucket, calls)
    }
  }

  /** The platform said to wait: no call of this kind before `untilMs`. */
  hold(subject: Subject, untilMs: number): void {
    const budget = subject.budgets[0]
    if (budget === undefined) return
    const bucket = bucketOf(subject, budget)
    this.#heldUntilMs.set(bucket, Math.max(untilMs, this.#heldUntilMs.get(bucket) ?? 0))
  }

  #freeAtMs(bucket: string, budget: Budget, nowMs: number): number {
    const calls = this.#inWindow(bucket, budget, nowMs)
    const blocking = calls[calls.length - budget.count]
    const windowFreeAtMs = blocking === undefined ? nowMs : blocking + budget.perMs
    return Math.max(windowFreeAtMs, this.#heldUntilMs.get(bucket) ?? nowMs)
  }

  /** A call dated in the future, after the clock was set back, is forgotten: a lane must not wait for a lost day. */
  #inWindow(bucket: string, budget: Budget, nowMs: number): number[] {
    return (this.#calls.get(bucket) ?? []).filter((atMs) => atMs > nowMs - budget.perMs && atMs <= nowMs)
  }
}

function bucketOf({ account, channel }: Subject, budget: Budget): string {
  return budget.scope === 'account' ? `${account} ${budget.name}` : `${account} ${budget.name} ${channel}`
}
