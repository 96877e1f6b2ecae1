import type { Found, Lost } from '../platform/platform.ts'
import type { Delivery } from '../store/delivery.ts'
import type { LaneWork } from '../store/lane.ts'
import { foldOf } from './fold.ts'
import { mayCall, reserve, save, type Change, type Held } from './held.ts'
import { sendDeliveries } from './send.ts'
import { toReason } from './report.ts'
import { hold, retryAtMs, toAll, toRetry } from './settle.ts'

/**
 * Find out what became of a create whose answer was lost: adopt what was posted,
 * or send again what was not. Until that is known, nothing else is created here.
 */
export async function reconcile(held: Held, unclear: Delivery): Promise<LaneWork | undefined> {
  const { options, outlet, work } = held
  const delivery = work.deliveries.find(({ key }) => key === unclear.fold) ?? unclear
  const together = foldOf(delivery, work.deliveries)
  const startedAtMs = options.clock.now()
  const { card } = work.lane
  const { key, kind, attempts } = delivery
  const sentAtMs = delivery.sentAtMs ?? startedAtMs
  const lost: Lost = {
    kind,
    channel: outlet.channel,
    key,
    sentAtMs,
    ...(delivery.unclearAtMs !== undefined && { unclearSinceMs: delivery.unclearAtMs }),
    ...(card !== undefined && { card }),
  }
  if (!mayCall(held)) return save(held, {})
  reserve(held, 'find')
  const found = await outlet.platform.find(lost, startedAtMs)
  options.report.attempted({
    destination: outlet.destination,
    platform: outlet.platform.kind,
    operation: 'find',
    incidentId: work.lane.incidentId,
    key,
    attempt: attempts,
    outcome: found.kind === 'failed' ? found.outcome.kind : found.kind,
    ...(found.kind === 'failed' && toReason(found.outcome)),
    durationMs: options.clock.now() - startedAtMs,
  })
  if (found.kind === 'failed') await options.heard(outlet, work.lane.incidentId, found.outcome)
  // At once: a moment later the platform might not know the key any more, and not finding it would prove nothing.
  if (found.kind === 'absent') return sendDeliveries(held, together)
  return save(held, await settle(held, delivery, together, found))
}

async function settle(
  held: Held,
  delivery: Delivery,
  together: readonly Delivery[],
  found: Exclude<Found, { kind: 'absent' }>,
): Promise<Change> {
  const { options } = held
  const { kind, attempts } = delivery
  const nowMs = options.clock.now()
  switch (found.kind) {
    case 'found': {
      const done = toAll(together, { state: 'done', ref: found.ref })
      if (kind === 'reply') return done
      // Nobody knows which version it shows, so it owes an edit.
      return {
        ...done,
        set: {
          card: found.ref,
          shownVersion: 0,
          shownHash: null,
          shownAtMs: nowMs,
          editAgainAtMs: null,
          frozen: false,
        },
      }
    }
    case 'wait':
      return toAll(together, { dueAtMs: found.untilMs })
    case 'unable':
      return byPolicy(held, delivery, together, found.detail)
    case 'failed': {
      const unclearAtMs = delivery.unclearAtMs ?? delivery.sentAtMs ?? nowMs
      const longestMs = toPolicy(held, delivery) === 'resend' ? LONGEST_DOUBT_MS : LONGEST_LOOK_MS
      const { outcome } = found
      const isTried = outcome.kind === 'rejected' || attempts >= LEAST_LOOKS
      if (nowMs - unclearAtMs > longestMs && isTried && !options.down(held.outlet))
        return byPolicy(held, delivery, together, 'the look-up fails')
      if (outcome.kind === 'rejected') return toAll(together, { dueAtMs: nowMs + REJECTED_WAIT_MS })
      const dueAtMs = await retryAtMs(held, 'find', toRetry(outcome), attempts)
      return toAll(together, { attempts: attempts + 1, dueAtMs })
    }
  }
}

/**
 * After this the on-call waits too long for a message that may never have been posted: it is sent again, where policy
 * says so, unless nothing could be sent either.
 */
const LONGEST_DOUBT_MS = 10 * 60_000
/** Ours: in ten minutes there are twice as many. A relay that was away for as long has hardly looked yet. */
const LEAST_LOOKS = 8
/** A message that would be held gains nothing by it while it may still be found: only what is past all interest is. */
const LONGEST_LOOK_MS = 24 * 60 * 60_000
/** A refused look-up is no haste: if its way is broken, a circuit holds it back anyway. */
const REJECTED_WAIT_MS = 30_000

/**
 * The platform will not let us look: a doubled Critical card is better than none, for anything else it is not. Sending
 * again without knowing is done once.
 */
function byPolicy(held: Held, delivery: Delivery, together: readonly Delivery[], detail: string): Change {
  const { options, outlet, work } = held
  const { key } = delivery
  const policy = toPolicy(held, delivery)
  const fields = { destination: outlet.destination, incident_id: work.lane.incidentId, key, detail, policy }
  options.report.warned('delivery.ambiguous', fields)
  if (policy === 'hold')
    return hold(held, together, `it may have been posted, and this account cannot look (${detail})`)
  const reason = 'sent again without knowing'
  return toAll(together, { state: 'pending', dueAtMs: options.clock.now(), reason, fold: null })
}

function toPolicy({ options, work }: Held, { kind, sentAtMs, unclearAtMs }: Delivery): 'resend' | 'hold' {
  const isCriticalCard = kind === 'card' && work.incident.snapshot.severity === 'Critical'
  const wanted = options.policy().onAmbiguous ?? (isCriticalCard ? 'resend' : 'hold')
  // Whatever else was tried since: what counts is whether it was sent again.
  const isFirst = sentAtMs === undefined || unclearAtMs === undefined || sentAtMs === unclearAtMs
  return wanted === 'resend' && isFirst ? 'resend' : 'hold'
}
