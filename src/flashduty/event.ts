import type * as v from 'valibot'
import type { Assignment, Event, Incident, Person, Responder } from '../incident/incident.ts'
import { UNKNOWN } from '../incident/incident.ts'
import { STORM_BOARD } from '../incident/board.ts'
import { defined } from '../defined.ts'
import { toBoard } from './board.ts'
import { toEnvelope } from './envelope.ts'
import { parseJsonText } from './json.ts'
import { toFields, toLabels } from './named.ts'
import type { NamedList } from './named.ts'
import { isObject, member } from './object.ts'
import { AssignmentFields, IncidentFields, PersonFields, PushFields, readFields, ResponderFields } from './push.ts'

/** Ours: nobody reads a longer list, and every one of them costs a look-up when mentioned. */
const MAX_RESPONDERS = 200

export interface ReadEvent {
  readonly event: Event
  /** Paths of what was present but unusable, for the log. Never a value, nor a name the source chose. */
  readonly dropped: readonly string[]
}

/** Read a stored body again. A body that was accepted gives an event; undefined means it never was one. */
export function readEvent(body: string): ReadEvent | undefined {
  const parsed = parseJsonText(body)
  return parsed.ok ? toEvent(parsed.value) : undefined
}

/**
 * One push as an {@link Event}; undefined only if its envelope is unusable. A
 * field that is missing or of a wrong type costs the field, never the event.
 * Unknown fields are ignored, unknown types pass.
 *
 * What an incident cannot be without is concluded from the rest: the title is
 * `(no title)`; severity follows the status, else it is Unknown; status follows the
 * recovery time, else the severity; progress follows the closing and
 * acknowledgment times.
 */
export function toEvent(value: unknown): ReadEvent | undefined {
  const envelope = toEnvelope(value)
  if (!envelope.ok || !isObject(value)) return undefined
  const dropped: string[] = []
  const push = readFields(PushFields, value, '', dropped)
  const incident = toIncident(envelope.incidentId, member(value, 'incident'), dropped)
  const board = envelope.eventType === STORM_BOARD ? toBoard(member(value, 'board')) : undefined
  const event: Event = defined({
    id: envelope.eventId,
    type: envelope.eventType,
    timeMs: push.event_time,
    person: toPerson(push.person, 'person', dropped),
    incident: board === undefined ? incident : { ...incident, board },
  })
  return { event, dropped: [...new Set(dropped)] }
}

function toIncident(id: string, value: unknown, dropped: string[]): Incident {
  const fields = readFields(IncidentFields, value, 'incident.', dropped)
  const labels = toList(toLabels(fields.labels ?? {}), 'incident.labels.*', dropped)
  const custom = toList(toFields(fields.fields ?? {}), 'incident.fields.*', dropped)
  return defined({
    id,
    title: fields.title ?? '(no title)',
    ...toCondition(fields),
    num: fields.num,
    description: fields.description,
    impact: fields.impact,
    rootCause: fields.root_cause,
    resolution: fields.resolution,
    createdAtMs: fields.created_at,
    updatedAtMs: fields.updated_at,
    startedAtMs: fields.start_time,
    lastAlertAtMs: fields.last_time,
    recoveredAtMs: fields.end_time,
    acknowledgedAtMs: fields.ack_time,
    closedAtMs: fields.close_time,
    snoozedUntilMs: fields.snoozed_before,
    alertCount: fields.alert_cnt,
    channelId: fields.channel_id,
    channelName: fields.channel_name,
    accountName: fields.account_name,
    detailUrl: fields.detail_url,
    groupMethod: fields.group_method,
    labels,
    fields: custom,
    creator: toPerson(fields.creator, 'incident.creator', dropped),
    closer: toPerson(fields.closer, 'incident.closer', dropped),
    responders: toResponders(fields.responders ?? [], dropped),
    assignment: toAssignment(fields.assigned_to, dropped),
  })
}

type IncidentValues = ReturnType<typeof readFields<typeof IncidentFields.entries>>

function toCondition(fields: IncidentValues): Pick<Incident, 'severity' | 'status' | 'progress'> {
  const severity = toWord(fields.incident_severity, ['Critical', 'Warning', 'Info'])
  const status = toWord(fields.incident_status, ['Critical', 'Warning', 'Info', 'Ok'])
  const progress = toWord(fields.progress, ['Triggered', 'Processing', 'Closed'])
  const likelySeverity = severity ?? (status === undefined || status === 'Ok' ? UNKNOWN : status)
  const isAcknowledged = fields.ack_time !== undefined
  return {
    severity: likelySeverity,
    status: status ?? (fields.end_time === undefined ? likelySeverity : 'Ok'),
    progress: progress ?? (fields.close_time !== undefined ? 'Closed' : isAcknowledged ? 'Processing' : 'Triggered'),
  }
}

/** A known word in the vendor's spelling, whatever its case; any other word as it is. */
function toWord(text: string | undefined, known: readonly string[]): string | undefined {
  const word = text?.trim()
  return known.find((one) => one.toLowerCase() === word?.toLowerCase()) ?? word
}

function toPerson(value: unknown, path: string, dropped: string[]): Person | undefined {
  return isObject(value) ? nameable(readFields(PersonFields, value, `${path}.`, dropped)) : undefined
}

function toResponder(value: unknown, dropped: string[]): Responder | undefined {
  const fields = readFields(ResponderFields, value, 'incident.responders.*.', dropped)
  const person = nameable(fields)
  return person && defined({ ...person, assignedAtMs: fields.assigned_at, acknowledgedAtMs: fields.acknowledged_at })
}

/** Undefined if there is nothing to call the person by. */
function nameable(fields: v.InferOutput<typeof PersonFields>): Person | undefined {
  const name = fields.person_name ?? fields.email ?? fields.person_id
  return name === undefined ? undefined : defined({ id: fields.person_id, name, email: fields.email })
}

function toResponders(values: readonly unknown[], dropped: string[]): Responder[] {
  const responders = values.slice(0, MAX_RESPONDERS).flatMap((value) => toResponder(value, dropped) ?? [])
  if (responders.length < values.length) dropped.push('incident.responders.*')
  return responders
}

function toAssignment(value: unknown, dropped: string[]): Assignment | undefined {
  if (!isObject(value)) return undefined
  const fields = readFields(AssignmentFields, value, 'incident.assigned_to.', dropped)
  const assignment = defined({ type: fields.type, policy: fields.escalate_rule_name, layer: fields.layer_idx })
  return Object.keys(assignment).length === 0 ? undefined : assignment
}

function toList(named: NamedList, path: string, dropped: string[]): NamedList['list'] {
  if (named.dropped > 0) dropped.push(path)
  return named.list
}
