import type { DerivedEvent } from '../flashduty/derive.ts'
import { SNOOZE_ENDED } from '../incident/attention.ts'
import type { Event } from '../incident/incident.ts'
import { knownAfter, toPlan } from '../incident/plan.ts'
import type { Route } from '../incident/route.ts'
import { StoreError } from '../store/error.ts'
import type { AppliedPlan, KnownIncident, SnoozeEnded, Store, StoredEvent, UnappliedEvent } from '../store/store.ts'
import type { Clock } from './clock.ts'
import type { Planned } from './express.ts'

export interface ApplyOptions {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  /** Read a stored push. Throws if it is none, which intake has ruled out. */
  readonly readEvent: (body: string) => Event
  readonly rules: () => { readonly routes: readonly Route[]; readonly lateEvents: 'skip' | 'reply' }
  readonly applied: (event: StoredEvent, plan: AppliedPlan) => void
  readonly unreadable: (event: StoredEvent, error: unknown) => void
  /** Plans of one incident are on their way to the store: whoever claims their lanes from now on gets them as they are after it. */
  readonly applying: (planned: readonly Planned[]) => void
  /** Between one piece of work and the next: lets those go first who connect to us. */
  readonly nextTurn: () => Promise<void>
  /** The store would not take the verdict; it is tried again later. */
  readonly failed: (event: StoredEvent, error: unknown) => void
}

/**
 * Events judged in one go: enough to share commits. Each takes half a millisecond of the thread that also answers
 * pushes, so with ten times as many a push would wait as long as a slow disk makes it.
 */
const BATCH = 20
/** Another writer moved the incident this often between our look and our write: leave what is left for the next round. */
const MAX_CONFLICTS = 5
/** An incident of which the store would not take a verdict is left alone for so long. */
const HOLD_MS = 1_000

/** Judges the events that intake stored, in order for each incident. */
export interface Judge {
  /**
   * Judge some. True if that went on, and more may be there to be judged: what could not be judged is no reason to try
   * again at once.
   */
  judge(nowMs: number): Promise<boolean>
  /** When the first incident that is left alone may be tried again; Infinity if none is. */
  againAtMs(): number
  /** The clock was moved, and waits with it: leave nothing alone any more. */
  release(): void
}

export function createJudge(options: ApplyOptions): Judge {
  const { store, clock } = options
  /** Until when an incident is left alone; the others go on. */
  const held = new Map<string, number>()

  async function judge(nowMs: number): Promise<boolean> {
    for (const [incidentId, untilMs] of held) if (untilMs <= nowMs) held.delete(incidentId)
    const events = await store.unapplied({ limit: BATCH, except: [...held.keys()] })
    let judged = 0
    const all: Promise<void>[] = []
    for (const [incidentId, ofOne] of groupByIncident(events)) {
      if (held.has(incidentId)) continue
      all.push(applyInOrder(options, ofOne, nowMs, { onJudged: (count) => (judged += count), onFailed: hold }))
      // Begun in one turn they would all be planned in one turn, and pushes would wait for the last.
      await options.nextTurn()
    }
    await Promise.all(all)
    return judged > 0 && (judged < events.length || events.length === BATCH)
  }

  function hold(event: StoredEvent, error: unknown): void {
    held.set(event.incidentId, clock.now() + HOLD_MS)
    options.failed(event, error)
  }

  return { judge, againAtMs: () => Math.min(...held.values()), release: () => held.clear() }
}

interface Heard {
  readonly onJudged: (count: number) => void
  /** The first that could not be judged, and why; those behind it wait for their order. */
  readonly onFailed: (event: StoredEvent, error: unknown) => void
}

/**
 * Judge events of one incident, all with one commit: each is planned for what the one before it leaves. If the store does
 * not take them together they go one by one, so that one it will not have holds up only those behind it. Never rejects.
 */
