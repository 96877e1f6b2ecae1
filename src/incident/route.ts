import type { Attention } from './attention.ts'
import type { Incident, Named } from './incident.ts'
import type { Language } from './language.ts'
import { matchesPattern } from './pattern.ts'

/** A rule of the configuration: which incidents go to which destinations. */
export interface Route {
  readonly name: string
  readonly to: readonly string[]
  readonly continue: boolean
  readonly match: RouteMatch
  /** Event type, or `type:Severity`, or `default` -> what differs from the defaults. */
  readonly attention: Readonly<Record<string, Partial<Attention>>>
  /** Ids to mention when a card is posted. */
  readonly mention: readonly string[]
  /** What its incidents are told in; absent: as `templates.language` says. */
  readonly language?: Language
}

/** Every member given must match; inside a list one is enough. Absent members match everything. */
export interface RouteMatch {
  /** A channel's id, or a pattern for its name. */
  readonly channel?: readonly string[]
  readonly severity?: readonly string[]
  readonly eventType?: readonly string[]
  readonly labels?: Readonly<Record<string, readonly string[]>>
  readonly fields?: Readonly<Record<string, readonly string[]>>
}

/** A route that took the incident, and the matchers that held, in words. */
export interface RouteHit {
  readonly route: Route
  readonly because: readonly string[]
}

/**
 * The routes that take an event: the first that matches, and those after it as
 * long as each says `continue`. None is a fair answer: the event goes nowhere.
 */
export function toRouteHits(
  routes: readonly Route[],
  subject: { incident: Incident; eventType: string },
): readonly RouteHit[] {
  const hits: RouteHit[] = []
  for (const route of routes) {
    const because = reasons(route.match, subject)
    if (because === undefined) continue
    hits.push({ route, because })
    if (!route.continue) break
  }
  return hits
}

/**
 * The language an incident is told in at a destination: that of the first route which leads there and matches the
 * incident, whatever the event; of the first which leads there, where none matches, as for a storm board. Where that
 * route names none it is `fallback`. So a card and its thread speak one language, and go on in another only when the
 * configuration changes, or what routes go by.
 */
export function toLanguage(
  routes: readonly Route[],
  { incident, destination }: { readonly incident: Incident; readonly destination: string },
  fallback: Language,
): Language {
  const leading = routes.filter(({ to }) => to.includes(destination))
  const fits = incident.board === undefined ? leading.find(({ match }) => matches(match, incident)) : undefined
  return (fits ?? leading[0])?.language ?? fallback
}

function matches(match: RouteMatch, incident: Incident): boolean {
  return reasons({ ...match, eventType: ['*'] }, { incident, eventType: '' }) !== undefined
}

/** Why a route matches, one sentence per matcher, or undefined if it does not. */
function reasons(
  match: RouteMatch,
  { incident, eventType }: { incident: Incident; eventType: string },
): string[] | undefined {
  const because: string[] = []
  const holds = (
    what: string,
    patterns: readonly string[] | undefined,
    values: readonly (string | undefined)[],
  ): boolean => {
    if (patterns === undefined) return true
    for (const pattern of patterns) {
      const value = values.find((given) => given !== undefined && matchesPattern(pattern, given))
      if (value === undefined) continue
      because.push(pattern === value ? `${what} is ${value}` : `${what} ${value} fits ${pattern}`)
      return true
    }
    return false
  }
  const all =
    holds('channel', match.channel, [incident.channelId, incident.channelName]) &&
    holds('severity', match.severity, [incident.severity]) &&
    holds('event type', match.eventType, [eventType]) &&
    holdsNamed('label', match.labels, incident.labels) &&
    holdsNamed('field', match.fields, incident.fields)
  if (!all) return undefined
  return because.length === 0 ? ['it matches everything'] : because

  function holdsNamed(what: string, wanted: RouteMatch['labels'], given: readonly Named[]): boolean {
    return Object.entries(wanted ?? {}).every(([name, patterns]) =>
      holds(
        `${what} ${name}`,
        patterns,
        given.filter((named) => named.name === name).map((named) => named.value),
      ),
    )
  }
}
