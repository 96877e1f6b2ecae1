import type { Operation, Platform } from '../platform/platform.ts'
import type { Delivery } from '../store/delivery.ts'
import type { LaneWork } from '../store/lane.ts'
import { editAtMs } from './calm.ts'
import { toFold } from './fold.ts'
import { isIdle, lookAgainAtMs } from './late-call.ts'

/**
 * The next thing a held lane can do.
 *
 * - `reconcile`  look for a create whose answer was lost.
 * - `post`       post the card.
 * - `renew`      owe a new card, or nothing any more: the last one is gone, or was given up on.
 * - `edit`       bring the card to the newest state.
 * - `thread`     start the thread that the first reply needs.
 * - `reply`      post the oldest reply, or those that have waited too long as one message.
 * - `drop`       owe no more a line that was owed for whom it calls, and would call nobody.
 * - `rest`       nothing now; due again at `dueAtMs`, or when a plan touches the lane.
 */
export type Step =
  | { readonly do: 'reconcile' | 'post' | 'drop'; readonly delivery: Delivery }
  | { readonly do: 'reply'; readonly deliveries: readonly Delivery[] }
  | { readonly do: 'renew' | 'edit' | 'thread' }
  | { readonly do: 'rest'; readonly dueAtMs?: number }

/**
 * Decide a lane's next step. `readyAtMs` says when an operation fits its budget, `platform` who can be called.
 * A lost answer comes first, since it decides what exists; then the card, which
 * everything hangs on; then its newest state; then replies, in order. An edit
 * that has to wait does not hold up replies, nor the other way round.
 */
export function nextStep(
  work: LaneWork,
  readyAtMs: (operation: Operation) => number,
  platform: Pick<Platform, 'reach'>,
  nowMs: number,
): Step {
  const { lane, deliveries } = work
  const options: { step: Step; atMs: number }[] = []
  const unclear = deliveries.find(({ state }) => state === 'ambiguous')
  const pending = deliveries.filter(({ state }) => state === 'pending')
  const owesEdit = !lane.frozen && lane.wantedVersion > lane.shownVersion

  if (unclear !== undefined) {
    // What is not found is sent again at once, so both must fit their budgets.
    const atMs = Math.max(unclear.dueAtMs, readyAtMs('find'), readyAtMs(unclear.kind))
    options.push({ step: { do: 'reconcile', delivery: unclear }, atMs })
  }
  if (lane.card === undefined) {
    const card = pending.find(({ kind }) => kind === 'card')
    if (card !== undefined)
      options.push({ step: { do: 'post', delivery: card }, atMs: Math.max(card.dueAtMs, readyAtMs('card')) })
    else if (unclear?.kind !== 'card' && (lane.frozen ? pending.length > 0 : lane.wantedVersion > lane.shownVersion))
      options.push({ step: { do: 'renew' }, atMs: nowMs })
  } else {
    const editFromMs = owesEdit
      ? Math.max(lane.editDueAtMs, editAtMs(lane))
      : lane.frozen
        ? undefined
        : lane.editAgainAtMs
    if (editFromMs !== undefined) options.push({ step: { do: 'edit' }, atMs: Math.max(editFromMs, readyAtMs('edit')) })
    const replies = pending.filter(({ kind }) => kind === 'reply')
    const [reply] = replies
    if (reply !== undefined && unclear === undefined)
      options.push(toReplyStep(reply, toFold(replies, nowMs), lane.card.thread === undefined))
  }
  const now = options.find(({ atMs }) => atMs <= nowMs)
  if (now !== undefined) return now.step
  return options.length === 0 ? { do: 'rest' } : { do: 'rest', dueAtMs: Math.min(...options.map(({ atMs }) => atMs)) }

  function toReplyStep(
    reply: Delivery,
    together: readonly Delivery[],
    lacksThread: boolean,
  ): { step: Step; atMs: number } {
    const lookedAtMs = lookAgainAtMs(platform, together, nowMs)
    if (lookedAtMs === undefined && isIdle(platform, reply))
      return { step: { do: 'drop', delivery: reply }, atMs: nowMs }
    const operation = lacksThread ? 'thread' : 'reply'
    const step: Step = lacksThread ? { do: 'thread' } : { do: 'reply', deliveries: together }
    return { step, atMs: Math.max(reply.dueAtMs, lookedAtMs ?? 0, readyAtMs(operation)) }
  }
}
