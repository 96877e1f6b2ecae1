import { setImmediate as turn } from 'node:timers/promises'

/** Ours: whoever lets others go first waits no longer than this, or a stream of new connections would keep him for ever. */
const LONGEST_MS = 200

/**
 * What long work does between two pieces: let the event loop turn once, and again for as long as each turn takes in a
 * new connection. libuv takes one a turn (since 1.45, https://github.com/libuv/libuv/pull/3696, as of 2026-11): with
 * a piece of work in every turn, a thousand senders who connect at once would wait for a thousand pieces. `accepted`
 * counts the connections there have been, `monotonicMs` is a clock that never jumps.
 */
export function createNextTurn(
  accepted: () => number,
  monotonicMs: () => number = () => performance.now(),
): () => Promise<void> {
  return async () => {
    const enoughAtMs = monotonicMs() + LONGEST_MS
    let before: number
    do {
      before = accepted()
      await turn()
    } while (accepted() > before && monotonicMs() < enoughAtMs)
  }
}
