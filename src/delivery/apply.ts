import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DerivedEvent } from '../flashduty/derive.ts'
import { SNOOZE_ENDED } from '../incident/attention.ts'
import type { Event } from '../incident/incident.ts'
import { knownAfter, toPlan } from '../incident/plan.ts'
import type { Route } from '../incident/route.ts'
import { StoreError } from '../store/error.ts'
import type { AppliedPlan, KnownIncident, SnoozeEnded, Store, StoredEvent, UnappliedEvent } from '../store/store.ts'
import type { Planned } from './express.ts'

export interface ApplyOptions {
  readonly store: Store
  /** Read a stored push. Throws if it is none, which intake has ruled out. */
  readonly readEvent: (body: string) => Event
  readonly rules: () => { readonly routes: readonly Route[]; readonly lateEvents: 'skip' | 'reply' }
  readonly applied: (event: StoredEvent, plan: AppliedPlan) => void
  readonly unreadable: (event: StoredEvent, error: unknown) => void
  /** Plans of one incident are on their way to the store: whoever claims their lanes from now on gets them as they are after it. */
  readonly applying: (planned: readonly Planned[]) => void
  /** The store would not take the verdict; it is tried again later. */
  readonly failed: (event: StoredEvent, error: unknown) => void
}

/**
 * Events judged in one go: enough to share commits. Each takes half a millisecond of the thread that also answers
 * pushes, so with ten times as many a push would wait as long as a slow disk makes it.
 */
const BATCH = 20
/** Another writer moved the incident this often between our look and our write: leave the event for the next round. */
const MAX_CONFLICTS = 5

/**
 * Judge the events that intake stored, in order for each incident. True if that went on, and more may be there to be
 * judged: what could not be judged is no reason to try again at once.
 */
export async function applyStored(options: ApplyOptions, nowMs: number): Promise<boolean> {
  const events = await options.store.unapplied({ limit: BATCH })
  let judged = 0
  const all: Promise<void>[] = []
  for (const ofOne of groupByIncident(events).values()) {
    all.push(applyInOrder(options, ofOne, nowMs, (count) => (judged += count)))
    // Begun in one turn they would all be planned in one turn, and pushes would wait for the last.
    await nextTurn()
  }
  await Promise.all(all)
  return judged > 0 && (judged < events.length || events.length === BATCH)
}

/**
 * Judge events of one incident, all with one commit: each is planned for what the one before it leaves. If the store
 * refuses them together they go one by one, so that one it will not have holds up only those behind it. Never rejects.
 */
async function applyInOrder(
  options: ApplyOptions,
  events: readonly UnappliedEvent[],
  nowMs: number,
  onJudged: (count: number) => void,
): Promise<void> {
  let left = events
  let known = left[0]?.known
  let together = left.length
  let conflicts = 0
  for (let [first] = left; first !== undefined && conflicts < MAX_CONFLICTS; [first] = left) {
    const { planned, after } = await planInOrder(options, left.slice(0, together), known, nowMs)
    try {
      const judged = await carryOut(options, planned)
      onJudged(judged)
      left = left.slice(judged)
      if (judged < planned.length) conflicts++
      known = judged < planned.length ? await options.store.incident({ id: first.incidentId }) : after
    } catch (error) {
      // Those behind it must wait for their order; other incidents, and delivery, go on.
      if (planned.length === 1 || !isRefusal(error)) return options.failed(first, error)
      together = 1
    }
  }
}

async function planInOrder(
  options: ApplyOptions,
  events: readonly UnappliedEvent[],
  known: KnownIncident | undefined,
  nowMs: number,
): Promise<{ readonly planned: readonly Planned[]; readonly after: KnownIncident | undefined }> {
  const planned: Planned[] = []
  let after = known
  for (const event of events) {
    if (planned.length > 0) await nextTurn()
    const plan = planOne(options, event, after, nowMs)
    planned.push({ event, plan })
    after = knownAfter(after, plan, false)
  }
  return { planned, after }
}

function planOne(
  { readEvent, rules, unreadable }: ApplyOptions,
  stored: UnappliedEvent,
  known: KnownIncident | undefined,
  nowMs: number,
): AppliedPlan {
  try {
    const { body, effectiveAtMs, receivedAtMs } = stored
    return toPlan({ event: readEvent(body), effectiveAtMs, receivedAtMs, known, nowMs, ...rules() })
  } catch (error) {
    unreadable(stored, error)
    const expectedVersion = known?.incident.version ?? 0
    return { eventId: stored.id, verdict: 'quarantined', changes: {}, expectedVersion, lanes: [], nowMs }
  }
}

/** Gives how many are judged now, from the first on: another writer may have moved the incident since we looked. */
async function carryOut(options: ApplyOptions, planned: readonly Planned[]): Promise<number> {
  const applying = options.store.apply(planned.map(({ plan }) => plan))
  options.applying(planned)
  const results = await applying
  for (const [index, { event, plan }] of planned.entries())
    if (results[index] === 'applied') options.applied(event, plan)
  return results.filter((result) => result !== 'conflict').length
}

/** It is about what was asked, and not about the store. */
function isRefusal(error: unknown): boolean {
  return error instanceof StoreError && error.reason === 'bug'
}

export interface SnoozeOptions {
  readonly store: Store
  /** The newest push of an incident as an event of our own; undefined if the body is no push. */
  readonly toDerivedPush: (body: string, event: DerivedEvent) => string | undefined
  readonly hash: (body: string) => string
}

/** Turn snoozes that ran out into events: the source sends none. Returns how many are new. */
export async function endSnoozes({ store, toDerivedPush, hash }: SnoozeOptions, nowMs: number): Promise<number> {
  const ended = await store.snoozesEnded({ nowMs, limit: BATCH })
  const results = await Promise.all(
    ended.map(async (snooze) => {
      const event = toSnoozeEvent(snooze, hash)
      const body = toDerivedPush(snooze.body, event)
      if (body === undefined) return undefined
      return store.accept({
        id: event.eventId,
        incidentId: snooze.incident.id,
        type: event.eventType,
        effectiveAtMs: event.eventTimeMs,
        receivedAtMs: nowMs,
        body,
        bodyHash: hash(body),
      })
    }),
  )
  return results.filter((accepted) => accepted?.result === 'accepted').length
}

/**
 * One event for each end of a snooze, however often it is noticed. It happens at the instant of the newest event, and
 * not of the snooze's end: our clock must not make an event of the source's stale.
 */
function toSnoozeEvent({ incident }: SnoozeEnded, hash: (text: string) => string): DerivedEvent {
  const { id, version, snoozeEndsAtMs, effectiveAtMs } = incident
  return {
    eventId: `relay-snooze-ended-${hash(`${id}\n${version}\n${snoozeEndsAtMs}`)}`,
    eventType: SNOOZE_ENDED,
    eventTimeMs: effectiveAtMs,
  }
}

function groupByIncident(events: readonly UnappliedEvent[]): Map<string, UnappliedEvent[]> {
  const groups = new Map<string, UnappliedEvent[]>()
  for (const event of events) {
    const group = groups.get(event.incidentId)
    if (group === undefined) groups.set(event.incidentId, [event])
    else group.push(event)
  }
  return groups
}
