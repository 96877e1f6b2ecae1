import { deliveryKey, isCall } from '../incident/key.ts'
import type { Mentioned } from '../message/message.ts'
import type { Platform } from '../platform/platform.ts'
import type { Delivery } from '../store/delivery.ts'
import type { LanePatch, LaneWork } from '../store/lane.ts'

/** A reply waits for the ids of those it calls: how soon it is looked whether they are known. */
const LOOK_AGAIN_MS = 100

/** Whom a card calls: all that are meant, but for those that a line of the thread is owed for. */
export function toCalled({ deliveries }: LaneWork, card: Delivery): readonly Mentioned[] {
  const calledBelow = deliveries.filter(({ key }) => isCall(key)).flatMap(({ mention }) => mention)
  return card.mention.filter((who) => !calledBelow.some((other) => isSame(who, other)))
}

/**
 * A new card waits for nobody: a line in its thread, which may wait a moment, is owed for those whose id is being looked
 * up. Undefined if there is nobody to look up.
 */
export function toLateCall(
  platform: Pick<Platform, 'reach'>,
  work: LaneWork,
  card: Delivery,
): LanePatch['owed'] | undefined {
  const mention = toCalled(work, card).filter((who) => platform.reach(who) === 'soon')
  if (mention.length === 0) return undefined
  const { lane, incident, deliveries } = work
  const { generation } = card
  const key = deliveryKey('late_call', lane, `${generation}.${deliveries.filter(({ key: k }) => isCall(k)).length}`)
  const eventId = incident.last.id
  return { key, kind: 'reply', generation, broadcast: false, mention, late: false, eventId }
}

/** When to look again whether all those are known whom replies call; undefined if nobody has to be waited for. */
export function lookAgainAtMs(
  platform: Pick<Platform, 'reach'>,
  replies: readonly Delivery[],
  nowMs: number,
): number | undefined {
  const isSought = replies.some(({ mention }) => mention.some((who) => platform.reach(who) === 'soon'))
  return isSought ? nowMs + LOOK_AGAIN_MS : undefined
}

/** A line that is owed only for whom it calls, and would call nobody. What may have been posted already is not. */
export function isIdle(platform: Pick<Platform, 'reach'>, { key, mention, unclearAtMs }: Delivery): boolean {
  return isCall(key) && unclearAtMs === undefined && !mention.some((who) => platform.reach(who) === 'yes')
}

export function isSameList(a: readonly Mentioned[], b: readonly Mentioned[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function isSame(a: Mentioned, b: Mentioned): boolean {
  return isSameList([a], [b])
}
