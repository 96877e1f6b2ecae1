import type { Fault } from './check.ts'
import type { GroupResult } from './group.ts'

/** What all groups came to, together. */
export interface Tally {
  kills: number
  acknowledged: number
  readonly reached: Set<string>
  readonly seen: Set<string>
  readonly faults: Record<Fault, number>
}

export function createTally(): Tally {
  const faults = { lost: 0, doubled: 0, out_of_order: 0, wrong_card: 0, unfinished: 0, died: 0 }
  return { kills: 0, acknowledged: 0, reached: new Set(), seen: new Set(), faults }
}

export function count(tally: Tally, { kills, acknowledged, reached, seen, violations }: GroupResult): void {
  tally.kills += kills
  tally.acknowledged += acknowledged
  for (const point of reached) tally.reached.add(point)
  for (const point of seen) tally.seen.add(point)
  for (const { fault } of violations) tally.faults[fault] += 1
}

export function faultsIn({ faults }: Tally): number {
  return Object.values(faults).reduce((sum, one) => sum + one, 0)
}

export function toText({ faults }: Tally): string {
  return Object.entries(faults)
    .map(([fault, times]) => `${fault}=${times}`)
    .join(' ')
}
