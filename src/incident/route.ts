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

/** The first matcher that did not hold: what it is about, the patterns it wants, and what the event has. */
export interface Unmet {
  readonly what: string
  readonly wanted: readonly string[]
  readonly given: readonly string[]
}

/** Whether a route matches, which matchers held, and which did not. */
export interface RouteVerdict extends RouteHit {
  readonly unmet?: Unmet
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
    const { because, unmet } = judgeRoute(route, subject)
    if (unmet !== undefined) continue
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
  const fits = incident.board === undefined ? leading.find((route) => fitsIncident(route, incident)) : undefined
  return (fits ?? leading[0])?.language ?? fallback
}

function fitsIncident(route: Route, incident: Incident): boolean {
  const match = { ...route.match, eventType: ['*'] }
  return judgeRoute({ ...route, match }, { incident, eventType: '' }).unmet === undefined
}

/** Why a route matches, or does not, whatever the routes before it do: one sentence per matcher that held. */
export function judgeRoute(
  route: Route,
  { incident, eventType }: { incident: Incident; eventType: string },
): RouteVerdict {
  const { match } = route
  const because: string[] = []
  let unmet: Unmet | undefined
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
    unmet = { what, wanted: patterns, given: values.filter((value) => value !== undefined) }
    return false
  }
  const all =
    holds('channel', match.channel, [incident.channelId, incident.channelName]) &&
    holds('severity', match.severity, [incident.severity]) &&
    holds('event type', match.eventType, [eventType]) &&
    holdsNamed('label', match.labels, incident.labels) &&
    holdsNamed('field', match.fields, incident.fields)
  if (!all) return { route, because, ...(unmet && { unmet }) }
  return { route, because: because.length === 0 ? ['it matches everything'] : because }

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
