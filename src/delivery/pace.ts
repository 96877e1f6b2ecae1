import type { Budget } from '../platform/platform.ts'

/** What a call counts against. */
export interface Subject {
  readonly account: string
  readonly channel: string
  /** Those of the operation. The first is the one a "slow down" of the platform is taken to be about. */
  readonly budgets: readonly Budget[]
}

/** No call of `bucket` before `untilMs`: what a platform said, and what is kept over a restart. */
export interface Hold {
  readonly bucket: string
  readonly untilMs: number
}

/** What an account has spent and gets back by itself: plain JSON, for whoever goes on with it. Of no use with another clock. */
export interface Spent {
  /** Instants of calls, by the bucket they count against. */
  readonly calls: Readonly<Record<string, readonly number[]>>
  /** When refilling buckets are full again. */
  readonly fullAtMs: Readonly<Record<string, number>>
  /** The longest window of any budget: no call counts for longer. */
  readonly longestMs: number
}

interface Call {
  readonly atMs: number
  readonly is: 'reserved' | 'made' | 'answered'
}

/**
 * Keeps calls inside budgets, for each account and for each channel of it. Knows
 * no clock of its own and starts nothing.
 */
export class Pace {
  /** The calls inside each window, oldest first. */
  readonly #calls = new Map<string, readonly Call[]>()
  /** When each refilling bucket is full again. */
  readonly #fullAtMs = new Map<string, number>()
  readonly #heldUntilMs = new Map<string, number>()
  #longestMs = 0

