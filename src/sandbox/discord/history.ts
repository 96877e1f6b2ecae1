import type { Answer } from '../misbehave.ts'
import { integer, snowflake } from './check.ts'
import { inside, refuseField, toErrorTree, toForm, type Field } from './form.ts'
import { isAnswer, refuseForm } from './refusal.ts'
import { enter, may, type Request } from './request.ts'
import { toWireMessage } from './wire.ts'
import type { Message } from './world.ts'

/** A page of messages, newest first. Without READ_MESSAGE_HISTORY it is empty, and no error. */
export function listMessages(request: Request): Answer {
  const place = enter(request)
  if (isAnswer(place)) return place
  const form = toForm(request.query)
  const limit = integer(inside(form, 'limit'), { min: 1, max: 100 }) ?? 50
  const anchor = readAnchor(form)
  if (form.problems.length > 0) return refuseForm(toErrorTree(form.problems))
  const readable = may(request.world, place, 'READ_MESSAGE_HISTORY') ? [...place.messages.values()] : []
  const existing = readable.filter(({ deleted }) => !deleted)
  const page = toPage(existing, anchor, limit).toReversed()
  return { status: 200, body: page.map((message) => toWireMessage(request.world, message)) }
}

interface Anchor {
  readonly kind: 'before' | 'after' | 'around'
  readonly id: bigint
}

function readAnchor(form: Field): Anchor | undefined {
  const anchors = (['around', 'before', 'after'] as const).flatMap((kind) => {
    const id = snowflake(inside(form, kind))
    return id === undefined ? [] : [{ kind, id: BigInt(id) }]
  })
  const second = anchors[1]
  if (second !== undefined) {
    refuseField(inside(form, second.kind), 'BASE_TYPE_CHOICES', 'Only one of before, after and around can be given.')
  }
  return anchors[0]
}

/** `messages` are oldest first, and so is the page. */
function toPage(messages: readonly Message[], anchor: Anchor | undefined, limit: number): readonly Message[] {
  if (anchor === undefined) return messages.slice(-limit)
  const before = messages.filter(({ id }) => BigInt(id) < anchor.id)
  if (anchor.kind === 'before') return before.slice(-limit)
  if (anchor.kind === 'after') return messages.filter(({ id }) => BigInt(id) > anchor.id).slice(0, limit)
  const start = Math.max(0, before.length - Math.floor(limit / 2))
  return messages.slice(start, start + limit)
}
