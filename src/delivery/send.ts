import { setImmediate as turn } from 'node:timers/promises'
import { toFoldedReply, toLookHash, toNewCard, toReply } from './draw.ts'
import { attempt, reserve, save, type Change, type Held } from './held.ts'
import { isSameList, toLateCall } from './late-call.ts'
import { afterSend, ALONE, toAll, unsent, type Shown } from './settle.ts'
import type { Outcome } from '../platform/platform.ts'
import type { Delivery } from '../store/delivery.ts'
import type { LaneWork } from '../store/lane.ts'

/**
 * Make one owed create; of several replies, one message that tells them all. The intent is on disk before the call,
 * the outcome after it: whoever finds the intent without an outcome knows that it must look.
 */
export async function sendDeliveries(claimed: Held, deliveries: readonly Delivery[]): Promise<LaneWork | undefined> {
  const { options } = claimed
  const [head] = deliveries
  if (head === undefined) return save(claimed, {})
  let held: Held | undefined = head.kind === 'card' ? await owingLateCall(claimed, head) : claimed
  if (held === undefined) return undefined
  const nowMs = options.clock.now()
  let call = prepareOrGiveUp(held, deliveries, nowMs)
  if (call === undefined || 'do' in call) return save(held, call?.do ?? {})
  reserve(held, head.kind)
  const attempts = head.attempts + 1
  const fold = deliveries.length > 1 ? head.key : null
  const intended = await save(held, toAll(deliveries, { state: 'sending', attempts, sentAtMs: nowMs, fold }))
  if (intended === undefined) return undefined
  // Until this instant events might give a new card more people to call; from now on they call them by themselves.
  const card = head.kind === 'card' ? intended.deliveries.find(({ key }) => key === head.key) : undefined
  if (card !== undefined && !isSameList(card.mention, head.mention)) {
    held = await owingLateCall({ ...held, work: intended }, card)
    if (held === undefined) return undefined
    call = prepareOrGiveUp(held, [card], nowMs)
    if (call === undefined || 'do' in call) return save(held, call?.do ?? {})
  }
  const sent = deliveries.map((delivery) => ({ ...delivery, attempts, sentAtMs: nowMs }))
  const { leaseUntilMs } = intended
  return deliver({ ...held, work: { ...held.work, leaseUntilMs } }, sent, call, head.sentAtMs)
}

/** Make a call whose intent is on disk, and store what came of it. `sentBeforeMs` is when it was tried before, if it was. */
export async function deliver(
  held: Held,
  deliveries: readonly Delivery[],
  call: Prepared,
  sentBeforeMs?: number,
): Promise<LaneWork | undefined> {
  const [head] = deliveries
  if (head === undefined) return save(held, {})
  let shown: Shown | undefined
  const send = async (): Promise<Outcome> => {
    // While the call is under way, as nobody waits for this one; a turn later its request has been written.
    const showing = turn().then(() => (shown = call.toShown?.()))
    const [outcome] = await Promise.all([call.send(), showing])
    return outcome
  }
  // A card that is made anew tells nothing new, and its event may be old.
  const isNews = head.kind === 'reply' || head.generation === 1
  const told = { key: head.key, ...(isNews && { sinceMs: head.event.receivedAtMs }) }
  const outcome = await attempt(held, head.kind, head.attempts, send, told)
  if (outcome === undefined) return save(held, unsent(deliveries, sentBeforeMs))
  return save(held, await afterSend(held, deliveries, outcome, shown))
}

/** A call with its message, ready to be made. */
export interface Prepared {
  readonly send: () => Promise<Outcome>
  /** What the card shows if this is sent; absent for replies. */
  readonly toShown?: () => Shown
}

/** See {@link toLateCall}. The lane as it is then; undefined if it is not ours any more. */
async function owingLateCall(held: Held, card: Delivery): Promise<Held | undefined> {
  const owed = toLateCall(held.outlet.platform, held.work, card)
  if (owed === undefined) return held
  const work = await save(held, { owed })
  return work && { ...held, work }
}

/** What to send, or what to write if it cannot be made. */
function prepareOrGiveUp(
  held: Held,
  deliveries: readonly Delivery[],
  nowMs: number,
): Prepared | { readonly do: Change } | undefined {
  try {
    return prepare(held, deliveries, nowMs)
  } catch (error) {
    // A message that cannot be made must not hold up those behind it, nor take those told with it along.
    held.options.report.failed('delivery.unrenderable', error)
    const reason = 'bug: it could not be rendered'
    return { do: toAll(deliveries, deliveries.length > 1 ? ALONE : { state: 'dead', reason }) }
  }
}

/** All that can fail in us happens here, before the call. */
export function prepare(
  { options, outlet, work }: Held,
  deliveries: readonly Delivery[],
  nowMs: number,
): Prepared | undefined {
  const { platform, channel } = outlet
  const [head] = deliveries
  if (head === undefined) return undefined
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
  const message =
    deliveries.length === 1 ? toReply(options, work, head, nowMs) : toFoldedReply(options, work, deliveries, nowMs)
  const drawn = platform.drawReply(message, detail)
  const broadcast = deliveries.some((delivery) => delivery.broadcast)
  return { send: () => platform.reply({ card, drawn, key, broadcast }) }
}
