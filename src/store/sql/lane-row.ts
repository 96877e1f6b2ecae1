import type { Delivery, DeliveryState } from '../delivery.ts'
import type { Lane, Urgency } from '../lane.ts'
import { fromJson, present, toText } from './rows.ts'

export interface LaneRow {
  readonly incident_id: string
  readonly destination: string
  readonly generation: number
  readonly card_json: string | null
  readonly wanted_version: number
  readonly shown_version: number
  readonly shown_hash: string | null
  readonly frozen: number
  readonly edit_attempts: number
  readonly edit_due_at_ms: number
  readonly edit_again_at_ms: number | null
  readonly shown_at_ms: number
  readonly changed_since_ms: number
  readonly changed_at_ms: number
  readonly urgency: Urgency
  readonly touched: number
  readonly epoch: number
  readonly lease_until_ms: number
}

export const LANE = `
  SELECT incident_id, destination, generation, card_json, wanted_version, shown_version, shown_hash, frozen,
    edit_attempts, edit_due_at_ms, edit_again_at_ms, shown_at_ms, changed_since_ms, changed_at_ms, urgency, touched, epoch, lease_until_ms
  FROM lane WHERE incident_id = ? AND destination = ?`
export const LANES_OF_INCIDENT = `
  SELECT incident_id, destination, generation, card_json, wanted_version, shown_version, shown_hash, frozen,
    edit_attempts, edit_due_at_ms, edit_again_at_ms, shown_at_ms, changed_since_ms, changed_at_ms, urgency, touched, epoch, lease_until_ms
  FROM lane WHERE incident_id = ? ORDER BY destination`

export function toLane(row: LaneRow): Lane {
  return {
    incidentId: row.incident_id,
    destination: row.destination,
    generation: row.generation,
    ...(row.card_json !== null && { card: fromJson<NonNullable<Lane['card']>>(row.card_json) }),
    wantedVersion: row.wanted_version,
    shownVersion: row.shown_version,
    ...present('shownHash', row.shown_hash),
    frozen: row.frozen !== 0,
    editAttempts: row.edit_attempts,
    editDueAtMs: row.edit_due_at_ms,
    ...present('editAgainAtMs', row.edit_again_at_ms),
    shownAtMs: row.shown_at_ms,
    changedSinceMs: row.changed_since_ms,
    changedAtMs: row.changed_at_ms,
    urgency: row.urgency,
  }
}

export interface DeliveryRow {
  readonly key: string
  readonly kind: Delivery['kind']
  readonly generation: number
  readonly seq: number
  readonly state: DeliveryState
  readonly attempts: number
  readonly due_at_ms: number
  readonly detail: Delivery['detail']
  readonly sent_at_ms: number | null
  readonly unclear_at_ms: number | null
  readonly reason: string | null
  readonly fold_key: string | null
  readonly broadcast: number
  readonly mention_json: string
  readonly late: number
  readonly event_id: string
  readonly body: string | Uint8Array
  readonly received_at_ms: number
  readonly effective_at_ms: number
  readonly changes_json: string
}

/**
 * What a lane still owes: the card first, however late it came to be owed, then what may have been sent, of which there
 * is one message at most, then replies in order.
 */
export const OPEN_DELIVERIES = `
  SELECT d.key, d.kind, d.generation, d.seq, d.state, d.attempts, d.due_at_ms, d.detail, d.sent_at_ms, d.unclear_at_ms, d.reason, d.fold_key, d.broadcast,
    d.mention_json, d.late, d.event_id, e.body, e.received_at_ms, e.effective_at_ms, e.changes_json
  FROM delivery d JOIN event e ON e.id = d.event_id
  WHERE d.incident_id = ? AND d.destination = ? AND d.state IN ('pending', 'sending', 'ambiguous')
  ORDER BY d.kind <> 'card', d.state = 'pending', d.seq LIMIT 60`

/** Whom a delivery calls. Databases older than 0.1.0 hold words here, which call nobody any more. */
export function toMention(json: string): Delivery['mention'] {
  const mention = fromJson<unknown>(json)
  return Array.isArray(mention) ? mention.filter((who) => typeof who === 'object') : []
}

export function toDelivery(row: DeliveryRow): Delivery {
  return {
    key: row.key,
    kind: row.kind,
    generation: row.generation,
    seq: row.seq,
    state: row.state,
    attempts: row.attempts,
    dueAtMs: row.due_at_ms,
    detail: row.detail,
    ...present('sentAtMs', row.sent_at_ms),
    ...present('unclearAtMs', row.unclear_at_ms),
    ...present('reason', row.reason),
    ...present('fold', row.fold_key),
    broadcast: row.broadcast !== 0,
    mention: toMention(row.mention_json),
    event: {
      id: row.event_id,
      body: toText(row.body),
      receivedAtMs: row.received_at_ms,
      effectiveAtMs: row.effective_at_ms,
      changes: fromJson(row.changes_json),
      late: row.late !== 0,
    },
  }
}
