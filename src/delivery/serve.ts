import type { Detail, Operation, Outcome } from '../platform/platform.ts'
import type { LanePatch, LaneWork } from '../store/store.ts'
import { plainer, toCard, toLookHash } from './draw.ts'
import { attempt, reserve, save, subject, type Held, type Outlet, type ServeOptions } from './held.ts'
import { reconcile } from './reconcile.ts'
import { sendDelivery } from './send.ts'
import { afterEdit, afterThread, isRefusal, renewed } from './settle.ts'
import { nextStep, type Step } from './step.ts'

/**
 * Take a claimed lane as far as it can go now, then let it go. Each step leaves
 * the store in a state that another process could go on from.
 */
export async function serveLane(options: ServeOptions, outlet: Outlet, claimed: LaneWork): Promise<void> {
  let work: LaneWork | undefined = claimed
  while (work !== undefined) {
    const nowMs = options.clock.now()
    const step: Step = options.stopping()
      ? { do: 'rest', dueAtMs: nowMs }
      : nextStep(work, (operation) => readyAtMs(operation, nowMs), nowMs)
    const held: Held = { options, outlet, work }
    if (step.do === 'rest') {
      await save(held, { release: toRelease(work, step.dueAtMs) })
      return
    }
    work = await take(held, step)
  }

  function readyAtMs(operation: Operation, nowMs: number): number {
    return options.pace.readyAtMs(subject(outlet, operation), nowMs)
  }
}

function take(held: Held, step: Exclude<Step, { do: 'rest' }>): Promise<LaneWork | undefined> {
  switch (step.do) {
    case 'post':
    case 'reply':
      return sendDelivery(held, step.delivery)
    case 'reconcile':
      return reconcile(held, step.delivery)
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
  const message = toCard(options, work, options.clock.now())
  const shownHash = toLookHash(outlet.platform, message)
  const shown = { shownVersion: incident.version, shownHash, editAttempts: 0 }
  if (shownHash === lane.shownHash || lane.card === undefined) return save(held, { set: shown })

  let outcome: Outcome
  let detail: Detail | undefined = 'full'
  do {
    const drawn = outlet.platform.drawCard(message, detail, true)
    reserve(held, 'edit')
    outcome = await attempt(held, 'edit', lane.editAttempts + 1, outlet.platform.editCard(lane.card, drawn))
    detail = isRefusal(outcome) ? plainer(detail) : undefined
  } while (detail !== undefined)
  return save(held, outcome.kind === 'sent' ? { set: shown } : await afterEdit(held, outcome, shown))
}

async function startThread(held: Held): Promise<LaneWork | undefined> {
  const { options, outlet, work } = held
  const { card } = work.lane
  const reply = work.deliveries.find(({ kind, state }) => kind === 'reply' && state === 'pending')
  if (card === undefined || reply === undefined) return save(held, {})
  const drawn = outlet.platform.drawCard(toCard(options, work, options.clock.now()), 'full', true)
  reserve(held, 'thread')
  const outcome = await attempt(held, 'thread', reply.attempts + 1, outlet.platform.startThread(card, drawn))
  if (outcome.kind === 'sent')
    return save(held, { set: { card: { ...card, thread: outcome.ref.thread ?? card.message } } })
  return save(held, await afterThread(held, outcome, reply))
}

function toRelease(work: LaneWork, dueAtMs: number | undefined): NonNullable<LanePatch['release']> {
  const { lane, deliveries, touched } = work
  const owesCard = lane.card === undefined
  const owesEdit = !lane.frozen && lane.wantedVersion > lane.shownVersion
  const critical = work.incident.snapshot.severity === 'Critical'
  const urgency = owesCard ? (critical ? 0 : 1) : owesEdit && deliveries.length === 0 ? 2 : 3
  return { touched, urgency, ...(dueAtMs !== undefined && { dueAtMs }) }
}
