import type { OwedDelivery } from '../store/delivery.ts'
import type { AppliedPlan, KnownIncident } from '../store/store.ts'
import { attentionKey, toAttention, type Attention } from './attention.ts'
import type { Changes } from './changes.ts'
import { knownAfter, toAgeMs, toPlan, type PlanInput } from './plan.ts'
import { judgeRoute, toRouteHits, type Route, type RouteVerdict } from './route.ts'

/** A route and what became of it: `takes` the event, `passes` on it, or is `not_asked` since one before it took it. */
export interface ExplainedRoute extends RouteVerdict {
  readonly fate: 'takes' | 'passes' | 'not_asked'
}

/** What an event comes to in one destination. */
export interface ExplainedDestination {
  readonly destination: string
  /** The route that leads there; absent if only the card there, which an earlier event made, does. */
  readonly route?: Route
  readonly attention: Attention
  /** The key of the route's attention table that says so; absent if the default of the event type does. */
  readonly key?: string
  /** Whether the card that is there is edited. */
  readonly edits: boolean
  readonly owed: readonly OwedDelivery[]
}

export interface Explanation {
  readonly verdict: AppliedPlan['verdict']
  readonly changes: Changes
  readonly routes: readonly ExplainedRoute[]
  readonly destinations: readonly ExplainedDestination[]
  /** The incident after the event, its cards taken for posted: what the next event of it meets. */
  readonly known: KnownIncident | undefined
}

/** What the relay would do with an event, and why: the plan it makes of it, and what that came from. */
export function toExplanation(input: PlanInput): Explanation {
  const plan = toPlan(input)
  const { event, routes, known } = input
  const subject = { incident: event.incident, eventType: event.type }
  const hits = toRouteHits(routes, subject).map(({ route }) => route)
  const explained = routes.map((route): ExplainedRoute => {
    const verdict = judgeRoute(route, subject)
    return { ...verdict, fate: hits.includes(route) ? 'takes' : verdict.unmet === undefined ? 'not_asked' : 'passes' }
  })
  const cards = known?.lanes.map(({ destination }) => destination) ?? []
  const names = [...new Set([...hits.flatMap(({ to }) => to), ...cards])]
  const destinations = names.map((name) => toDestination(name, input, plan, hits))
  return {
    verdict: plan.verdict,
    changes: plan.changes,
    routes: explained,
    destinations,
    known: knownAfter(known, plan, true),
  }
}

function toDestination(
  destination: string,
  { event, effectiveAtMs, known }: PlanInput,
  plan: AppliedPlan,
  hits: readonly Route[],
): ExplainedDestination {
  const route = hits.find(({ to }) => to.includes(destination))
  const table = route?.attention ?? {}
  const ageMs = toAgeMs(known, effectiveAtMs)
  const context = { eventType: event.type, incident: event.incident, changes: plan.changes, ageMs }
  const key = attentionKey(context, table)
  const lane = plan.lanes.find((planned) => planned.destination === destination)
  const isThere = known?.lanes.some((one) => one.destination === destination) === true
  return {
    destination,
    ...(route && { route }),
    attention: toAttention(context, table),
    ...(key !== undefined && { key }),
    edits: isThere && lane?.card === true,
    owed: lane?.owed ?? [],
  }
}
