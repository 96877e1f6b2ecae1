import { LRUCache } from 'lru-cache'
import { Slots } from '../slots.ts'
import type { Accepted, NewEvent, Store } from '../store/store.ts'

/** Ten seconds of the worst burst we plan for. */
const MAX_IDS = 100_000
/** More incidents than are ever open at once. */
const MAX_INCIDENTS = 50_000

export type Acceptance = Pick<Accepted, 'result' | 'conflict'>

/** Of a hash: 48 bits, which a number holds in a fifth of the room. Of 10^14 other bodies one would pass for the same. */
const MARK_DIGITS = 12

/** What was accepted lately, in front of the store. */
export interface Seen {
  /**
   * Keep an event: resolves once it is on disk, rejects if it cannot be stored.
   * An id counts as seen only after its commit; the same id arriving meanwhile
   * waits for that commit and shares its failure.
   */
  accept(event: NewEvent): Promise<Acceptance>
}

/**
 * Two LRU caches as the fast path: event ids, so that a repeat costs no write,
 * and the latest effective time of each incident, so that a late event is known
 * as stale even where the store has forgotten the newer one. The store decides
 * whatever is not in them; `onStoring` hears when it is asked to keep one.
 */
export function createSeen(store: Pick<Store, 'accept'>, onStoring: () => void): Seen {
  const marks = new LRUCache<string, number>({ max: MAX_IDS })
  const latest = new LRUCache<string, number>({ max: MAX_INCIDENTS })
  const storing = new Slots<{ readonly hash: string; readonly committed: Promise<Accepted> }>()
  const slotOf = new Map<string, number>()

  async function accept(event: NewEvent): Promise<Acceptance> {
    const mark = marks.get(event.id)
    if (mark !== undefined) return { result: 'duplicate', conflict: mark !== toMark(event.bodyHash) }
    const taken = slotOf.get(event.id)
    const first = taken === undefined ? undefined : storing.get(taken)
    if (first !== undefined) {
      await first.committed
      return { result: 'duplicate', conflict: first.hash !== event.bodyHash }
    }
    const committed = store.accept(event)
    onStoring()
    const slot = storing.add({ hash: event.bodyHash, committed })
    slotOf.set(event.id, slot)
    try {
      return remember(event, await committed)
    } finally {
      storing.take(slot)
      slotOf.delete(event.id)
    }
  }

  function remember(event: NewEvent, accepted: Accepted): Acceptance {
    // On a conflict the stored body is another one, and we do not know its hash.
    if (!accepted.conflict) marks.set(event.id, toMark(event.bodyHash))
    const latestAtMs = Math.max(latest.get(event.incidentId) ?? 0, accepted.latestAtMs)
    latest.set(event.incidentId, latestAtMs)
    const isStale = accepted.result === 'accepted' && event.effectiveAtMs < latestAtMs
    return { result: isStale ? 'stale' : accepted.result, conflict: accepted.conflict }
  }

  return { accept }
}

function toMark(bodyHash: string): number {
  return Number.parseInt(bodyHash.slice(0, MARK_DIGITS), 16)
}
