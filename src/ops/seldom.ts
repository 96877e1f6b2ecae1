/** Often enough to see that it goes on, seldom enough that a flood fills no disk. */
const EVERY_MS = 60_000
/** More reasons than any caller has; the bound is for the day somebody passes one that is not from a closed set. */
const MAX_REASONS = 100

/** Run `say` if it is the turn of `reason`, telling it how many times it was held back since the last. */
export type Seldom = (reason: string, say: (heldBack: number) => void) => void

/** Lets through one line a minute for each reason: what strangers can cause must not be able to fill the log. */
export function createSeldom(nowMs: () => number): Seldom {
  const reasons = new Map<string, { nextAtMs: number; heldBack: number }>()
  return (reason, say) => {
    const atMs = nowMs()
    const known = reasons.get(reason)
    // A clock that was set back must not silence us for longer.
    if (known !== undefined && atMs < known.nextAtMs && known.nextAtMs - atMs <= EVERY_MS) {
      known.heldBack += 1
      return
    }
    if (reasons.size >= MAX_REASONS) reasons.clear()
    reasons.set(reason, { nextAtMs: atMs + EVERY_MS, heldBack: 0 })
    say(known?.heldBack ?? 0)
  }
}
