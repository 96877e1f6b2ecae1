import type { DueLane, Schedule, Urgency } from '../lane.ts'
import { present } from '../sql/rows.ts'
import type { Done, Steps } from '../sql/steps.ts'
import type { Store } from '../store.ts'

type Query<Method extends keyof Store> = Parameters<Store[Method]>[0]

/** All classes by one statement: a look costs one way to the server, whatever is owed. */
const DUE = `
  SELECT l.incident_id, class.destination, class.urgency, l.owed_since_ms
  FROM unnest($1::text[], $2::integer[]) WITH ORDINALITY AS class (destination, urgency, place)
  CROSS JOIN LATERAL (
    SELECT incident_id, owed_since_ms FROM lane
    WHERE destination = class.destination AND urgency = class.urgency
      AND due_at_ms <= $3::bigint AND (owner IS NULL OR lease_until_ms <= $3::bigint)
    ORDER BY owed_since_ms LIMIT $4
  ) l
  ORDER BY class.place, l.owed_since_ms`
interface DueRow {
  readonly incident_id: string
  readonly destination: string
  readonly urgency: Urgency
  readonly owed_since_ms: number
}

export function* due({ nowMs, classes, limit }: Query<'due'>): Steps<readonly DueLane[]> {
  if (classes.length === 0) return []
  const destinations = classes.map(({ destination }) => destination)
  const urgencies = classes.map(({ urgency }) => urgency)
  const { rows }: Done = yield { sql: DUE, params: [destinations, urgencies, nowMs, limit] }
  return (rows as readonly DueRow[]).map((row) => ({
    incidentId: row.incident_id,
    destination: row.destination,
    urgency: row.urgency,
    owedSinceMs: row.owed_since_ms,
  }))
}

/**
 * What a holder that is no more left behind is due when its lease is over. Whoever is late with letting go is looked at
 * again a second later, by the server's clock. The last row, which has no destination, is that of the snoozes.
 */
const SCHEDULE = `
  SELECT class.destination, class.urgency, least(free.at_ms, held.at_ms) AS at_ms
  FROM (
    SELECT destination, urgency FROM unnest($1::text[]) AS d (destination) CROSS JOIN generate_series(0, 4) AS u (urgency)
  ) AS class
  LEFT JOIN LATERAL (
    SELECT due_at_ms AS at_ms FROM lane
    WHERE destination = class.destination AND urgency = class.urgency AND due_at_ms IS NOT NULL AND owner IS NULL
    ORDER BY due_at_ms LIMIT 1
  ) free ON true
  LEFT JOIN LATERAL (
    SELECT greatest(lease_until_ms, (extract(epoch FROM clock_timestamp()) * 1000)::bigint + 1000) AS at_ms FROM lane
    WHERE destination = class.destination AND urgency = class.urgency AND due_at_ms IS NOT NULL AND owner IS NOT NULL
    ORDER BY lease_until_ms LIMIT 1
  ) held ON true
  WHERE free.at_ms IS NOT NULL OR held.at_ms IS NOT NULL
  UNION ALL
  SELECT NULL, NULL, min(snooze_ends_at_ms) FROM incident WHERE snooze_ends_at_ms IS NOT NULL
  ORDER BY 1, 2`
interface ScheduleRow {
  readonly destination: string | null
  readonly urgency: Urgency
  readonly at_ms: number | null
}

export function* schedule({ destinations }: Query<'schedule'>): Steps<Schedule> {
  const { rows }: Done = yield { sql: SCHEDULE, params: [destinations] }
  const all = rows as readonly ScheduleRow[]
  const classes = all.flatMap(({ destination, urgency, at_ms }) =>
    destination === null || at_ms === null ? [] : [{ destination, urgency, dueAtMs: at_ms }],
  )
  return { classes, ...present('snoozeEndsAtMs', all.find((row) => row.destination === null)?.at_ms ?? null) }
}
