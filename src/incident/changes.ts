import { defined } from '../defined.ts'
import type { Incident, Named, Responder } from './incident.ts'

/** What a reader of the thread may want to know of one difference. Texts are absent where there was, or is, none. */
export interface TextChange {
  readonly from?: string
  readonly to?: string
}

/**
 * The difference between two snapshots of an incident. A member is absent where
 * nothing changed. Without a previous snapshot there are no changes, as there is
 * no way to know them.
 */
export interface Changes {
  readonly title?: TextChange
  readonly description?: TextChange
  readonly impact?: TextChange
  readonly rootCause?: TextChange
  readonly resolution?: TextChange
  readonly severity?: TextChange & { readonly direction: 'up' | 'down' | 'other' }
  readonly status?: TextChange
  readonly progress?: TextChange
  readonly alertCount?: { readonly from: number; readonly to: number }
  readonly channel?: TextChange
  readonly snooze?: { readonly fromMs?: number; readonly toMs?: number }
  /** Custom fields and labels, by name, in the order of the new snapshot, removed ones last. */
  readonly fields?: readonly (TextChange & { readonly name: string })[]
  readonly labels?: readonly (TextChange & { readonly name: string })[]
  readonly joined?: readonly Responder[]
  readonly left?: readonly Responder[]
  readonly acknowledged?: readonly Responder[]
  readonly unacknowledged?: readonly Responder[]
}

/** What is different in `next`. Nothing is, if there is no previous snapshot to compare with. */
export function toChanges(previous: Incident | undefined, next: Incident): Changes {
  if (previous === undefined) return {}
  return defined({
    title: textChange(previous.title, next.title),
    description: textChange(previous.description, next.description),
    impact: textChange(previous.impact, next.impact),
    rootCause: textChange(previous.rootCause, next.rootCause),
    resolution: textChange(previous.resolution, next.resolution),
    severity: severityChange(previous.severity, next.severity),
    status: textChange(previous.status, next.status),
    progress: textChange(previous.progress, next.progress),
    alertCount: numberChange(previous.alertCount, next.alertCount),
    channel: textChange(previous.channelName, next.channelName),
    snooze: snoozeChange(previous.snoozedUntilMs, next.snoozedUntilMs),
    fields: namedChanges(previous.fields, next.fields),
    labels: namedChanges(previous.labels, next.labels),
    joined: unlessEmpty(missingFrom(previous.responders, next.responders)),
    left: unlessEmpty(missingFrom(next.responders, previous.responders)),
    acknowledged: unlessEmpty(missingFrom(acknowledged(previous), acknowledged(next))),
    unacknowledged: unlessEmpty(missingFrom(acknowledged(next), acknowledged(previous))),
  })
}

const SEVERITY_RANK: ReadonlyMap<string, number> = new Map([
  ['Ok', 0],
  ['Info', 1],
  ['Warning', 2],
  ['Critical', 3],
])

function severityChange(from: string, to: string): Changes['severity'] | undefined {
  if (from === to) return undefined
  const fromRank = SEVERITY_RANK.get(from)
  const toRank = SEVERITY_RANK.get(to)
  const direction = fromRank === undefined || toRank === undefined ? 'other' : toRank > fromRank ? 'up' : 'down'
  return { from, to, direction }
}

function textChange(from: string | undefined, to: string | undefined): TextChange | undefined {
  return (from ?? '') === (to ?? '') ? undefined : defined({ from, to })
}

function numberChange(from: number | undefined, to: number | undefined): Changes['alertCount'] | undefined {
  return from === undefined || to === undefined || from === to ? undefined : { from, to }
}

function snoozeChange(fromMs: number | undefined, toMs: number | undefined): Changes['snooze'] | undefined {
  return fromMs === toMs ? undefined : defined({ fromMs, toMs })
}

function namedChanges(previous: readonly Named[], next: readonly Named[]): Changes['fields'] | undefined {
  const before = new Map(previous.map(({ name, value }) => [name, value]))
  const after = new Map(next.map(({ name, value }) => [name, value]))
  const names = new Set([...after.keys(), ...before.keys()])
  const changed = [...names].flatMap((name) => {
    const change = textChange(before.get(name), after.get(name))
    return change === undefined ? [] : [{ name, ...change }]
  })
  return unlessEmpty(changed)
}

function acknowledged(incident: Incident): readonly Responder[] {
  return incident.responders.filter((responder) => responder.acknowledgedAtMs !== undefined)
}

/** Those of `people` that `others` does not hold. */
function missingFrom(others: readonly Responder[], people: readonly Responder[]): readonly Responder[] {
  const known = new Set(others.map(identity))
  return people.filter((person) => !known.has(identity(person)))
}

function identity(person: Responder): string {
  return person.id ?? person.email ?? person.name
}

function unlessEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list
}
