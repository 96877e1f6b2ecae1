import type { LaneKey } from '../store/lane.ts'
import type { Work } from '../store/history.ts'
import type { Pause } from '../store/store.ts'
import type { Answered } from './calls.ts'

type Shown = Omit<Answered<'deliveries'>['items'][number], 'id'>

export interface ShownOptions {
  readonly pauses: readonly Pause[]
  /** Undefined if the configuration has no such destination. Absent if there is no configuration at hand. */
  readonly accountOf?: (destination: string) => string | undefined
  readonly nowMs: number
}

/**
 * What each work waits for, and until when: its own wait, what is before it in its lane, or a broken destination or
 * account. Cards come before the replies of their lane, replies in order.
 */
export function toShown(items: readonly Work[], options: ShownOptions): readonly Shown[] {
  const { nowMs } = options
  return items.map((work) => {
    const { dueAtMs, reason } = work
    const given = toGiven(work)
    if (work.state === 'dead' || work.state === 'held' || work.state === 'sending') return given
    const wait = toWait(items, work, dueAtMs, options)
    const why = wait.reason ?? reason ?? (wait.untilMs !== undefined && wait.untilMs > nowMs ? PACED : undefined)
    const waits = work.state === 'pending' && (wait.untilMs === undefined || wait.untilMs > nowMs || wait.blocked)
    return {
      ...given,
      state: waits ? 'waiting' : work.state,
      ...(why !== undefined && { reason: why }),
      ...(wait.untilMs !== undefined && { nextAtMs: wait.untilMs }),
    }
  })
}

function toGiven({ key, kind, state, destination, incidentId, title, attempts, reason, sinceMs }: Work): Shown {
  const all = { key, kind, state, destination, incidentId, title, attempts, sinceMs }
  return { ...all, ...(reason !== undefined && { reason }) }
}

/** Nothing failed, and yet it is not tried: the budgets are all that is left. */
const PACED = "within the platform's rate limits"

interface Wait {
  readonly untilMs?: number
  readonly reason?: string
  readonly blocked: boolean
}

function toWait(
  items: readonly Work[],
  { key, kind, state, ...lane }: LaneKey & Pick<Work, 'key' | 'kind' | 'state'>,
  dueAtMs: number | undefined,
  { pauses, accountOf, nowMs }: ShownOptions,
): Wait {
  if (dueAtMs === undefined) return { reason: 'its card was not posted', blocked: true }
  const account = accountOf?.(lane.destination)
  if (accountOf !== undefined && account === undefined) {
    return { reason: 'the configuration has no such destination', blocked: true }
  }
  const scopes = [
    `destination:${lane.destination}`,
    ...(account === undefined ? [] : [`account:${account}`, `down:${account}`]),
  ]
  const pause = pauses
    .filter(({ scope, untilMs }) => scopes.includes(scope) && untilMs > nowMs)
    .toSorted((a, b) => b.untilMs - a.untilMs)[0]
  const before = kind === 'reply' && state === 'pending' ? firstOf(items, lane) : undefined
  const isBehind = before !== undefined && before.key !== key
  const untilMs = Math.max(dueAtMs, pause?.untilMs ?? 0, isBehind ? (before.dueAtMs ?? 0) : 0)
  if (pause !== undefined) return { untilMs, reason: `${toWhat(pause.scope)}: ${pause.reason}`, blocked: true }
  return { untilMs, ...(isBehind && { reason: `behind the ${before.kind} before it` }), blocked: isBehind }
}

function toWhat(scope: string): string {
  return scope.startsWith('down:') ? `the platform of ${scope.slice('down:'.length)} is down` : `${scope} is broken`
}

/** What the lane makes next: the edit does not hold replies up. */
function firstOf(items: readonly Work[], lane: LaneKey): Work | undefined {
  const open = items.filter(
    ({ incidentId, destination, kind, state }) =>
      incidentId === lane.incidentId &&
      destination === lane.destination &&
      kind !== 'edit' &&
      (state === 'pending' || state === 'sending' || state === 'ambiguous'),
  )
  return open.toSorted((a, b) => Number(a.kind === 'reply') - Number(b.kind === 'reply') || a.seq - b.seq)[0]
}
