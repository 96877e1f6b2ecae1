import type { Pause, Store } from '../store/store.ts'
import { toProbeWaitMs } from './backoff.ts'
import type { Outlet } from './held.ts'

/**
 * What is broken and left alone for a while: a destination (not a member,
 * archived, no permission) or a whole account (token). Kept in the store, so
 * that a restart does not hammer on a closed door.
 *
 * ```
 * closed ─ broken ─▶ open until untilMs ─ over ─▶ one call probes ─ sent ─▶ closed
 *                         ▲                               └── broken ──┐
 *                         └──────────── longer ────────────────────────┘
 * ```
 */
export class Circuits {
  readonly #store: Store
  readonly #pauses = new Map<string, Pause>()

  constructor(store: Store) {
    this.#store = store
  }

  async load(): Promise<void> {
    for (const pause of await this.#store.pauses()) this.#pauses.set(pause.scope, pause)
  }

  /** Until when the destination or its account is left alone; undefined if calls may be made. */
  openUntilMs(outlet: Outlet, nowMs: number): number | undefined {
    const untilMs = Math.max(...scopes(outlet).map((scope) => this.#pauses.get(scope)?.untilMs ?? 0))
    return untilMs > nowMs ? untilMs : undefined
  }

  /** What the last call found broken, if calls may be made again: one at a time, to find out. */
  probing(outlet: Outlet): 'account' | 'destination' | undefined {
    if (this.#pauses.has(accountScope(outlet))) return 'account'
    return this.#pauses.has(destinationScope(outlet)) ? 'destination' : undefined
  }

  /** Open a circuit, for longer each time in a row. Returns until when. */
  async open(
    outlet: Outlet,
    reason: 'channel_broken' | 'token_broken',
    detail: string,
    nowMs: number,
  ): Promise<number> {
    const scope = reason === 'token_broken' ? accountScope(outlet) : destinationScope(outlet)
    const before = this.#pauses.get(scope)
    if (before !== undefined && before.untilMs > nowMs) return before.untilMs
    const failures = (before?.failures ?? 0) + 1
    const pause = { scope, reason: detail, failures, untilMs: nowMs + toProbeWaitMs(reason, failures) }
    this.#pauses.set(scope, pause)
    await this.#store.pause(pause)
    return pause.untilMs
  }

  /** A call went through: nothing of its way is broken. Returns whether something was. */
  async close(outlet: Outlet): Promise<boolean> {
    const broken = scopes(outlet).filter((scope) => this.#pauses.delete(scope))
    await Promise.all(broken.map((scope) => this.#store.pause({ scope, reason: '', failures: 0, untilMs: 0 })))
    return broken.length > 0
  }

  /**
   * Somebody changed something: the next call may be made at once and finds out, and what no outlet leads to any more is
   * forgotten. Gives the outlets that were left alone.
   */
  async probeNow(outlets: Iterable<Outlet>, nowMs: number): Promise<readonly Outlet[]> {
    const all = [...outlets]
    const known = new Set(all.flatMap(scopes))
    const broken = all.filter((outlet) => this.probing(outlet) !== undefined)
    const pauses = [...this.#pauses.values()].map((pause) =>
      known.has(pause.scope) ? { ...pause, untilMs: Math.min(pause.untilMs, nowMs) } : { ...pause, failures: 0 },
    )
    for (const pause of pauses) {
      if (pause.failures === 0) this.#pauses.delete(pause.scope)
      else this.#pauses.set(pause.scope, pause)
    }
    await Promise.all(pauses.map((pause) => this.#store.pause(pause)))
    return broken
  }

  /** What is broken now, for /readyz and the log. */
  broken(): readonly Pause[] {
    return [...this.#pauses.values()]
  }
}

function scopes(outlet: Outlet): readonly [string, string] {
  return [accountScope(outlet), destinationScope(outlet)]
}

function accountScope({ account }: Outlet): string {
  return `account:${account}`
}

function destinationScope({ destination }: Outlet): string {
  return `destination:${destination}`
}
