/** Ours: longer than a thousand connections take on slow cores just after a start. Who sends waits 2 s at most, and chat can wait longer. */
const LONGEST_MS = 1_000

/**
 * What long work asks for between two pieces: one turn of the event loop, and more while connections come. libuv takes in one
 * a turn (since 1.45, https://github.com/libuv/libuv/pull/3696, as of 2026-11), so with a piece of work in every turn a
 * thousand senders who connect at once would wait for a thousand pieces. One piece goes on in a turn, in the order of
 * asking. Of a stream of connections that never ends, work has every other second. `accepted` counts the
 * connections there have been, `monotonicMs` is a clock that never jumps.
 */
export function createNextTurn(
  accepted: () => number,
  monotonicMs: () => number = () => performance.now(),
): () => Promise<void> {
  const waiting: (() => void)[] = []
  let seen = 0
  let givingSinceMs = -Infinity

  function look(): void {
    const count = accepted()
    // Since we last looked, and not since somebody asked: that may have been later in the turn that let the last one in.
    const isSomebodyNew = count > seen
    seen = count
    if (!isSomebodyNew || !mayGive()) waiting.shift()?.()
    if (waiting.length > 0) setImmediate(look)
  }

  function mayGive(): boolean {
    const nowMs = monotonicMs()
    if (nowMs - givingSinceMs >= 2 * LONGEST_MS) givingSinceMs = nowMs
    return nowMs - givingSinceMs < LONGEST_MS
  }

  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(look)
    })
}
