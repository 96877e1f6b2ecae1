import { expect } from 'vitest'
import type { LaneKey, LaneWork } from '../../src/store/lane.ts'
import type { AppliedPlan, NewEvent, Store, StoredIncident } from '../../src/store/store.ts'

export const T = 1_760_000_000_000
export const LANE: LaneKey = { incidentId: 'inc-1', destination: 'sre' }

export function event(id: string, change: Partial<NewEvent> = {}): NewEvent {
  const body = `{"event_id":"${id}","title":"é 🔥"}`
  return {
    id,
    incidentId: 'inc-1',
    type: 'i_new',
    effectiveAtMs: T,
    receivedAtMs: T,
    body,
    bodyHash: `hash of ${id}`,
    ...change,
  }
}

export function incident(version: number): StoredIncident {
  const snapshot = {
    id: 'inc-1',
    title: 'é 🔥',
    severity: 'Critical',
    status: 'Critical',
    progress: 'Triggered',
    labels: [],
    fields: [],
    responders: [],
  }
  return {
    id: 'inc-1',
    version,
    snapshot,
    last: { id: `e${version}`, type: 'i_new', atMs: T },
    effectiveAtMs: T,
    firstAtMs: T,
  }
}

export function plan(eventId: string, version = 1): AppliedPlan {
  const reply = {
    key: `reply/${eventId}`,
    kind: 'reply',
    generation: 1,
    broadcast: true,
    mention: [{ kind: 'user', id: 'U1' }, { kind: 'here' }],
    late: false,
  } as const
  const card = { key: 'card/1', kind: 'card', generation: 1, broadcast: false, mention: [], late: false } as const
  return {
    eventId,
    verdict: 'applied',
    changes: { title: { from: 'a', to: 'b' } },
    incident: incident(version),
    expectedVersion: version - 1,
    lanes: [{ destination: 'sre', card: true, urgency: 1, owed: [card, reply] }],
    nowMs: T,
  }
}

export function claim(
  store: Store,
  change: { owner?: string; nowMs?: number; leaseUntilMs?: number; intent?: string } = {},
): Promise<LaneWork | undefined> {
  return store.claim({ lane: LANE, owner: 'a', nowMs: T, leaseUntilMs: T + 60_000, ...change })
}

export function held(work: LaneWork): { lane: LaneKey; epoch: number; nowMs: number } {
  return { lane: LANE, epoch: work.epoch, nowMs: T }
}

export async function dueKeys(store: Store, nowMs: number): Promise<string[]> {
  const classes = [0, 1, 2, 3].map((urgency) => ({ destination: 'sre', urgency: urgency as 0 | 1 | 2 | 3 }))
  return (await store.due({ nowMs, classes, limit: 10 })).map(({ incidentId }) => incidentId)
}

export function must<T>(value: T | undefined): T {
  expect(value).toBeDefined()
  return value as T
}

/** Carry out one plan, as most tests need it. */
export async function apply(store: Pick<Store, 'apply'>, one: AppliedPlan) {
  return must((await store.apply([one]))[0])
}
