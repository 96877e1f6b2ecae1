/** Discord counts milliseconds from the first second of 2015. https://docs.discord.com/developers/reference#snowflakes (as of 2026-11) */
const DISCORD_EPOCH_MS = 1_420_070_400_000

/** Above every fixed id of the sandbox's world, so that a clock before 2023 still gives new ones. */
const FIRST = 1_100_000_000_000_001_000n

/** Ids that hold the time and grow with every call, however many are drawn in one millisecond. */
export function createSnowflakes(nowMs: () => number): () => string {
  let last = FIRST
  return () => {
    const fromClock = BigInt(Math.trunc(nowMs()) - DISCORD_EPOCH_MS) << 22n
    last = fromClock > last ? fromClock : last + 1n
    return last.toString()
  }
}

/** An instant as Discord writes it: microseconds and an offset. */
export function toTimestamp(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '000+00:00')
}
