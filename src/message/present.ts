import { STORM_BOARD, waitingIn, type WaitingGroup } from '../incident/board.ts'
import type { Event, Incident } from '../incident/incident.ts'
import { isClosed, toState } from '../incident/state.ts'
import { toChangesView } from './changes-view.ts'
import { toIncidentView } from './incident-view.ts'
import { toDate, toLine, toPersonView } from './values.ts'
import { toSafeUrl } from './url.ts'
import { cleanLine } from './text.ts'
import type {
  BoardView,
  CardInput,
  CardView,
  EventView,
  ReplyInput,
  ReplyView,
  SeverityView,
  StateView,
  WaitingView,
} from './view.ts'
import { OTHER_SEVERITY, type Vocabulary } from './words.ts'

/** What card.yaml reads: everything clean, named and worded. */
export function toCardView({ incident, last, nowMs, replacesLost }: CardInput, vocabulary: Vocabulary): CardView {
  const event = toEventView(last, incident, { atMs: last.atMs, late: false }, vocabulary)
  return {
    ...toSharedView(incident, { eventType: last.type, atMs: nowMs }, vocabulary),
    event,
    replaces_lost: replacesLost,
  }
}

/** What board.yaml reads. */
export function toBoardView(input: CardInput, vocabulary: Vocabulary): BoardView {
  const groups = input.incident.board?.groups ?? []
  const named = ['Critical', 'Warning', 'Info'] as const
  const of = (severity: string): WaitingView | null =>
    toWaiting(
      groups.filter((group) => group.severity === severity),
      vocabulary,
    )
  const rest = groups.filter(({ severity }) => named.every((name) => name !== severity))
  const board = {
    critical: of('Critical'),
    warning: of('Warning'),
    info: of('Info'),
    other: toWaiting(rest, vocabulary),
  }
  const incident = toBoardIncident(input.incident, vocabulary)
  return { ...toCardView({ ...input, incident }, vocabulary), board: { waiting: waitingIn(groups), ...board } }
}

/** The board as an incident that is called what it is: its title is ours, and not in every language the same. */
export function toBoardIncident(incident: Incident, { events }: Vocabulary): Incident {
  return { ...incident, title: events.get(STORM_BOARD) ?? incident.title }
}

function toWaiting(groups: readonly WaitingGroup[], vocabulary: Vocabulary): WaitingView | null {
  const [first] = groups
  if (first === undefined) return null
  const { icon, label } = toSeverityView(first.severity, vocabulary)
  const count = waitingIn(groups)
  const incidents = groups
    .flatMap((group) => group.first)
    .slice(0, MAX_WAITING)
    .map(({ title, url }) => ({
      title: toLine(title) ?? vocabulary.words.phrases.no_title,
      url: toSafeUrl(url ?? '') ?? null,
    }))
  return { icon, label, count, incidents: incidents.length === 0 ? null : incidents, more: count - incidents.length }
}

/** Ours: so many links of one severity still fit a line or two. */
const MAX_WAITING = 5

/** What a file of events/ reads. The state is the one at the event's own time: a reply tells of that moment. */
export function toReplyView({ event, changes, effectiveAtMs, late }: ReplyInput, vocabulary: Vocabulary): ReplyView {
  const told = toEventView(event, event.incident, { atMs: effectiveAtMs, late }, vocabulary)
  return {
    ...toSharedView(event.incident, { eventType: event.type, atMs: effectiveAtMs }, vocabulary),
    event: told,
    changes: toChangesView(changes, vocabulary),
  }
}

type SharedView = Omit<CardView, 'event' | 'replaces_lost'>

function toSharedView(incident: Incident, { eventType, atMs }: Moment, vocabulary: Vocabulary): SharedView {
  const severity = toSeverityView(incident.severity, vocabulary)
  const status = cleanLine(incident.status)
  return {
    incident: toIncidentView(incident, vocabulary.words),
    severity,
    state: toStateView(incident, { eventType, atMs }, severity, vocabulary),
    status: { name: status, label: vocabulary.status.get(status) ?? status },
    words: vocabulary.words,
  }
}

interface Moment {
  readonly eventType: string
  readonly atMs: number
}

function toStateView(
  incident: Incident,
  { eventType, atMs }: Moment,
  severity: SeverityView,
  vocabulary: Vocabulary,
): StateView {
  const state = toState(incident, atMs)
  // Merged away: its alerts fire on, but in the other incident.
  const name = state === 'closed_firing' && eventType === 'i_merge' ? 'closed' : state
  const { icon, label, tone } = vocabulary.state.get(name) ?? { icon: '', label: name, tone: 'neutral' }
  return { name, icon, label, tone: tone === 'severity' ? severity.tone : tone, closed: isClosed(incident) }
}

function toSeverityView(given: string, vocabulary: Vocabulary): SeverityView {
  const name = cleanLine(given)
  const known = name === OTHER_SEVERITY ? undefined : vocabulary.severity.get(name)
  const other = vocabulary.severity.get(OTHER_SEVERITY)
  return {
    name,
    label: known?.label ?? name,
    icon: known?.icon ?? other?.icon ?? '',
    tone: known?.tone ?? other?.tone ?? 'neutral',
  }
}

function toEventView(
  event: Pick<Event, 'type' | 'person'>,
  incident: Incident,
  when: { readonly atMs: number; readonly late: boolean },
  { events, words }: Vocabulary,
): EventView {
  const type = cleanLine(event.type, MAX_TYPE_UNITS)
  const afterMs = incident.startedAtMs === undefined ? -1 : when.atMs - incident.startedAtMs
  return {
    type,
    label: events.get(event.type) ?? type,
    at: toDate(when.atMs) ?? new Date(0),
    by: event.person === undefined ? null : toPersonView(event.person, words),
    after_ms: afterMs >= 0 ? afterMs : null,
    late: when.late,
  }
}

/** Ours: documented types have 15 at most, and a type is shown like a word. */
const MAX_TYPE_UNITS = 60
