import { toNewCard, toLookHash, toReply } from './draw.ts'
import { attempt, reserve, save, type Held } from './held.ts'
import { afterSend } from './settle.ts'
import type { Outcome } from '../platform/platform.ts'
import type { Delivery } from '../store/delivery.ts'
import type { LaneWork } from '../store/lane.ts'

/**
 * Make one owed create. The intent is on disk before the call, the outcome after
 * it: whoever finds the intent without an outcome knows that it must look.
 */
export async function sendDelivery(held: Held, delivery: Delivery): Promise<LaneWork | undefined> {
  const { options } = held
  const operation = delivery.kind
  const nowMs = options.clock.now()
  let call: Prepared | undefined
  try {
    call = prepare(held, delivery, nowMs)
  } catch (error) {
    // A message that cannot be made must not hold up those behind it.
    options.report.failed('delivery.unrenderable', error)
    return save(held, { deliveries: [{ key: delivery.key, state: 'dead', reason: 'bug: it could not be rendered' }] })
  }
  if (call === undefined) return save(held, {})
  reserve(held, operation)
  const attempts = delivery.attempts + 1
  const intended = await save(held, {
    deliveries: [{ key: delivery.key, state: 'sending', attempts, sentAtMs: nowMs }],
  })
  if (intended === undefined) return undefined
  const outcome = await attempt(held, operation, attempts, call.send(), delivery.key)
  return save(held, await afterSend(held, { ...delivery, attempts, sentAtMs: nowMs }, outcome, call.shown))
}

interface Prepared {
  readonly send: () => Promise<Outcome>
  /** What the card shows if this is sent; absent for replies. */
  readonly shown?: { readonly shownVersion: number; readonly shownHash: string }
}

/** All that can fail in us happens here, before the intent. */
function prepare({ options, outlet, work }: Held, delivery: Delivery, nowMs: number): Prepared | undefined {
  const { platform, channel } = outlet
  const { key, detail, broadcast } = delivery
  if (delivery.kind === 'card') {
    const message = toNewCard(options, work, delivery, nowMs)
    const drawn = platform.drawCard(message, detail, false)
    const shown = { shownVersion: work.incident.version, shownHash: toLookHash(platform, message) }
    return { send: () => platform.postCard({ channel, drawn, key }), shown }
  }
  const { card } = work.lane
  if (card === undefined) return undefined
  const drawn = platform.drawReply(toReply(options, delivery, nowMs), detail)
  return { send: () => platform.reply({ card, drawn, key, broadcast }) }
}
