/** Ids count milliseconds from here. https://docs.discord.com/developers/reference#snowflakes (as of 2026-11) */
const EPOCH_MS = 1_420_070_400_000

/** Whether a text is an id of Discord's. */
export function isSnowflake(text: string): boolean {
  return /^\d{17,20}$/.test(text)
}

/** The smallest id of an instant. Sorts ids made before it from those made after it. */
export function toSnowflake(atMs: number): string {
  return String(BigInt(Math.max(0, Math.trunc(atMs) - EPOCH_MS)) << 22n)
}

/** When an id was made, in ms. */
export function madeAtMs(id: string): number {
  return Number(BigInt(id) >> 22n) + EPOCH_MS
}
