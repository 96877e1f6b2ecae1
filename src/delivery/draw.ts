import { createHash } from 'node:crypto'
import type { Event, Incident } from '../incident/incident.ts'
import { isLateCall } from '../incident/key.ts'
import type { Language } from '../incident/language.ts'
import { foldReplies } from '../message/fold.ts'
import type { Message } from '../message/message.ts'
import type { Templates } from '../message/template.ts'
import type { Detail, Drawn, Platform } from '../platform/platform.ts'
import type { Delivery } from '../store/delivery.ts'
import type { LaneWork } from '../store/lane.ts'
import { toCalled } from './late-call.ts'

export interface DrawOptions {
  readonly templates: () => Templates
  /** What an incident is told in at a destination. */
  readonly language: (incident: Incident, destination: string) => Language
  /** Read again a push that was read when it was judged. */
  readonly rereadEvent: (body: string) => Event
  readonly fellBack: (template: string, error: string) => void
}

/** The card's newest state, calling nobody. */
export function toCard(options: DrawOptions, work: LaneWork, nowMs: number): Message {
  const { snapshot, last } = work.incident
  const language = languageOf(options, work)
  const replacesLost = work.lane.generation > 1
  const rendered = options.templates().card({ incident: snapshot, last, nowMs, replacesLost, language })
  if (rendered.fellBack !== undefined) options.fellBack(rendered.fellBack.template, rendered.fellBack.error)
  return rendered.message
}

/** The card as it is posted: it calls whom the delivery says. */
export function toNewCard(options: DrawOptions, work: LaneWork, delivery: Delivery, nowMs: number): Message {
  return { ...toCard(options, work, nowMs), mentions: toCalled(work, delivery) }
}

/** What a reply tells of its event. */
export function toReply(
  options: DrawOptions,
  work: LaneWork,
  { key, event: told, mention }: Delivery,
  nowMs: number,
): Message {
  const read = options.rereadEvent(told.body)
  const isLate = isLateCall(key)
  // Whatever the event was about, it is told for whom the incident was given to.
  const event = isLate ? { ...read, type: 'i_assign' } : read
  const { effectiveAtMs, late } = told
  const changes = isLate ? {} : told.changes
  const language = languageOf(options, work)
  const rendered = options.templates().reply({ event, changes, effectiveAtMs, nowMs, late, language })
  if (rendered.fellBack !== undefined) options.fellBack(rendered.fellBack.template, rendered.fellBack.error)
  return { ...rendered.message, mentions: mention }
}

/** What several replies tell, as one message. */
export function toFoldedReply(
  options: DrawOptions,
  work: LaneWork,
  deliveries: readonly Delivery[],
  nowMs: number,
): Message {
  return foldReplies(
    deliveries.map((delivery) => ({
      message: toReply(options, work, delivery, nowMs),
      atMs: delivery.event.effectiveAtMs,
    })),
  )
}

/** By the newest state for the whole lane, so that a thread goes on in its card's language. */
function languageOf({ language }: DrawOptions, { incident, lane }: LaneWork): Language {
  return language(incident.snapshot, lane.destination)
}

/** What a card looks like, as an edit would draw it: equal hashes need no edit. */
export function toLookHash(platform: Platform, message: Message): string {
  return toHash(platform.drawCard(message, 'full', true))
}

function toHash(drawn: Drawn): string {
  return createHash('sha256').update(JSON.stringify(drawn)).digest('base64url')
}

/** The next plainer drawing after one was refused; undefined after the plainest. */
export function plainer(detail: Detail): Detail | undefined {
  switch (detail) {
    case 'full':
      return 'compact'
    case 'compact':
      return 'plain'
    case 'plain':
      return undefined
  }
}
