import { hash } from 'node:crypto'
import type { Log } from '../ops/log.ts'
import type { Metrics } from '../ops/metrics.ts'
import type { NewEvent, Store } from '../store/store.ts'
import { toEnvelope } from './envelope.ts'
import { parseJson } from './json.ts'
import type { Refusal } from './refusal.ts'
import { createSeen } from './seen.ts'
import type { Acceptance } from './seen.ts'
import { effectiveTimeMs, receivedTimeMs } from './time.ts'

export interface IntakeOptions {
  readonly store: Pick<Store, 'accept'>
  readonly metrics: Pick<Metrics, 'event' | 'conflict' | 'skewed'>
  readonly log: Log
  /** An event is on its way to the store: whoever asks the store from now on finds it, unless it could not be kept. */
  readonly onStoring: () => void
  /** The clock that instants are told by is the store's own, and not only this machine's in its place. */
  readonly isClockSure: () => boolean
}

/**
 * What became of a body.
 *
 * - `stored`   it is on disk, as a new event or as one known before.
 * - `refused`  it is no event; nothing was kept.
 * - `failed`   it is an event, and the store would not take it.
 */
export type Taken =
  | { readonly kind: 'stored'; readonly id: string; readonly result: Acceptance['result'] }
  | { readonly kind: 'refused' | 'failed'; readonly refusal: Refusal }

export interface Intake {
  /**
   * Keep a body as an event: the one way in, for pushes that come and for those
   * that are read again. `receivedAtMs` is when it first came. Never rejects.
   */
  take(bytes: Uint8Array, receivedAtMs: number): Promise<Taken>
}

export function createIntake({ store, metrics, log, onStoring, isClockSure }: IntakeOptions): Intake {
  const seen = createSeen(store, onStoring)

  async function accept(event: NewEvent): Promise<Taken> {
    const ids = { event_id: event.id, incident_id: event.incidentId }
    let acceptance: Acceptance
    try {
      acceptance = await seen.accept(event)
    } catch (error) {
      log.error({ ...ids, err: error }, 'webhook.store_unavailable')
      const refusal = { code: 'store_unavailable', reason: 'The event could not be stored.' } as const
      return { kind: 'failed', refusal }
    }
    const { result, conflict } = acceptance
    metrics.event(result, event.type)
    log.debug({ ...ids, result }, 'webhook.accepted')
    if (conflict) {
      metrics.conflict()
      log.warn(ids, 'webhook.event_id_conflict')
    }
    return { kind: 'stored', id: event.id, result }
  }

  return {
    async take(bytes, receivedAtMs) {
      const parsed = parseJson(bytes)
      if (!parsed.ok) return { kind: 'refused', refusal: parsed }
      const envelope = toEnvelope(parsed.value)
      if (!envelope.ok) return { kind: 'refused', refusal: envelope }
      if (envelope.timeMs !== undefined) metrics.skewed((receivedAtMs - envelope.timeMs) / 1000)
      const atMs = isClockSure() ? receivedAtMs : receivedTimeMs(envelope.timeMs, receivedAtMs)
      return accept({
        id: envelope.eventId,
        incidentId: envelope.incidentId,
        type: envelope.eventType,
        effectiveAtMs: effectiveTimeMs(envelope.timeMs, atMs),
        receivedAtMs: atMs,
        body: parsed.text,
        bodyHash: hash('sha256', bytes),
      })
    },
  }
}
