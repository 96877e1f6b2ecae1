/** One push of the sample incident, and when it happens after the first. */
export interface DemoPush {
  readonly afterMs: number
  readonly body: Readonly<Record<string, unknown>>
}

const ANN = { person_id: 2291048792504, person_name: 'Ann Lee', email: 'ann@example.com' }
const BEN = { person_id: 2291048792505, person_name: 'Ben Ortiz', email: 'ben@example.com' }

/**
 * A checkout outage, as the source would push it: triggered, assigned, acknowledged, made more severe, commented on,
 * explained, recovered; and meanwhile something smaller elsewhere, which stays open. One label quotes a request that
 * tries to call everybody and to be markup: it must not come to more than text. `nowMs` is when it begins; `id` makes
 * its ids its own.
 */
export function toDemoPushes(nowMs: number, id: string): readonly DemoPush[] {
  const at = (afterMs: number): number => Math.floor((nowMs + afterMs) / 1000)
  const push = (afterMs: number, type: string, incident: Incident, person?: object): DemoPush => ({
    afterMs,
    body: {
      event_id: `demo-${incident.incident_id}-${type}`,
      event_type: type,
      event_time: nowMs + afterMs,
      ...(person !== undefined && { person }),
      incident: { ...incident, updated_at: at(afterMs) },
    },
  })
  const checkout = {
    ...toIncident(`demo${id}`, at(0)),
    num: id.slice(-6).toUpperCase(),
    title: 'checkout-api: 5xx rate above 5%',
    description: 'HTTP 502 from payment-gateway. At this rate the error budget of the month is gone in 40 minutes.',
    incident_severity: 'Warning',
    incident_status: 'Warning',
    channel_id: 1840312623504,
    channel_name: 'Payments',
    alert_cnt: 9,
    labels: {
      service: 'checkout-api',
      env: 'prod',
      region: 'eu-west-1',
      last_request: 'GET /pay?note=<!channel> @everyone <script>',
    },
    fields: { priority: 'P1' },
  }
  const search = {
    ...toIncident(`demo${id}s`, at(8_000)),
    num: `${id.slice(-5)}S`.toUpperCase(),
    title: 'search: p99 latency above 2 s',
    description: 'Shard 7 is rebuilding its index.',
    incident_severity: 'Info',
    incident_status: 'Info',
    channel_id: 1840312623505,
    channel_name: 'Search',
    alert_cnt: 2,
    labels: { service: 'search', env: 'prod' },
  }
  const responders = (acknowledgedAt: number): readonly object[] => [
    { ...ANN, assigned_at: at(3_000), acknowledged_at: acknowledgedAt },
    { ...BEN, assigned_at: at(3_000), acknowledged_at: 0 },
  ]
  const assigned = {
    ...checkout,
    assigned_to: { type: 'assign', escalate_rule_name: 'Payments on-call', layer_idx: 0, assigned_at: at(3_000) },
    responders: responders(0),
  }
  const acknowledged = { ...assigned, progress: 'Processing', ack_time: at(6_000), responders: responders(at(6_000)) }
  const severe = { ...acknowledged, incident_severity: 'Critical', incident_status: 'Critical', alert_cnt: 27 }
  const explained = { ...severe, root_cause: 'Release 2.41 of payment-gateway closes idle connections; rolled back.' }
  const end = { end_time: at(20_000), close_time: at(20_000) }
  const closed = { ...explained, ...end, progress: 'Closed', incident_status: 'Ok' }
  return [
    push(0, 'i_new', checkout),
    push(3_000, 'i_assign', assigned),
    push(6_000, 'i_ack', acknowledged, ANN),
    push(8_000, 'i_new', search),
    push(10_000, 'i_r_severity', severe, ANN),
    push(13_000, 'i_comm', severe, BEN),
    push(16_000, 'i_r_rc', explained, BEN),
    push(20_000, 'i_rslv', closed),
  ]
}

type Incident = { readonly incident_id: string } & Readonly<Record<string, unknown>>

/** What every incident has at its beginning. */
function toIncident(id: string, startedAt: number): Incident {
  return {
    incident_id: id,
    progress: 'Triggered',
    account_name: 'Example',
    created_at: startedAt,
    start_time: startedAt,
    last_time: startedAt,
    end_time: 0,
    ack_time: 0,
    close_time: 0,
    snoozed_before: 0,
    fields: {},
    responders: [],
    group_method: 'p',
    detail_url: `https://console.flashcat.cloud/incident/detail/${id}`,
  }
}
