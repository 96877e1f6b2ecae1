import type { Clock } from '../../src/delivery/clock.ts'

/** A clock that moves only by hand. */
export class TestClock implements Clock {
  nowMs: number
  readonly #waiting = new Set<{ atMs: number; resolve: () => void }>()

  constructor(nowMs: number) {
    this.nowMs = nowMs
  }

  now = (): number => this.nowMs

  /** By how much the wall clock was moved. */
  #movedMs = 0

  monotonic = (): number => this.nowMs - this.#movedMs

  waitUntil = (atMs: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const waiter = { atMs, resolve: () => (this.#waiting.delete(waiter), resolve()) }
      this.#waiting.add(waiter)
      if (signal.aborted) waiter.resolve()
      signal.addEventListener('abort', waiter.resolve, { once: true })
    })

  /** When the first waiter wakes; undefined while nobody waits. */
  get nextMs(): number | undefined {
    return this.#waiting.size === 0 ? undefined : Math.min(...[...this.#waiting].map(({ atMs }) => atMs))
  }

  /** Somebody sets the wall clock. Sleeps go on for as long as they would have. */
  jump(byMs: number): void {
    this.#movedMs += byMs
    this.nowMs += byMs
    for (const waiter of this.#waiting) waiter.atMs += byMs
  }

  moveTo(nowMs: number): void {
    this.nowMs = Math.max(this.nowMs, nowMs)
    for (const waiter of this.#waiting) if (waiter.atMs <= this.nowMs) waiter.resolve()
  }
}
