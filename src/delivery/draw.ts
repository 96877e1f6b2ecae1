import { createHash } from 'node:crypto'
import type { Event } from '../incident/incident.ts'
import { isLateCall } from '../incident/key.ts'
import { foldReplies } from '../message/fold.ts'
import type { Message } from '../message/message.ts'
import type { Templates } from '../message/template.ts'
import type { Detail, Drawn, Platform } from '../platform/platform.ts'
import type { Delivery } from '../store/delivery.ts'
import type { LaneWork } from '../store/lane.ts'
import { toCalled } from './late-call.ts'

export interface DrawOptions {
  readonly templates: () => Templates
  /** Read again a push that was read when it was judged. */
  readonly rereadEvent: (body: string) => Event
  readonly fellBack: (template: string, error: string) => void
}

/** The card's newest state, calling nobody. */
export function toCard(options: DrawOptions, work: LaneWork, nowMs: number): Message {
  const { snapshot, last } = work.incident
  const rendered = options.templates().card({ incident: snapshot, last, nowMs, replacesLost: work.lane.generation > 1 })
  if (rendered.fellBack !== undefined) options.fellBack(rendered.fellBack.template, rendered.fellBack.error)
  return rendered.message
}

/** The card as it is posted: it calls whom the delivery says. */
export function toNewCard(options: DrawOptions, work: LaneWork, delivery: Delivery, nowMs: number): Message {
  return { ...toCard(options, work, nowMs), mentions: toCalled(work, delivery) }
}

/** What a reply tells of its event. */
export function toReply(options: DrawOptions, { key, event: told, mention }: Delivery, nowMs: number): Message {
  const read = options.rereadEvent(told.body)
  const isLate = isLateCall(key)
  // Whatever the event was about, it is told for whom the incident was given to.
  const event = isLate ? { ...read, type: 'i_assign' } : read
  const { effectiveAtMs, late } = told
  const changes = isLate ? {} : told.changes
  const rendered = options.templates().reply({ event, changes, effectiveAtMs, nowMs, late })
  if (rendered.fellBack !== undefined) options.fellBack(rendered.fellBack.template, rendered.fellBack.error)
  return { ...rendered.message, mentions: mention }
}

/** What several replies tell, as one message. */
export function toFoldedReply(options: DrawOptions, deliveries: readonly Delivery[], nowMs: number): Message {
  return foldReplies(
    deliveries.map((delivery) => ({ message: toReply(options, delivery, nowMs), atMs: delivery.event.effectiveAtMs })),
  )
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
