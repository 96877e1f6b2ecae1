import { toUrgency } from '../incident/plan.ts'
import type { Detail, Operation, Outcome } from '../platform/platform.ts'
import type { Message } from '../message/message.ts'
import type { LanePatch, LaneWork } from '../store/lane.ts'
import { plainer, toCard, toLookHash } from './draw.ts'
import { attempt, reserve, save, subject, type Held, type Outlet, type ServeOptions } from './held.ts'
import { reconcile } from './reconcile.ts'
import { sendDeliveries } from './send.ts'
import { afterEdit, afterThread, isRefusal, renewed, toAll } from './settle.ts'
import { nextStep, type Step } from './step.ts'

/** A lane with much to say goes to the end of its class after this, so that a slow one cannot keep others from being served. */
const LONGEST_TURN_MS = 2_000

/** When replies that gave way are due again. Until then more of them may come to be told in one message. */
const CROWDED_WAIT_MS = 1_000

/**
 * Take a claimed lane as far as it can go now, then let it go. Each step leaves
 * the store in a state that another process could go on from. Without `mayReply`
 * other lanes need more urgently what its replies would take.
 */
export async function serveLane(
  options: ServeOptions,
  outlet: Outlet,
  claimed: LaneWork,
  mayReply: boolean,
): Promise<void> {
  let work: LaneWork | undefined = claimed
  const enoughAtMs = options.clock.now() + LONGEST_TURN_MS
  while (work !== undefined) {
    await options.nextTurn()
    const nowMs = options.clock.now()
    const isOver = options.stopping() || options.blocked(outlet) || nowMs > enoughAtMs
    const step: Step = isOver
      ? { do: 'rest', dueAtMs: nowMs }
      : nextStep(work, (operation) => readyAtMs(operation, nowMs), outlet.platform, nowMs)
    const held: Held = { options, outlet, work }
    const { card } = work.lane
    // The destination leads to another platform than when the card was posted: there is none here.
    if (card !== undefined && !outlet.platform.owns(card)) {
      work = await save(held, {
        set: { card: null, shownVersion: 0, shownHash: null, editAgainAtMs: null, frozen: false },
      })
      continue
    }
    if (step.do === 'rest') {
      await save(held, { release: toRelease(work, step.dueAtMs) })
      return
    }
    work = await take(held, step)
  }

  function readyAtMs(operation: Operation, nowMs: number): number {
    const isReply = operation === 'reply' || operation === 'thread'
    if (isReply && !mayReply) return nowMs + CROWDED_WAIT_MS
    return options.pace.readyAtMs(subject(outlet, operation), nowMs)
  }
}

function take(held: Held, step: Exclude<Step, { do: 'rest' }>): Promise<LaneWork | undefined> {
  switch (step.do) {
    case 'post':
      return sendDeliveries(held, [step.delivery])
    case 'reply':
      return sendDeliveries(held, step.deliveries)
    case 'reconcile':
      return reconcile(held, step.delivery)
    case 'drop':
      return save(held, toAll([step.delivery], { state: 'superseded', reason: 'it would have called nobody' }))
    case 'renew':
      return save(held, renewed(held))
    case 'thread':
      return startThread(held)
    case 'edit':
      return editCard(held)
  }
}

async function editCard(held: Held): Promise<LaneWork | undefined> {
  const { options, outlet, work } = held
  const { lane, incident } = work
  let message: Message
  let shownHash: string
  try {
    message = toCard(options, work, options.clock.now())
    shownHash = toLookHash(outlet.platform, message)
  } catch (error) {
    // A state that cannot be drawn must not hold up the replies, nor the next state.
    options.report.failed('card.unrenderable', error)
    return save(held, { set: { shownVersion: incident.version } })
  }
  const shown = { shownVersion: incident.version, shownHash, editAttempts: 0 }
  const isShown = shownHash === lane.shownHash && lane.editAgainAtMs === undefined
  const { card } = lane
  if (isShown || card === undefined) return save(held, { set: shown })
  const startedAtMs = options.clock.now()

  const isNews = lane.wantedVersion > lane.shownVersion && lane.changedSinceMs > 0
  const told = isNews ? { sinceMs: lane.changedSinceMs } : {}

  let outcome: Outcome | undefined
  let detail: Detail | undefined = 'full'
  do {
    const drawn = outlet.platform.drawCard(message, detail, true)
    reserve(held, 'edit')
    const edit = (): Promise<Outcome> => outlet.platform.editCard(card, drawn)
    outcome = await attempt(held, 'edit', lane.editAttempts + 1, edit, told)
    if (outcome === undefined) return save(held, {})
    detail = isRefusal(outcome) ? plainer(detail) : undefined
  } while (detail !== undefined)
  if (outcome.kind !== 'sent') return save(held, await afterEdit(held, outcome, shown))
  // An older edit that comes later than this one is made good when it no longer can come.
  const isLast = lane.editAgainAtMs === undefined || lane.editAgainAtMs <= startedAtMs
  return save(held, { set: { ...shown, shownAtMs: options.clock.now(), ...(isLast && { editAgainAtMs: null }) } })
}

async function startThread(held: Held): Promise<LaneWork | undefined> {
  const { options, outlet, work } = held
  const { card } = work.lane
  const reply = work.deliveries.find(({ kind, state }) => kind === 'reply' && state === 'pending')
  if (card === undefined || reply === undefined) return save(held, {})
  const drawn = outlet.platform.drawCard(toCard(options, work, options.clock.now()), 'full', true)
  reserve(held, 'thread')
  const start = (): Promise<Outcome> => outlet.platform.startThread(card, drawn)
  const outcome = await attempt(held, 'thread', reply.attempts + 1, start)
  if (outcome === undefined) return save(held, {})
  if (outcome.kind === 'sent')
    return save(held, { set: { card: { ...card, thread: outcome.ref.thread ?? card.message } } })
  return save(held, await afterThread(held, outcome, reply))
}

function toRelease(work: LaneWork, dueAtMs: number | undefined): NonNullable<LanePatch['release']> {
  const { lane, deliveries, touched, incident } = work
  const owes = {
    card: lane.card === undefined,
    edit: !lane.frozen && (lane.wantedVersion > lane.shownVersion || lane.editAgainAtMs !== undefined),
    reply: deliveries.length > 0,
  }
  return { touched, urgency: toUrgency(owes, incident.snapshot), ...(dueAtMs !== undefined && { dueAtMs }) }
}
