/** The machine's monotonic clock, ms: the same in every process, as `performance.now()` is not. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
