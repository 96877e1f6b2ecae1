import { toChanges } from '../../incident/changes.ts'
import { isBoard } from '../../incident/board.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Language } from '../../incident/language.ts'
import { toPlan } from '../../incident/plan.ts'
import type { Route } from '../../incident/route.ts'
import type { Message } from '../../message/message.ts'
import type { Rendered, Templates } from '../../message/template.ts'
import type { Drawn, Platform } from '../../platform/platform.ts'
import type { Lane } from '../../store/lane.ts'
import type { AppliedPlan, PlannedLane, StoredIncident } from '../../store/store.ts'
import type { Subject } from './subject.ts'

/** A chat channel a message could go to. */
export interface Place {
  readonly destination: string
  readonly platform: Platform
}

export interface PreviewOptions {
  readonly speech: Templates
  readonly languageOf: (incident: Incident, destination: string) => Language
  readonly places: readonly Place[]
  readonly routes: readonly Route[]
}

/** An event as one platform shows it. */
export interface Preview {
  readonly platform: Platform['kind']
  readonly destination: string
  readonly language: Language
  /** The card is new and calls whom it has to; else it is edited, which calls nobody. */
  readonly isNew: boolean
  readonly card: Painted
  /** Absent for a storm board, which has none. */
  readonly reply?: Painted & {
    /** Whether it is posted: some events only change the card. */
    readonly loudness: 'none' | 'thread' | 'broadcast'
  }
  /** Templates that failed, so that a plainer one spoke. */
  readonly failures: readonly string[]
}

export interface Painted {
  readonly message: Message
  readonly drawn: Drawn
}

/**
 * What an event comes to on each platform, by the relay's own plan, templates and drawing: in the first place of each
 * platform that the routes give it. Empty if they give it none.
 */
export function toPreviews(subject: Subject, options: PreviewOptions): readonly Preview[] {
  const plan = planOf(subject, options)
  const lanes = new Map(plan.lanes.map((lane) => [lane.destination, lane]))
  const wanted = isBoard(subject.event.incident)
    ? options.places
    : options.places.filter((place) => lanes.has(place.destination))
  const first = wanted.filter(
    ({ platform }, index) => wanted.findIndex((one) => one.platform.kind === platform.kind) === index,
  )
  return first.map((place) => toPreview(subject, options, place, lanes.get(place.destination)))
}

function toPreview(
  subject: Subject,
  { speech, languageOf }: PreviewOptions,
  { destination, platform }: Place,
  lane?: PlannedLane,
): Preview {
  const { event, atMs } = subject
  const { incident, person } = event
  const changes = toChanges(subject.previous, incident)
  const isNew = subject.previous === undefined
  const last = { id: event.id, type: event.type, atMs: event.timeMs ?? atMs, ...(person && { person }) }
  const language = languageOf(incident, destination)
  const card = speech.card({ incident, last, nowMs: atMs, replacesLost: false, language })
  const mentions = lane?.owed.find(({ kind }) => kind === 'card')?.mention ?? []
  const cardMessage = { ...card.message, mentions }
  const painted = { message: cardMessage, drawn: platform.drawCard(cardMessage, 'full', !isNew) }
  const common = { platform: platform.kind, destination, language, isNew, card: painted }
  if (isBoard(incident)) return { ...common, failures: toFailures(card) }

  const owed = lane?.owed.find(({ kind }) => kind === 'reply')
  const reply = speech.reply({
    event,
    changes,
    effectiveAtMs: event.timeMs ?? atMs,
    nowMs: atMs,
    late: false,
    language,
  })
  const message = { ...reply.message, mentions: owed?.mention ?? [] }
  const loudness = owed === undefined ? 'none' : owed.broadcast ? 'broadcast' : 'thread'
  return {
    ...common,
    reply: { message, drawn: platform.drawReply(message, 'full'), loudness },
    failures: toFailures(card, reply),
  }
}

function toFailures(...rendered: readonly Rendered[]): readonly string[] {
  return rendered.flatMap(({ fellBack }) =>
    fellBack === undefined ? [] : [`${fellBack.template} failed and the built-in one spoke: ${fellBack.error}`],
  )
}

/** The plan for the event in a relay that has posted a card wherever the routes say, if there was one to post. */
function planOf({ event, previous, atMs, firstAtMs }: Subject, { routes, places }: PreviewOptions): AppliedPlan {
  const effectiveAtMs = event.timeMs ?? atMs
  const snapshot = previous
  const stored: StoredIncident | undefined = snapshot && {
    id: snapshot.id,
    version: 1,
    snapshot,
    last: { id: 'before', type: 'i_new', atMs: firstAtMs },
    effectiveAtMs: Math.min(firstAtMs, effectiveAtMs),
    firstAtMs,
  }
  const planned = (lanes: readonly Lane[]): AppliedPlan =>
    toPlan({
      event,
      effectiveAtMs,
      receivedAtMs: atMs,
      known: stored && { incident: stored, lanes },
      routes,
      lateEvents: 'skip',
      nowMs: atMs,
    })
  if (stored === undefined) return planned([])
  const routed = new Set(planned([]).lanes.map(({ destination }) => destination))
  const names = places.map(({ destination }) => destination).filter((destination) => routed.has(destination))
  return planned(names.map((destination) => toPosted(event.incident.id, destination)))
}

function toPosted(incidentId: string, destination: string): Lane {
  return {
    incidentId,
    destination,
    generation: 1,
    card: { channel: destination, message: 'card', thread: 'card' },
    wantedVersion: 1,
    shownVersion: 1,
    frozen: false,
    editAttempts: 0,
    editDueAtMs: 0,
    shownAtMs: 0,
    changedSinceMs: 0,
    changedAtMs: 0,
    urgency: 2,
  }
}
