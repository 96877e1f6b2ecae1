import type { DueLane } from '../store/lane.ts'

/** A reply that waits this long while cards go first has its turn now and then. */
const STARVED_MS = 60_000
/** "Now and then": at a message a second, the cards keep nine tenths and more of what a channel takes. */
const TURN_MS = 15_000

/** A due lane, and whether it may post replies although cards wait for the same budget. */
export interface Ranked extends DueLane {
  readonly mayReply: boolean
}

/**
 * Due lanes in the order to serve them: new Critical cards, other new cards, edits, replies, oldest first in each.
 * `sharesPosts` tells where cards and replies come out of one budget: as long as cards wait there, replies do not go,
 * but for the oldest starved one when `repliedAtMs`, the last such turn of the destination, is long enough ago.
 */
export function rank(
  due: readonly DueLane[],
  sharesPosts: (destination: string) => boolean,
  repliedAtMs: (destination: string) => number,
  nowMs: number,
): readonly Ranked[] {
  const crowded = new Set(due.filter(({ urgency }) => urgency <= 1).map(({ destination }) => destination))
  const starved = new Map<string, DueLane>()
  for (const lane of due) {
    if (!crowded.has(lane.destination) || lane.urgency < 3 || nowMs - lane.owedSinceMs < STARVED_MS) continue
    if (nowMs - repliedAtMs(lane.destination) < TURN_MS) continue
    const before = starved.get(lane.destination)
    if (before === undefined || lane.owedSinceMs < before.owedSinceMs) starved.set(lane.destination, lane)
  }
  const isStarved = (lane: DueLane): boolean => starved.get(lane.destination) === lane
  const place = (lane: DueLane): number => (isStarved(lane) ? 0.5 : lane.urgency)
  return due
    .map((lane) => ({
      lane,
      mayReply: !crowded.has(lane.destination) || !sharesPosts(lane.destination) || isStarved(lane),
    }))
    .filter(({ lane, mayReply }) => mayReply || lane.urgency < 4)
    .toSorted((a, b) => place(a.lane) - place(b.lane) || a.lane.owedSinceMs - b.lane.owedSinceMs)
    .map(({ lane, mayReply }) => ({ ...lane, mayReply }))
}
