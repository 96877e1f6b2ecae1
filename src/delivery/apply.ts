import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DerivedEvent } from '../flashduty/derive.ts'
import { SNOOZE_ENDED } from '../incident/attention.ts'
import type { Event } from '../incident/incident.ts'
import { toPlan } from '../incident/plan.ts'
import type { Route } from '../incident/route.ts'
import type { AppliedPlan, SnoozeEnded, Store, StoredEvent, UnappliedEvent } from '../store/store.ts'

export interface ApplyOptions {
  readonly store: Store
  /** Read a stored push. Throws if it is none, which intake has ruled out. */
  readonly readEvent: (body: string) => Event
  readonly rules: () => { readonly routes: readonly Route[]; readonly lateEvents: 'skip' | 'reply' }
  readonly applied: (event: StoredEvent, plan: AppliedPlan) => void
  readonly unreadable: (event: StoredEvent, error: unknown) => void
  /** A plan is on its way to the store: whoever claims its lanes from now on gets them as they are after it. */
  readonly applying: (event: StoredEvent, plan: AppliedPlan) => void
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
  const byIncident = groupByIncident(events)
  let judged = 0
  const inOrder = async (ofOne: readonly UnappliedEvent[]): Promise<void> => {
    for (const [index, event] of ofOne.entries()) {
      try {
        if (await applyOne(options, event, index === 0, nowMs)) judged++
      } catch (error) {
        // Those behind it must wait for their order; other incidents, and delivery, go on.
        options.failed(event, error)
        return
      }
    }
  }
  const all: Promise<void>[] = []
  for (const ofOne of byIncident.values()) {
    all.push(inOrder(ofOne))
    // Begun in one turn they would all be planned in one turn, and pushes would wait for the last.
    await nextTurn()
  }
  await Promise.all(all)
  return judged > 0 && (judged < events.length || events.length === BATCH)
}

async function applyOne(
  options: ApplyOptions,
  stored: UnappliedEvent,
  isFirst: boolean,
  nowMs: number,
): Promise<boolean> {
  const { store } = options
  for (let attempt = 0; attempt < MAX_CONFLICTS; attempt++) {
    const isKnown = isFirst && attempt === 0
    const known = isKnown ? stored.known : await store.incident({ id: stored.incidentId })
    let plan: AppliedPlan
    try {
      const event = options.readEvent(stored.body)
      const { effectiveAtMs, receivedAtMs } = stored
      plan = toPlan({ event, effectiveAtMs, receivedAtMs, known, nowMs, ...options.rules() })
    } catch (error) {
      options.unreadable(stored, error)
      const expectedVersion = known?.incident.version ?? 0
      plan = { eventId: stored.id, verdict: 'quarantined', changes: {}, expectedVersion, lanes: [], nowMs }
    }
    const applying = store.apply(plan)
    options.applying(stored, plan)
    const result = await applying
    if (result === 'applied') options.applied(stored, plan)
    if (result !== 'conflict') return true
  }
  return false
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
