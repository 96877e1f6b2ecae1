import type { Outcome } from '../platform/platform.ts'
import type { Pause, Store } from '../store/store.ts'
import { toProbeWaitMs, type Broken } from './backoff.ts'
import type { Outlet } from './held.ts'

/** The platform itself is taken to be down when so many calls of an account in a row failed, of as many lanes. */
const FAILURES_OF_AN_OUTAGE = 3

/**
 * What is broken and left alone for a while: a destination (not a member,
 * archived, no permission), an account (its token), or the way to an account's
 * platform. Kept in the store, so that a restart does not hammer on a closed
 * door. All waiting is done here and none in the lanes behind it, so all of them
 * go on at once when it opens.
 *
 * ```
 * closed ─ broken ─▶ open until untilMs ─ over ─▶ one call probes ─ answered ─▶ closed
 *                         ▲                               └── broken ──┐
 *                         └──────────── longer ────────────────────────┘
 * ```
 */
export class Circuits {
  readonly #store: Pick<Store, 'pause'>
  readonly #pauses = new Map<string, Pause>()
  /** Destinations that answered since this process started: a broken one is not to be found out by many calls at once. */
  readonly #answering = new Set<string>()
  /** Lanes whose calls failed since the last answer of their account. */
  readonly #failing = new Map<string, Set<string>>()

  constructor(store: Pick<Store, 'pause'>) {
    this.#store = store
  }

  /** Go on with what was broken before. Pauses that are not of circuits are left alone. */
  resume(pauses: readonly Pause[]): void {
    for (const pause of pauses) if (IS_CIRCUIT.test(pause.scope)) this.#pauses.set(pause.scope, pause)
  }

