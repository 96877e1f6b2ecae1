import type { Delivery } from '../store/delivery.ts'

/** A thread this far behind is told in fewer, longer messages: nobody reads along any more. */
const BEHIND_MS = 5_000
/** So many waiting replies are a backlog, however young they are. */
const BACKLOG = 10
/** Events that one message names: with a line each, it still fits into what either platform takes. */
export const MAX_FOLD = 20

/**
 * The waiting replies of a thread, oldest first, that are to be sent as one message: the first alone as long as the
 * thread keeps up, else it and those that follow it. A reply that was refused before goes alone, so that it takes no
 * other with it; so does one that tells of a late event, which says more about itself.
 */
export function toFold(waiting: readonly Delivery[], nowMs: number): readonly Delivery[] {
  const [first] = waiting
  if (first === undefined) return []
  const isBehind = nowMs - first.event.receivedAtMs > BEHIND_MS || waiting.length > BACKLOG
  if (!isBehind || !canFold(first)) return [first]
  const alone = waiting.findIndex((reply) => !canFold(reply))
  return waiting.slice(0, Math.min(alone === -1 ? waiting.length : alone, MAX_FOLD))
}

/** The deliveries that are, or were, sent as one message with `head`. */
export function foldOf(head: Delivery, deliveries: readonly Delivery[]): readonly Delivery[] {
  return deliveries.filter(({ key, fold }) => key === head.key || (fold !== undefined && fold === head.key))
}

function canFold({ detail, event }: Delivery): boolean {
  return detail === 'full' && !event.late
}
