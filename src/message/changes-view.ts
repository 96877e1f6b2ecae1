import type { Changes, TextChange } from '../incident/changes.ts'
import { cutText } from './text.ts'
import { MAX_NAMED, MAX_PEOPLE, toDate, toLine, toList, toLongText, toName, toPersonView } from './values.ts'
import type { ChangesView, NamedChangeView, TextChangeView } from './view.ts'
import { OTHER_SEVERITY, type Vocabulary } from './words.ts'

/** One side of a change in a list of them. Ours: both sides and the name fit two lines of a phone. */
const MAX_SIDE_UNITS = 80

/** What changed, as templates read it. */
export function toChangesView(changes: Changes, vocabulary: Vocabulary): ChangesView {
  const { words } = vocabulary
  const people = (list: Changes['joined']): ChangesView['joined'] =>
    toList(list ?? [], MAX_PEOPLE, (person) => toPersonView(person, words))
  const view = {
    title: toChange(changes.title, toLine),
    description: toChange(changes.description, toLongText),
    impact: toChange(changes.impact, toLongText),
    root_cause: toChange(changes.rootCause, toLongText),
    resolution: toChange(changes.resolution, toLongText),
    severity: toSeverityChange(changes.severity, vocabulary),
    status: toChange(changes.status, worded(vocabulary.status)),
    progress: toChange(changes.progress, worded(vocabulary.progress)),
    channel: toChange(changes.channel, toName),
    alert_count: changes.alertCount ?? null,
    snooze:
      changes.snooze === undefined ? null : { from: toDate(changes.snooze.fromMs), to: toDate(changes.snooze.toMs) },
    fields: toNamedChanges(changes.fields),
    labels: toNamedChanges(changes.labels),
    joined: people(changes.joined),
    left: people(changes.left),
    acknowledged: people(changes.acknowledged),
    unacknowledged: people(changes.unacknowledged),
  }
  return { ...view, all: toAll(view, words.fields) }
}

type Read = (text: string | undefined) => string | null

function toChange(change: TextChange | undefined, read: Read): TextChangeView | null {
  return change === undefined ? null : { from: read(change.from), to: read(change.to) }
}

function worded(known: ReadonlyMap<string, string>): Read {
  return (text) => {
    const name = toName(text)
    return name === null ? null : (known.get(name) ?? name)
  }
}

function toSeverityChange(change: Changes['severity'], { severity }: Vocabulary): ChangesView['severity'] {
  if (change === undefined) return null
  const labels = new Map([...severity].flatMap(([name, { label }]) => (name === OTHER_SEVERITY ? [] : [[name, label]])))
  const read = worded(labels)
  return { from: read(change.from), to: read(change.to), direction: change.direction }
}

function toNamedChanges(changes: Changes['fields']): readonly NamedChangeView[] | null {
  return toList(changes ?? [], MAX_NAMED, ({ name, from, to }) => ({
    name: toName(name) ?? '',
    from: toLine(from),
    to: toLine(to),
  }))
}

/** The short changes one after the other, so that an event of any type can say what it did. */
function toAll(view: Omit<ChangesView, 'all'>, names: Vocabulary['words']['fields']): ChangesView['all'] {
  const alerts = view.alert_count && { from: String(view.alert_count.from), to: String(view.alert_count.to) }
  const all: readonly (readonly [string, TextChangeView | null])[] = [
    [names.title, view.title],
    [names.severity, view.severity],
    [names.status, view.status],
    [names.progress, view.progress],
    [names.channel, view.channel],
    [names.alerts, alerts],
    ...(view.fields ?? []).map((field) => [field.name, field] as const),
  ]
  const changed = all.flatMap(([name, change]) => (change === null ? [] : [{ name, ...cutSides(change) }]))
  return changed.length === 0 ? null : changed
}

function cutSides({ from, to }: TextChangeView): TextChangeView {
  return { from: from && cutText(from, MAX_SIDE_UNITS), to: to && cutText(to, MAX_SIDE_UNITS) }
}