  /** Until when the destination or its account is left alone; undefined if calls may be made. */
  openUntilMs(outlet: Outlet, nowMs: number): number | undefined {
    const untilMs = Math.max(...scopes(outlet).map((scope) => this.#pauses.get(scope)?.untilMs ?? 0))
    return untilMs > nowMs ? untilMs : undefined
  }

  /** What was found broken by the last call, or was not called yet: calls are made one at a time, to find out. */
  probing(outlet: Outlet): 'account' | 'destination' | undefined {
    const [account, down, destination] = scopes(outlet)
    if (this.#pauses.has(account) || this.#pauses.has(down)) return 'account'
    return this.#pauses.has(destination) || !this.#answering.has(destination) ? 'destination' : undefined
  }

  /** Take note of what a call came to. Gives the circuit that opened by it, if one did. */
  async heard(outlet: Outlet, lane: string, outcome: Outcome, nowMs: number): Promise<Pause | undefined> {
    if (outcome.kind === 'rejected' && (outcome.reason === 'channel_broken' || outcome.reason === 'token_broken')) {
      this.#failing.delete(outlet.account)
      this.#answering.delete(destinationScope(outlet))
      return this.#open(outlet, outcome.reason, outcome.detail, nowMs)
    }
    if (!isFailure(outcome)) {
      this.#failing.delete(outlet.account)
      this.#answering.add(destinationScope(outlet))
      return undefined
    }
    const failing = this.#failing.get(outlet.account) ?? new Set()
    this.#failing.set(outlet.account, failing.add(lane))
    const isProbe = this.#pauses.has(downScope(outlet))
    return isProbe || failing.size >= FAILURES_OF_AN_OUTAGE
      ? this.#open(outlet, 'platform_down', outcome.detail, nowMs)
      : undefined
  }

  /** A call was answered, so the way to the platform is open; if `sent`, so is all of it. Gives the scopes that were broken. */
  async close(outlet: Outlet, sent: boolean): Promise<readonly string[]> {
    const over = (sent ? scopes(outlet) : [downScope(outlet)]).filter((scope) => this.#pauses.delete(scope))
    await Promise.all(over.map((scope) => this.#store.pause({ scope, reason: '', failures: 0, untilMs: 0 })))
    return over
  }

  /** Probe all that concerns these destinations at the next opportunity: a person says that it was repaired. */
  async probeNow(outlets: readonly Outlet[]): Promise<void> {
    const broken = new Set(outlets.flatMap(scopes).filter((scope) => this.#pauses.has(scope)))
    for (const scope of broken) {
      const pause = this.#pauses.get(scope)
      if (pause !== undefined) await this.#set({ ...pause, failures: 1, untilMs: 0 })
    }
  }

  /** Another process finds out from now on what is broken of an account, which leads to these destinations. */
  forget(account: string, destinations: readonly string[]): void {
    for (const destination of destinations) {
      for (const scope of scopes({ account, destination })) this.#pauses.delete(scope)
      this.#answering.delete(destinationScope({ destination }))
    }
    this.#failing.delete(account)
  }

  /** Take over waits that were shortened in the store. True if one of them is over, and was not before. */
  hasten(pauses: readonly Pause[], nowMs: number): boolean {
    const shortened = pauses.filter(({ scope, untilMs }) => untilMs < (this.#pauses.get(scope)?.untilMs ?? 0))
    const open = shortened.filter(({ scope }) => (this.#pauses.get(scope)?.untilMs ?? 0) > nowMs)
    for (const pause of shortened) this.#pauses.set(pause.scope, pause)
    return open.some(({ untilMs }) => untilMs <= nowMs)
  }

  /** The clock was moved: what is waited for moves along. */
  shift(byMs: number): void {
    for (const [scope, pause] of this.#pauses) this.#pauses.set(scope, { ...pause, untilMs: pause.untilMs + byMs })
  }

  /** What is broken now, for the log and the metrics. */
  broken(): readonly Pause[] {
    return [...this.#pauses.values()]
  }

  /** Open a circuit, for longer each time in a row. Undefined if it is open already. */
  async #open(outlet: Outlet, broken: Broken, reason: string, nowMs: number): Promise<Pause | undefined> {
    const scope = SCOPES[broken](outlet)
    const before = this.#pauses.get(scope)
    if (before !== undefined && before.untilMs > nowMs) return undefined
    const failures = (before?.failures ?? 0) + 1
    return this.#set({ scope, reason, failures, untilMs: nowMs + toProbeWaitMs(broken, failures) })
  }

  async #set(pause: Pause): Promise<Pause> {
    this.#pauses.set(pause.scope, pause)
    await this.#store.pause(pause)
    return pause
  }
}

const IS_CIRCUIT = /^(?:account|down|destination):/

const SCOPES: Readonly<Record<Broken, (outlet: Outlet) => string>> = {
  token_broken: accountScope,
  platform_down: downScope,
  channel_broken: destinationScope,
}

/** The platform was there and said something. */
export function isAnswer(outcome: Outcome): boolean {
  return !isFailure(outcome)
}

/** The platform did not answer, or only to say that it is broken. One that says when to come back is not down. */
function isFailure(outcome: Outcome): outcome is Extract<Outcome, { kind: 'retry' | 'unknown' }> {
  if (outcome.kind === 'unknown') return outcome.unlisted !== true
  if (outcome.kind !== 'retry' || outcome.afterMs !== undefined || outcome.unlisted === true) return false
  return outcome.reason === 'server_error' || outcome.reason === 'unreachable'
}

/** Everything that may be broken on the way to a destination. */
export function scopes(outlet: Way): readonly [string, string, string] {
  return [accountScope(outlet), downScope(outlet), destinationScope(outlet)]
}

type Way = Pick<Outlet, 'account' | 'destination'>

function accountScope({ account }: Pick<Way, 'account'>): string {
  return `account:${account}`
}

function downScope({ account }: Pick<Way, 'account'>): string {
  return `down:${account}`
}

function destinationScope({ destination }: Pick<Way, 'destination'>): string {
  return `destination:${destination}`
}
