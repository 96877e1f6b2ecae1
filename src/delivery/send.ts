import { toFoldedReply, toLookHash, toNewCard, toReply } from './draw.ts'
import { attempt, reserve, save, type Held } from './held.ts'
import { afterSend, ALONE, toAll, type Shown } from './settle.ts'
import type { Outcome } from '../platform/platform.ts'
import type { Delivery } from '../store/delivery.ts'
import type { LaneWork } from '../store/lane.ts'

/**
 * Make one owed create; of several replies, one message that tells them all. The intent is on disk before the call,
 * the outcome after it: whoever finds the intent without an outcome knows that it must look.
 */
export async function sendDeliveries(held: Held, deliveries: readonly Delivery[]): Promise<LaneWork | undefined> {
  const { options } = held
  const [head] = deliveries
  if (head === undefined) return save(held, {})
  const nowMs = options.clock.now()
  let call: Prepared | undefined
  try {
    call = prepare(held, head, deliveries, nowMs)
  } catch (error) {
    // A message that cannot be made must not hold up those behind it, nor take those told with it along.
    options.report.failed('delivery.unrenderable', error)
    const reason = 'bug: it could not be rendered'
    return save(held, toAll(deliveries, deliveries.length > 1 ? ALONE : { state: 'dead', reason }))
  }
  if (call === undefined) return save(held, {})
  reserve(held, head.kind)
  const attempts = head.attempts + 1
  const fold = deliveries.length > 1 ? head.key : null
  const intended = await save(held, toAll(deliveries, { state: 'sending', attempts, sentAtMs: nowMs, fold }))
  if (intended === undefined) return undefined
  const answer = call.send()
  // While the call is under way, as nobody waits for this one.
  const shown = call.toShown?.()
  // A card that is made anew tells nothing new, and its event may be old.
  const isNews = head.kind === 'reply' || head.generation === 1
  const told = { key: head.key, ...(isNews && { sinceMs: head.event.receivedAtMs }) }
  const outcome = await attempt(held, head.kind, attempts, answer, told)
  const sent = deliveries.map((delivery) => ({ ...delivery, attempts, sentAtMs: nowMs }))
  return save(held, await afterSend(held, sent, outcome, shown))
}

interface Prepared {
  readonly send: () => Promise<Outcome>
  /** What the card shows if this is sent; absent for replies. */
  readonly toShown?: () => Shown
}

/** All that can fail in us happens here, before the intent. */
function prepare(
  { options, outlet, work }: Held,
  head: Delivery,
  deliveries: readonly Delivery[],
  nowMs: number,
): Prepared | undefined {
  const { platform, channel } = outlet
  const { key, detail } = head
  if (head.kind === 'card') {
    const message = toNewCard(options, work, head, nowMs)
    const drawn = platform.drawCard(message, detail, false)
    const toShown = (): Shown => ({
      shownVersion: work.incident.version,
      shownHash: toLookHash(platform, message),
    })
    return { send: () => platform.postCard({ channel, drawn, key }), toShown }
  }
  const { card } = work.lane
  if (card === undefined) return undefined
  const message = deliveries.length === 1 ? toReply(options, head, nowMs) : toFoldedReply(options, deliveries, nowMs)
  const drawn = platform.drawReply(message, detail)
  const broadcast = deliveries.some((delivery) => delivery.broadcast)
  return { send: () => platform.reply({ card, drawn, key, broadcast }) }
}
