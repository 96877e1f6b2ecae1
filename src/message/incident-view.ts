import type { Incident, Named } from '../incident/incident.ts'
import { isClosed } from '../incident/state.ts'
import { toAckUrl, toSafeUrl } from './url.ts'
import {
  MAX_NAMED,
  MAX_PEOPLE,
  toDate,
  toLine,
  toList,
  toLongText,
  toName,
  toNamedView,
  toPersonView,
  toResponderView,
} from './values.ts'
import type { IncidentView } from './view.ts'
import type { Words } from './words.ts'

/** The label that holds the text written for people. */
const BODY_LABEL = 'body_text'

/** An incident as templates read it. */
export function toIncidentView(incident: Incident, words: Words): IncidentView {
  const { assignment, creator, closer, responders } = incident
  const labels = incident.labels.filter(({ name }) => name !== BODY_LABEL)
  const acknowledged = responders.filter(({ acknowledgedAtMs }) => acknowledgedAtMs !== undefined)
  const url = toSafeUrl(incident.detailUrl ?? '') ?? null
  const description = toLongText(incident.description)
  return {
    title: toLine(incident.title) ?? words.phrases.no_title,
    id: toName(incident.id) ?? '',
    num: toName(incident.num),
    severity: toName(incident.severity) ?? '',
    status: toName(incident.status) ?? '',
    progress: toName(incident.progress) ?? '',
    description,
    body: toLongText(bodyOf(incident.labels)) ?? description,
    impact: toLongText(incident.impact),
    root_cause: toLongText(incident.rootCause),
    resolution: toLongText(incident.resolution),
    channel: toName(incident.channelName),
    account: toName(incident.accountName),
    url,
    ack_url: url === null || isClosed(incident) ? null : toAckUrl(url),
    alert_count: incident.alertCount ?? null,
    started_at: toDate(incident.startedAtMs),
    created_at: toDate(incident.createdAtMs),
    updated_at: toDate(incident.updatedAtMs),
    last_alert_at: toDate(incident.lastAlertAtMs),
    recovered_at: toDate(incident.recoveredAtMs),
    acknowledged_at: toDate(incident.acknowledgedAtMs),
    closed_at: toDate(incident.closedAtMs),
    snoozed_until: toDate(incident.snoozedUntilMs),
    duration_ms: toDurationMs(incident),
    labels: toList(labels, MAX_NAMED, toNamedView),
    labels_more: Math.max(0, labels.length - MAX_NAMED),
    fields: toList(incident.fields, MAX_NAMED, toNamedView),
    fields_more: Math.max(0, incident.fields.length - MAX_NAMED),
    responders: toList(responders, MAX_PEOPLE, (responder) => toResponderView(responder, words)),
    responders_more: Math.max(0, responders.length - MAX_PEOPLE),
    responder_count: responders.length,
    acknowledged_by: toList(acknowledged, MAX_PEOPLE, (responder) => toResponderView(responder, words)),
    acknowledged_count: acknowledged.length,
    creator: creator === undefined ? null : toPersonView(creator, words),
    closer: closer === undefined ? null : toPersonView(closer, words),
    assignment: toName(assignment?.type),
    policy: toName(assignment?.policy),
    layer: assignment?.layer === undefined ? null : assignment.layer + 1,
  }
}

function bodyOf(labels: readonly Named[]): string | undefined {
  return labels.find(({ name }) => name === BODY_LABEL)?.value
}

/** How long it lasted. Null while open: a length that grows would change a card that did not change. */
function toDurationMs(incident: Incident): number | null {
  if (!isClosed(incident) || incident.startedAtMs === undefined) return null
  const recovered = incident.status === 'Ok' ? incident.recoveredAtMs : undefined
  const endedAtMs = recovered ?? incident.closedAtMs ?? incident.recoveredAtMs
  return endedAtMs === undefined || endedAtMs < incident.startedAtMs ? null : endedAtMs - incident.startedAtMs
}
