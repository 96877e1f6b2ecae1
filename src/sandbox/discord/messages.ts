import type { Answer } from '../misbehave.ts'
import { readDraft, SUPPRESS_EMBEDS, type Draft } from './draft.ts'
import { toErrorTree, toForm } from './form.ts'
import { OLD_EDIT_AFTER_MS, OLD_EDIT_RATE } from './limits.ts'
import { toPings } from './mentions.ts'
import { addMessage, toBotCalls, toContent, toMentioned, whyClosed } from './post.ts'
import { isAnswer, refuse, refuseForm, refuseForNow } from './refusal.ts'
import { enter, isThread, may, type Request } from './request.ts'
import { toWireMessage } from './wire.ts'
import { FORUM_CHANNEL, type Message, type Place, type World } from './world.ts'

/** "The past few minutes" of Discord's documentation of `enforce_nonce`; nobody outside knows how many. */
const NONCE_KEPT_MS = 3 * 60_000

/** Post into a text channel or a thread; the same enforced nonce posts once and answers with what it posted. */
export function createMessage(request: Request): Answer {
  const { world, nowMs } = request
  const place = enter(request)
  if (isAnswer(place)) return place
  if (!isThread(place) && place.type === FORUM_CHANNEL) return refuse(40058)
  if (!may(world, place, isThread(place) ? 'SEND_MESSAGES_IN_THREADS' : 'SEND_MESSAGES')) return refuse(50013)
  const form = toForm(request.body)
  const draft = readDraft(form)
  if (form.problems.length > 0) return refuseForm(toErrorTree(form.problems))
  const twin = draft.enforceNonce ? findTwin(request, draft) : undefined
  if (twin !== undefined) return twin.deleted ? refuse(10008) : sent(request, twin, draft)
  const closed = isThread(place) ? whyClosed(world, place, nowMs) : undefined
  if (closed !== undefined) return closed
  const replyTo = draft.reply === undefined ? undefined : findReplied(world, place, draft.reply)
  if (replyTo !== undefined && isAnswer(replyTo)) return replyTo
  const content = toContent(world, place, draft)
  if ('refused' in content) return content.refused
  const called = toBotCalls(world, place, content.content, draft.allowed)
  const repliedPing = draft.allowed === undefined || draft.allowed.repliedUser
  const message = addMessage(world, nowMs, place, {
    ...content,
    author: world.bot,
    called,
    ...(replyTo !== undefined &&
      (repliedPing ? { replyTo } : { reference: { channelId: place.id, messageId: replyTo.id } })),
  })
  if (draft.nonce !== undefined) world.nonces.set(draft.nonce, { message, atMs: nowMs })
  return sent(request, message, draft)
}

/** Replace the parts of the bot's own message that the body names; the rest stays. */
export function editMessage(request: Request): Answer {
  const { world, nowMs } = request
  const message = findMessage(request)
  if (isAnswer(message)) return message
  const { place } = message
  if (message.author.id !== world.bot.id) return refuse(50005)
  if (message.type !== 0) return refuse(50021)
  if (isThread(place) && place.archived) return refuse(50083)
  if (isThread(place) && place.locked && !may(world, place, 'MANAGE_THREADS')) return refuse(160005)
  const form = toForm(request.body)
  const draft = readDraft(form)
  if (form.problems.length > 0) return refuseForm(toErrorTree(form.problems))
  if (nowMs - message.createdAtMs > OLD_EDIT_AFTER_MS) {
    const afterMs = request.draw(`old edits ${place.id}`, OLD_EDIT_RATE)
    if (afterMs > 0) return refuseForNow(afterMs, TOO_MANY_OLD_EDITS)
  }
  const content = toContent(world, place, draft, message)
  if ('refused' in content) return content.refused
  const flags = (message.flags & ~SUPPRESS_EMBEDS) | ((draft.flags ?? message.flags) & SUPPRESS_EMBEDS)
  Object.assign(message, { ...content, flags, editedAtMs: nowMs, edits: message.edits + 1 })
  if (draft.content !== undefined) nameAgain(request, message, draft)
  return { status: 200, body: toWireMessage(world, message) }
}

/** Delete the bot's own message; somebody else's takes MANAGE_MESSAGES. */
export function deleteMessage(request: Request): Answer {
  const { world } = request
  const message = findMessage(request)
  if (isAnswer(message)) return message
  const { place } = message
  if (message.type === 21) return refuse(50021)
  if (message.author.id !== world.bot.id && !may(world, place, 'MANAGE_MESSAGES')) return refuse(50013)
  if (isThread(place) && place.archived) return refuse(50083)
  message.deleted = true
  return { status: 204 }
}

/** One message of a channel or a thread. */
export function getMessage(request: Request): Answer {
  const message = findMessage(request)
  if (isAnswer(message)) return message
  if (!may(request.world, message.place, 'READ_MESSAGE_HISTORY')) return refuse(50001)
  return { status: 200, body: toWireMessage(request.world, message) }
}

const TOO_MANY_OLD_EDITS = {
  message: 'Maximum number of edits to messages older than 1 hour reached. Try again later.',
  code: 30046,
}

function findMessage(request: Request): Message | Answer {
  const place = enter(request)
  if (isAnswer(place)) return place
  const message = place.messages.get(request.mid)
  return message === undefined || message.deleted ? refuse(10008) : message
}

/** The bot's earlier message with the same nonce, if it is recent. It may have been deleted meanwhile. */
function findTwin({ world, nowMs }: Request, { nonce }: Draft): Message | undefined {
  const known = nonce === undefined ? undefined : world.nonces.get(nonce)
  return known !== undefined && nowMs - known.atMs < NONCE_KEPT_MS ? known.message : undefined
}

function findReplied(world: World, place: Place, reply: NonNullable<Draft['reply']>): Message | Answer | undefined {
  if (!may(world, place, 'READ_MESSAGE_HISTORY')) return refuse(160002)
  const message = place.messages.get(reply.messageId)
  if (message !== undefined && !message.deleted) return message
  const error = { code: 'REPLIES_UNKNOWN_MESSAGE', message: 'Unknown message' }
  return reply.mustExist ? refuseForm({ message_reference: { _errors: [error] } }) : undefined
}

/** Only the answer to a create carries the nonce. */
function sent({ world }: Request, message: Message, { nonce }: Draft): Answer {
  return { status: 200, body: { ...toWireMessage(world, message), ...(nonce !== undefined && { nonce }) } }
}

/** An edit of the text reads its mentions afresh, by the edit's own allowed_mentions. It notifies nobody. */
function nameAgain({ world }: Request, message: Message, draft: Draft): void {
  const called = toBotCalls(world, message.place, message.content, draft.allowed)
  message.mentioned = toMentioned(called)
  message.editPings = [...new Set([...message.editPings, ...toPings(called)])]
}
