import type { Found, Lost } from '../platform/platform.ts'
import type { Delivery, DeliveryPatch } from '../store/delivery.ts'
import type { LaneWork } from '../store/lane.ts'
import { reserve, save, type Change, type Held } from './held.ts'
import { sendDelivery } from './send.ts'
import { probeAtMs, retryAtMs } from './settle.ts'

/**
 * Find out what became of a create whose answer was lost: adopt what was posted,
 * or send again what was not. Until that is known, nothing else is created here.
 */
export async function reconcile(held: Held, delivery: Delivery): Promise<LaneWork | undefined> {
  const { options, outlet, work } = held
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
    durationMs: options.clock.now() - startedAtMs,
  })
  // At once: a moment later the platform might not know the key any more, and not finding it would prove nothing.
  if (found.kind === 'absent') return sendDelivery(held, delivery)
  return save(held, await settle(held, delivery, found))
}

async function settle(held: Held, delivery: Delivery, found: Exclude<Found, { kind: 'absent' }>): Promise<Change> {
  const { options } = held
  const { key, kind, attempts } = delivery
  const nowMs = options.clock.now()
  const given = (patch: Omit<DeliveryPatch, 'key'>): Change => ({ deliveries: [{ key, ...patch }] })
  switch (found.kind) {
    case 'found': {
      const done = given({ state: 'done', ref: found.ref })
      // Nobody knows which version it shows, so it owes an edit.
      return kind === 'card'
        ? { ...done, set: { card: found.ref, shownVersion: 0, shownHash: null, frozen: false } }
        : done
    }
    case 'wait':
      return given({ dueAtMs: found.untilMs })
    case 'unable':
      return byPolicy(held, delivery, found.detail)
    case 'failed': {
      const { outcome } = found
      const unclearAtMs = delivery.unclearAtMs ?? delivery.sentAtMs ?? nowMs
      if (nowMs - unclearAtMs > LONGEST_DOUBT_MS) return byPolicy(held, delivery, 'the look-up fails')
      if (outcome.kind === 'rejected') {
        const atMs = await probeAtMs(held, outcome)
        if (atMs !== undefined) return given({ dueAtMs: atMs })
      }
      const again =
        outcome.kind === 'retry' ? outcome : ({ kind: 'retry', reason: 'server_error', detail: outcome.kind } as const)
      return given({ attempts: attempts + 1, dueAtMs: retryAtMs(held, 'find', again, attempts) })
    }
  }
}

/** After this the on-call waits too long for a message that may never have been posted: policy decides. */
const LONGEST_DOUBT_MS = 10 * 60_000

/**
 * The platform will not let us look: a doubled Critical card is better than none, for others it is not. Sending again
 * without knowing is done once; a held card is not made anew by later events either.
 */
function byPolicy({ options, outlet, work }: Held, delivery: Delivery, detail: string): Change {
  const { key, kind, attempts } = delivery
  const critical = work.incident.snapshot.severity === 'Critical'
  const wanted = options.policy().onAmbiguous ?? (critical ? 'resend' : 'hold')
  const policy = wanted === 'resend' && attempts <= 1 ? 'resend' : 'hold'
  const fields = { destination: outlet.destination, incident_id: work.lane.incidentId, key, detail, policy }
  options.report.warned('delivery.ambiguous', fields)
  if (policy === 'resend') {
    const reason = 'sent again without knowing'
    return { deliveries: [{ key, state: 'pending', dueAtMs: options.clock.now(), reason }] }
  }
  const reason = `held: it may have been posted, and this account cannot look (${detail})`
  const held: Change = { deliveries: [{ key, state: 'dead', reason }] }
  return kind === 'card' ? { ...held, set: { shownVersion: work.incident.version, frozen: true } } : held
}
