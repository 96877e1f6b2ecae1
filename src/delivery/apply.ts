import type { DerivedEvent } from '../flashduty/derive.ts'
import { SNOOZE_ENDED } from '../incident/attention.ts'
import type { Event } from '../incident/incident.ts'
import { toPlan } from '../incident/plan.ts'
import type { Route } from '../incident/route.ts'
import type { AppliedPlan, SnoozeEnded, Store, StoredEvent } from '../store/store.ts'

export interface ApplyOptions {
  readonly store: Store
  /** Read a stored push. Throws if it is none, which intake has ruled out. */
  readonly readEvent: (body: string) => Event
  readonly rules: () => { readonly routes: readonly Route[]; readonly lateEvents: 'skip' | 'reply' }
  readonly applied: (event: StoredEvent, plan: AppliedPlan) => void
  readonly unreadable: (event: StoredEvent, error: unknown) => void
}

/** Events judged in one go: enough to share commits, few enough to serve lanes in between. */
const BATCH = 200
/** Another writer moved the incident this often between our look and our write: leave the event for the next round. */
const MAX_CONFLICTS = 5

/** Judge the events that intake stored, in order for each incident. Returns how many there were. */
export async function applyStored(options: ApplyOptions, nowMs: number): Promise<number> {
  const events = await options.store.unapplied({ limit: BATCH })
  const byIncident = groupByIncident(events)
  await Promise.all(
    [...byIncident.values()].map(async (ofOne) => {
      for (const event of ofOne) await applyOne(options, event, nowMs)
    }),
  )
  return events.length
}

async function applyOne(options: ApplyOptions, stored: StoredEvent, nowMs: number): Promise<void> {
  const { store } = options
  for (let attempt = 0; attempt < MAX_CONFLICTS; attempt++) {
    const known = await store.incident({ id: stored.incidentId })
    let plan: AppliedPlan
    try {
      const event = options.readEvent(stored.body)
      plan = toPlan({ event, effectiveAtMs: stored.effectiveAtMs, known, nowMs, ...options.rules() })
    } catch (error) {
      options.unreadable(stored, error)
      const expectedVersion = known?.incident.version ?? 0
      plan = { eventId: stored.id, verdict: 'quarantined', changes: {}, expectedVersion, lanes: [], nowMs }
    }
    const result = await store.apply(plan)
    if (result === 'applied') options.applied(stored, plan)
    if (result !== 'conflict') return
  }
}

export interface SnoozeOptions {
  readonly store: Store
  /** The newest push of an incident as an event of our own; undefined if the body is no push. */
  readonly toDerivedPush: (body: string, event: DerivedEvent) => string | undefined
  readonly hash: (body: string) => string
}

/** Turn snoozes that ran out into events: the source sends none. Returns how many there were. */
export async function endSnoozes({ store, toDerivedPush, hash }: SnoozeOptions, nowMs: number): Promise<number> {
  const ended = await store.snoozesEnded({ nowMs, limit: BATCH })
  await Promise.all(
    ended.map(async (snooze) => {
      const event = toSnoozeEvent(snooze)
      const body = toDerivedPush(snooze.body, event)
      if (body === undefined) return
      await store.accept({
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
  return ended.length
}

/** One event for each end of a snooze, however often it is noticed; never older than what the card shows. */
function toSnoozeEvent({ incident }: SnoozeEnded): DerivedEvent {
  const endedAtMs = incident.snoozeEndsAtMs ?? incident.effectiveAtMs
  return {
    eventId: `relay/snooze-ended/${incident.id}/${endedAtMs}/${incident.version}`,
    eventType: SNOOZE_ENDED,
    eventTimeMs: Math.max(endedAtMs, incident.effectiveAtMs),
  }
}

function groupByIncident(events: readonly StoredEvent[]): Map<string, StoredEvent[]> {
  const groups = new Map<string, StoredEvent[]>()
  for (const event of events) {
    const group = groups.get(event.incidentId)
    if (group === undefined) groups.set(event.incidentId, [event])
    else group.push(event)
  }
  return groups
}
