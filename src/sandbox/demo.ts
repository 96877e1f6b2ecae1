/** One push of the sample incident, and when it happens after the first. */
export interface DemoPush {
  readonly afterMs: number
  readonly body: Readonly<Record<string, unknown>>
}

const ANN = { person_id: 2291048792504, person_name: 'Ann Lee', email: 'ann@example.com' }
const BOB = { person_id: 2291048792505, person_name: 'Bob Cruz', email: 'bob@example.com' }

/**
 * The life of a sample incident, as the source would push it: triggered,
 * assigned, acknowledged, commented on, made more severe, recovered.
 * `nowMs` is when it begins; `id` makes its ids its own.
 */
export function toDemoPushes(nowMs: number, id: string): readonly DemoPush[] {
  const startedAt = Math.floor(nowMs / 1000)
  const incident = {
    incident_id: `demo${id}`,
    num: id.slice(-6).toUpperCase(),
    title: 'checkout-api: 5xx rate > 12%',
    description: 'The error budget burns 14 times too fast.\nHTTP 502 from upstream payment-gateway.',
    incident_severity: 'Warning',
    incident_status: 'Warning',
    progress: 'Triggered',
    account_name: 'Example',
    channel_id: 1840312623504,
    channel_name: 'Payments',
    created_at: startedAt,
    updated_at: startedAt,
    start_time: startedAt,
    last_time: startedAt,
    end_time: 0,
    ack_time: 0,
    close_time: 0,
    snoozed_before: 0,
    alert_cnt: 9,
    labels: { service: 'checkout', env: 'prod', check: '5xx rate' },
    fields: { priority: 'P1' },
    responders: [] as readonly object[],
    group_method: 'p',
    detail_url: `https://console.flashcat.cloud/incident/detail/demo${id}`,
  }
  const at = (afterMs: number): number => startedAt + Math.floor(afterMs / 1000)
  const responders = (acknowledgedAt: number): readonly object[] => [
    { ...ANN, assigned_at: at(3_000), acknowledged_at: acknowledgedAt },
    { ...BOB, assigned_at: at(3_000), acknowledged_at: 0 },
  ]
  const assigned = {
    assigned_to: { type: 'assign', escalate_rule_name: 'Payments on-call', layer_idx: 0, assigned_at: at(3_000) },
    responders: responders(0),
  }
  const acknowledged = { ...assigned, progress: 'Processing', ack_time: at(6_000), responders: responders(at(6_000)) }
  const severe = { ...acknowledged, incident_severity: 'Critical', incident_status: 'Critical', alert_cnt: 27 }
  const closed = { ...severe, progress: 'Closed', incident_status: 'Ok', end_time: at(16_000), close_time: at(16_000) }
  const push = (afterMs: number, type: string, change: object, person?: object): DemoPush => ({
    afterMs,
    body: {
      event_id: `demo-${id}-${type}`,
      event_type: type,
      event_time: nowMs + afterMs,
      ...(person !== undefined && { person }),
      incident: { ...incident, ...change, updated_at: at(afterMs) },
    },
  })
  return [
    push(0, 'i_new', {}),
    push(3_000, 'i_assign', assigned),
    push(6_000, 'i_ack', acknowledged, ANN),
    push(9_000, 'i_comm', acknowledged, BOB),
    push(12_000, 'i_r_severity', severe, ANN),
    push(16_000, 'i_rslv', closed),
  ]
}
