import { toIncident, toPush } from './strip-push.js'

/**
 * @typedef {import('./strip-push.js').Incident} Incident
 * @typedef {import('./strip-push.js').Push} Push
 * @typedef {Iterable<Push>} Run  Each is made when it is sent, so that its time is true.
 */

/** Changes that are told in different ways. */
const BURST_TYPES = ['i_comm', 'i_ack', 'i_r_desc', 'i_merge', 'i_r_field', 'i_r_title']

/**
 * Many changes to one incident, one after another. The last card says so in its title.
 * @param {Incident} incident
 * @param {{ count: number, severity: string, newId: () => string }} options
 * @returns {Run}
 */
export function* toBurst(incident, { count, severity, newId }) {
  let current = incident
  for (let n = 1; n <= count; n++) {
    const type = BURST_TYPES[n % BURST_TYPES.length] ?? 'i_comm'
    const title = `${incident.title} (change ${n} of ${count})`
    const push = toPush({ type, incident: current, severity, nowMs: Date.now(), id: newId() })
    current = { ...push.incident, title, alert_cnt: (incident.alert_cnt ?? 0) + n }
    yield { ...push, incident: current }
  }
}

/**
 * Many incidents that begin at once.
 * @param {{ count: number, severity: string, channel: string, newId: () => string }} options
 * @returns {Run}
 */
export function* toStorm({ count, severity, channel, newId }) {
  for (let n = 1; n <= count; n++) {
    const nowMs = Date.now()
    const title = `host-${String(n).padStart(2, '0')}: not reachable`
    const incident = toIncident({ id: newId(), title, channel, severity, nowMs })
    yield toPush({ type: 'i_new', incident, severity, nowMs, id: newId() })
  }
}

/** @type {readonly (readonly [type: string, severity: string])[]} */
const STORY = [
  ['i_new', 'Warning'],
  ['i_assign', 'Warning'],
  ['i_ack', 'Warning'],
  ['i_comm', 'Warning'],
  ['i_r_severity', 'Critical'],
  ['i_r_rc', 'Critical'],
  ['i_rslv', 'Critical'],
]

/**
 * The life of an incident.
 * @param {Incident} incident
 * @param {{ newId: () => string }} options
 * @returns {Run}
 */
export function* toStory(incident, { newId }) {
  let current = incident
  for (const [type, severity] of STORY) {
    const push = toPush({ type, incident: current, severity, nowMs: Date.now(), id: newId() })
    current = push.incident
    yield push
  }
}
