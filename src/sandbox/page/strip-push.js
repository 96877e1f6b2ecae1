/**
 * @typedef {Record<string, any>} Incident  As the source sends it.
 * @typedef {{ event_id: string, event_type: string, event_time: number, person?: object, incident: Incident }} Push
 */

/** @type {readonly (readonly [type: string, words: string])[]} */
export const TYPES = [
  ['i_new', 'created'],
  ['i_assign', 'assigned'],
  ['i_snooze', 'snoozed'],
  ['i_wake', 'snooze ended by hand'],
  ['i_ack', 'acknowledged'],
  ['i_unack', 'acknowledgment withdrawn'],
  ['i_storm', 'alert storm'],
  ['i_custom', 'custom action'],
  ['i_rslv', 'recovered and closed'],
  ['i_reopen', 'reopened'],
  ['i_merge', 'merged'],
  ['i_comm', 'commented'],
  ['i_r_title', 'title changed'],
  ['i_r_desc', 'description changed'],
  ['i_r_impact', 'impact changed'],
  ['i_r_rc', 'root cause changed'],
  ['i_r_rsltn', 'resolution changed'],
  ['i_r_severity', 'severity changed'],
  ['i_r_field', 'custom field changed'],
  ['i_not_known_yet', 'a type nobody knows'],
]

const ANN = { person_id: 2291048792504, person_name: 'Ann Lee', email: 'ann@example.com' }
const BOB = { person_id: 2291048792505, person_name: 'Bob Cruz', email: 'bob@example.com' }
/** Nobody does these: monitoring does. */
const BY_NOBODY = ['i_new', 'i_storm', 'i_rslv']

/**
 * A push that tells of one event, as the source would send it after what happened to the incident before.
 * @param {{ type: string, incident: Incident, severity: string, nowMs: number, id: string }} about
 * @returns {Push}
 */
export function toPush({ type, incident, severity, nowMs, id }) {
  const now = Math.floor(nowMs / 1000)
  const status = incident['incident_status'] === 'Ok' ? 'Ok' : severity
  const changed = { ...incident, incident_severity: severity, incident_status: status }
  return {
    event_id: id,
    event_type: type,
    event_time: nowMs,
    ...(!BY_NOBODY.includes(type) && { person: ANN }),
    incident: { ...changed, ...CHANGES[type]?.(changed, now), updated_at: now },
  }
}

/**
 * An incident that begins now.
 * @param {{ id: string, title: string, channel: string, severity: string, nowMs: number }} about
 * @returns {Incident}
 */
export function toIncident({ id, title, channel, severity, nowMs }) {
  const now = Math.floor(nowMs / 1000)
  return {
    incident_id: id,
    num: id.slice(-6).toUpperCase(),
    title,
    description: 'Sent from the sandbox page.',
    incident_severity: severity,
    incident_status: severity,
    progress: 'Triggered',
    channel_name: channel,
    created_at: now,
    updated_at: now,
    start_time: now,
    last_time: now,
    end_time: 0,
    ack_time: 0,
    close_time: 0,
    snoozed_before: 0,
    alert_cnt: 1,
    labels: { service: 'checkout', env: 'prod' },
    fields: { priority: 'P3' },
    responders: [],
    detail_url: `https://console.flashcat.cloud/incident/detail/${id}`,
  }
}

/** @type {Readonly<Record<string, (incident: Incident, now: number) => object>>} */
const CHANGES = {
  i_assign: ({ responders = [] }, now) => ({
    assigned_to: {
      type: responders.length > 0 ? 'reassign' : 'assign',
      escalate_rule_name: 'Payments on call',
      layer_idx: 0,
      assigned_at: now,
    },
    responders: toResponders(responders.length === 1 ? [BOB] : [ANN, BOB], now, 0),
  }),
  i_snooze: (_, now) => ({ snoozed_before: now + 3600 }),
  i_wake: () => ({ snoozed_before: 0 }),
  i_ack: (_, now) => ({ progress: 'Processing', ack_time: now, responders: toResponders([ANN, BOB], now, now) }),
  i_unack: (_, now) => ({ progress: 'Triggered', ack_time: 0, responders: toResponders([ANN, BOB], now, 0) }),
  i_storm: ({ alert_cnt = 0 }) => ({ alert_cnt: alert_cnt + 100 }),
  i_rslv: (_, now) => ({ progress: 'Closed', incident_status: 'Ok', end_time: now, close_time: now }),
  i_reopen: ({ incident_severity }) => ({
    progress: 'Triggered',
    incident_status: incident_severity,
    end_time: 0,
    close_time: 0,
  }),
  i_merge: ({ alert_cnt = 0 }) => ({ alert_cnt: alert_cnt + 5 }),
  i_r_title: ({ title = '' }) => ({ title: toOther(title, ' (renamed)') }),
  i_r_desc: ({ description = '' }) => ({
    description: toOther(description, '\nThe error budget burns 14 times too fast.'),
  }),
  i_r_impact: ({ impact = '' }) => ({ impact: toOther(impact, 'One payment in eight fails.') }),
  i_r_rc: ({ root_cause = '' }) => ({ root_cause: toOther(root_cause, 'A deploy halved the connection pool.') }),
  i_r_rsltn: ({ resolution = '' }) => ({ resolution: toOther(resolution, 'The deploy was rolled back.') }),
  i_r_field: ({ fields = {} }) => ({ fields: { ...fields, priority: fields.priority === 'P1' ? 'P2' : 'P1' } }),
}

/** @param {readonly object[]} people  @param {number} assignedAt  @param {number} firstAcknowledgedAt */
function toResponders(people, assignedAt, firstAcknowledgedAt) {
  return people.map((person, index) => ({
    ...person,
    assigned_at: assignedAt,
    acknowledged_at: index === 0 ? firstAcknowledgedAt : 0,
  }))
}

/**
 * The text with the addition, or without it if it has it: a change either way.
 * @param {string} text
 * @param {string} addition
 */
function toOther(text, addition) {
  return text.endsWith(addition) ? text.slice(0, -addition.length) : text + addition
}
