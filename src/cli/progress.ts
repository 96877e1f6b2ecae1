/** Tells how far long work is, in one line that is written over. */
export interface Progress {
  /** Say it; what comes too soon after the last is left out. */
  tell(words: string): void
  /** Take the line away. To be called before anything else is written to the terminal, and at the end. */
  clear(): void
}

/** A person sees no more changes than this, and a slow terminal takes no more. */
const SHORTEST_CHANGE_MS = 100

/** Progress on a terminal; nothing at all where `stream` is a file or a pipe. */
export function createProgress(stream: NodeJS.WriteStream, nowMs: () => number): Progress {
  if (!stream.isTTY) return { tell() {}, clear() {} }
  let toldAtMs = -Infinity
  let isShown = false
  return {
    tell(words) {
      if (nowMs() - toldAtMs < SHORTEST_CHANGE_MS) return
      toldAtMs = nowMs()
      isShown = true
      // A line that is longer than the terminal is wide could not be taken away again.
      stream.write(`\r\u001b[K${words.slice(0, Math.max(1, stream.columns - 1))}`)
    },
    clear() {
      if (isShown) stream.write('\r\u001b[K')
      isShown = false
      toldAtMs = -Infinity
    },
  }
}