async function applyInOrder(
  options: ApplyOptions,
  events: Readonly<InOrder>,
  nowMs: number,
  { onJudged, onFailed }: Heard,
): Promise<void> {
  const read = readOnce(options)
  let left: readonly UnappliedEvent[] = events
  let known = events[0].known
  let together = left.length
  let conflicts = 0
  while (left.length > 0 && conflicts < MAX_CONFLICTS) {
    try {
      const { planned, after } = await planInOrder(options, read, left.slice(0, together), known, nowMs)
      const judged = await carryOut(options, planned)
      onJudged(judged)
      left = left.slice(judged)
      if (judged < planned.length) conflicts++
      known = judged < planned.length ? await options.store.incident({ id: events[0].incidentId }) : after
    } catch (error) {
      if (together === 1 || !mayBeOfOne(error)) return onFailed(left[0] ?? events[0], error)
      together = 1
    }
  }
}

type Read = (stored: UnappliedEvent) => Event | undefined

/** Reads each event once, however often it is planned, and says so if it cannot be read. */
function readOnce({ readEvent, unreadable }: ApplyOptions): Read {
  const known = new Map<string, Event | undefined>()
  return (stored) => {
    if (known.has(stored.id)) return known.get(stored.id)
    let event: Event | undefined
    try {
      event = readEvent(stored.body)
    } catch (error) {
      unreadable(stored, error)
    }
    known.set(stored.id, event)
    return event
  }
}

async function planInOrder(
  options: ApplyOptions,
  read: Read,
  events: readonly UnappliedEvent[],
  known: KnownIncident | undefined,
  nowMs: number,
): Promise<{ readonly planned: readonly Planned[]; readonly after: KnownIncident | undefined }> {
  const planned: Planned[] = []
  let after = known
  for (const event of events) {
    if (planned.length > 0) await options.nextTurn()
    const plan = planOne(options, event, read(event), after, nowMs)
    planned.push({ event, plan })
    after = knownAfter(after, plan, false)
  }
  return { planned, after }
}

function planOne(
  { rules, unreadable }: ApplyOptions,
  stored: UnappliedEvent,
  event: Event | undefined,
  known: KnownIncident | undefined,
  nowMs: number,
): AppliedPlan {
  const { id: eventId, effectiveAtMs, receivedAtMs } = stored
  try {
    if (event !== undefined) return toPlan({ event, effectiveAtMs, receivedAtMs, known, nowMs, ...rules() })
  } catch (error) {
    unreadable(stored, error)
  }
  const expectedVersion = known?.incident.version ?? 0
  return { eventId, verdict: 'quarantined', changes: {}, expectedVersion, lanes: [], nowMs }
}

/** Gives how many are judged now, from the first on: another writer may have moved the incident since we looked. */
async function carryOut(options: ApplyOptions, planned: readonly Planned[]): Promise<number> {
  const applying = options.store.apply(planned.map(({ plan }) => plan))
  options.applying(planned)
  const results = await applying
  // A call that was claimed with it begins before logs and metrics are written.
  await options.nextTurn()
  for (const [index, { event, plan }] of planned.entries())
    if (results[index] === 'applied') options.applied(event, plan)
  const conflictAt = results.indexOf('conflict')
  return conflictAt === -1 ? planned.length : conflictAt
}

/** It may be about one of those that were asked for together, and is not about the disk. */
function mayBeOfOne(error: unknown): boolean {
  return !(error instanceof StoreError && ['io', 'full', 'closed'].includes(error.reason))
}

export interface SnoozeOptions {
  readonly store: Store
  /** The newest push of an incident as an event of our own; undefined if the body is no push. */
  readonly toDerivedPush: (body: string, event: DerivedEvent) => string | undefined
  readonly hash: (body: string) => string
  readonly nextTurn: () => Promise<void>
}

/** Turn snoozes that ran out into events: the source sends none. Returns how many are new. */
export async function endSnoozes(options: SnoozeOptions, nowMs: number): Promise<number> {
  const { store, toDerivedPush, hash, nextTurn } = options
  const ended = await store.snoozesEnded({ nowMs, limit: BATCH })
  const results = await Promise.all(
    ended.map(async (snooze) => {
      await nextTurn()
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

/** Events of one incident, in order. */
type InOrder = [UnappliedEvent, ...UnappliedEvent[]]

function groupByIncident(events: readonly UnappliedEvent[]): Map<string, InOrder> {
  const groups = new Map<string, InOrder>()
  for (const event of events) {
    const group = groups.get(event.incidentId)
    if (group === undefined) groups.set(event.incidentId, [event])
    else group.push(event)
  }
  return groups
}