  /** The first instant from `nowMs` on at which a call would keep to every budget. */
  readyAtMs(subject: Subject, nowMs: number): number {
    return Math.max(nowMs, ...subject.budgets.map((budget) => this.#freeAtMs(bucketOf(subject, budget), budget, nowMs)))
  }

  /** Count a call that is about to be made. */
  take(subject: Subject, nowMs: number): void {
    for (const budget of subject.budgets) {
      const bucket = bucketOf(subject, budget)
      this.#longestMs = Math.max(this.#longestMs, budget.perMs)
      const call: Call = { atMs: nowMs, is: 'reserved' }
      if (budget.kind === 'window') this.#calls.set(bucket, [...this.#inWindow(bucket, budget, nowMs), call])
      else this.#fullAtMs.set(bucket, Math.max(this.#debtUntilMs(bucket, budget, nowMs), nowMs) + budget.perMs)
    }
  }

  /**
   * A call that was counted is made only now, after what was to be on disk first: from now on it counts as of now. In a
   * bucket all that wait for the same are alike.
   */
  made(subject: Subject, nowMs: number): void {
    for (const budget of subject.budgets) {
      if (budget.kind === 'window') this.#date(bucketOf(subject, budget), budget, 'made', nowMs)
      else {
        const bucket = bucketOf(subject, budget)
        this.#fullAtMs.set(bucket, Math.max(this.#fullAtMs.get(bucket) ?? 0, nowMs + budget.perMs))
      }
    }
  }

  /**
   * The platform counted a call at some instant before its answer: it counts as of the latest. Budgets of the whole account
   * have room enough without.
   */
  answered(subject: Subject, nowMs: number): void {
    for (const budget of subject.budgets)
      if (budget.kind === 'window' && budget.scope === 'channel')
        this.#date(bucketOf(subject, budget), budget, 'answered', nowMs)
  }

  /**
   * The platform said to wait: no call of this kind before `untilMs`, or, if it is `wide`, none of the account's that
   * counts against a budget of the account. Undefined if nothing limits the kind.
   */
  hold(subject: Subject, untilMs: number, wide = false): Hold | undefined {
    const budget = (wide && subject.budgets.find(({ scope }) => scope === 'account')) || subject.budgets[0]
    if (budget === undefined) return undefined
    const bucket = bucketOf(subject, budget)
    const hold = { bucket, untilMs: Math.max(untilMs, this.#heldUntilMs.get(bucket) ?? 0) }
    this.resume(hold)
    return hold
  }

  /** Go on with a hold that was learnt before. */
  resume({ bucket, untilMs }: Hold): void {
    this.#heldUntilMs.set(bucket, untilMs)
  }

  /** What an account has spent by `nowMs`, as far as it still counts. */
  spent(account: string, nowMs: number): Spent {
    const ofAccount = startOf(account)
    const calls = [...this.#calls]
      .filter(([bucket]) => bucket.startsWith(ofAccount))
      .map(([bucket, all]) => {
        const instants = all.map(({ atMs }) => atMs)
        return [bucket, instants.filter((atMs) => atMs > nowMs - this.#longestMs)] as const
      })
      .filter(([, instants]) => instants.length > 0)
    const full = [...this.#fullAtMs].filter(([bucket, atMs]) => bucket.startsWith(ofAccount) && atMs > nowMs)
    return { calls: Object.fromEntries(calls), fullAtMs: Object.fromEntries(full), longestMs: this.#longestMs }
  }

  /** Go on with an account where another left off. */
  takeOver({ calls, fullAtMs, longestMs }: Spent): void {
    this.#longestMs = Math.max(this.#longestMs, longestMs)
    for (const [bucket, instants] of Object.entries(calls)) {
      const theirs = instants.map((atMs): Call => ({ atMs, is: 'answered' }))
      this.#calls.set(bucket, [...theirs, ...(this.#calls.get(bucket) ?? [])].toSorted(byInstant))
    }
    for (const [bucket, atMs] of Object.entries(fullAtMs))
      this.#fullAtMs.set(bucket, Math.max(atMs, this.#fullAtMs.get(bucket) ?? 0))
  }

  /** Another goes on with the account. */
  forget(account: string): void {
    for (const instants of [this.#calls, this.#fullAtMs, this.#heldUntilMs])
      for (const bucket of instants.keys()) if (bucket.startsWith(startOf(account))) instants.delete(bucket)
  }

  /** The clock was moved: what was remembered moves along. */
  shift(byMs: number): void {
    for (const [bucket, calls] of this.#calls)
      this.#calls.set(
        bucket,
        calls.map((call) => ({ ...call, atMs: call.atMs + byMs })),
      )
    for (const instants of [this.#fullAtMs, this.#heldUntilMs])
      for (const [bucket, atMs] of instants) instants.set(bucket, atMs + byMs)
  }

  #freeAtMs(bucket: string, budget: Budget, nowMs: number): number {
    return Math.max(this.#budgetFreeAtMs(bucket, budget, nowMs), this.#heldUntilMs.get(bucket) ?? nowMs)
  }

  #budgetFreeAtMs(bucket: string, budget: Budget, nowMs: number): number {
    if (budget.kind === 'refill') return this.#debtUntilMs(bucket, budget, nowMs) - (budget.count - 1) * budget.perMs
    const calls = this.#inWindow(bucket, budget, nowMs)
    const blocking = calls[calls.length - budget.count]
    return blocking === undefined ? nowMs : blocking.atMs + budget.perMs
  }

  /** When everything taken from a refilling bucket has flown back. */
  #debtUntilMs(bucket: string, { count, perMs }: Budget, nowMs: number): number {
    return Math.min(this.#fullAtMs.get(bucket) ?? nowMs, nowMs + count * perMs)
  }

  /** Date a call of the state before `is` as of now; one that was counted too long ago is counted again. */
  #date(bucket: string, budget: Budget, is: 'made' | 'answered', nowMs: number): void {
    const calls = this.#inWindow(bucket, budget, nowMs)
    const before = calls.findIndex((call) => call.is === (is === 'made' ? 'reserved' : 'made'))
    this.#calls.set(bucket, [...calls.filter((_, index) => index !== before), { atMs: nowMs, is }])
  }

  #inWindow(bucket: string, budget: Budget, nowMs: number): readonly Call[] {
    return (this.#calls.get(bucket) ?? []).filter(({ atMs }) => atMs > nowMs - budget.perMs && atMs <= nowMs)
  }
}

function byInstant(a: Call, b: Call): number {
  return a.atMs - b.atMs
}

function bucketOf({ account, channel }: Subject, { scope, name }: Budget): string {
  return scope === 'account' ? startOf(account) + name : `${startOf(account)}${name} ${channel}`
}

/** What the names of all buckets of an account begin with, and no other's: a name may hold blanks, but no line break. */
function startOf(account: string): string {
  return `${account}\n`
}

/** The account a bucket is of. */
export function accountOf(bucket: string): string {
  return bucket.slice(0, bucket.indexOf('\n'))
}
