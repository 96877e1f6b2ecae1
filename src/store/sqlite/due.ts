import type { DueLane, LaneClass, Schedule, Urgency } from '../lane.ts'
import { present } from '../sql/rows.ts'
import type { Store } from '../store.ts'
import type { Statements } from './rows.ts'

type Query<Method extends keyof Store> = Parameters<Store[Method]>[0]

interface DueRow {
  readonly incident_id: string
  readonly urgency: Urgency
  readonly owed_since_ms: number
}
/** By the index that has them in order: SQLite prefers to gather and sort all that are due, of which there may be 100,000. */
const DUE = `
  SELECT incident_id, urgency, owed_since_ms FROM lane INDEXED BY lane_owed
  WHERE destination = ? AND urgency = ? AND due_at_ms <= ? AND (owner IS NULL OR lease_until_ms <= ?)
  ORDER BY owed_since_ms LIMIT ?`

export function due(db: Statements, { nowMs, classes, limit }: Query<'due'>): readonly DueLane[] {
  const owing = owingClasses(db)
  return classes.filter(isAmong(owing)).flatMap(({ destination, urgency }) =>
    db.all<DueRow>(DUE, destination, urgency, nowMs, nowMs, limit).map((row) => ({
      incidentId: row.incident_id,
      destination,
      urgency: row.urgency,
      owedSinceMs: row.owed_since_ms,
    })),
  )
}

/**
 * From one class to the next in the index, whatever there is in each: most destinations owe nothing most of the time. Two
 * statements, as for one that compares pairs SQLite reads all of the class it is to leave.
 */
const NEXT_OF_DESTINATION = `
  SELECT destination, urgency FROM lane WHERE due_at_ms IS NOT NULL AND destination = ? AND urgency > ?
  ORDER BY urgency LIMIT 1`
const NEXT_DESTINATION = `
  SELECT destination, urgency FROM lane WHERE due_at_ms IS NOT NULL AND destination > ?
  ORDER BY destination, urgency LIMIT 1`

/** The classes that have a lane that owes something, due or not. */
function owingClasses(db: Statements): readonly LaneClass[] {
  const classes: LaneClass[] = []
  for (let last = db.get<LaneClass>(NEXT_DESTINATION, ''); last !== undefined; last = nextOwing(db, last)) {
    classes.push(last)
  }
  return classes
}

function nextOwing(db: Statements, { destination, urgency }: LaneClass): LaneClass | undefined {
  return (
    db.get<LaneClass>(NEXT_OF_DESTINATION, destination, urgency) ?? db.get<LaneClass>(NEXT_DESTINATION, destination)
  )
}

function isAmong(classes: readonly LaneClass[]): (asked: LaneClass) => boolean {
  return (asked) => classes.some((one) => one.destination === asked.destination && one.urgency === asked.urgency)
}

const NEXT_OF_CLASS = `
  SELECT due_at_ms FROM lane
  WHERE destination = ? AND urgency = ? AND due_at_ms IS NOT NULL AND owner IS NULL
  ORDER BY due_at_ms LIMIT 1`
const NEXT_SNOOZE = 'SELECT min(snooze_ends_at_ms) AS at FROM incident WHERE snooze_ends_at_ms IS NOT NULL'

export function schedule(db: Statements, { destinations }: Query<'schedule'>): Schedule {
  const asked = owingClasses(db).filter(({ destination }) => destinations.includes(destination))
  const classes = asked.flatMap(({ destination, urgency }) => {
    const row = db.get<{ due_at_ms: number }>(NEXT_OF_CLASS, destination, urgency)
    return row === undefined ? [] : [{ destination, urgency, dueAtMs: row.due_at_ms }]
  })
  return { classes, ...present('snoozeEndsAtMs', db.get<{ at: number | null }>(NEXT_SNOOZE)?.at ?? null) }
}
