/** Time, as the worker knows it. The real one is in app.ts; tests bring their own and move it by hand. */
export interface Clock {
  /** ms since 1970. */
  now(): number
  /** Resolves at `atMs` or as soon as `signal` aborts, whichever is first; never rejects. */
  waitUntil(atMs: number, signal: AbortSignal): Promise<void>
}
