import type { Config } from '../config/schema.ts'
import type { ExplainedDestination, ExplainedRoute, Explanation } from '../incident/explain.ts'
import type { Event } from '../incident/incident.ts'
import type { Language } from '../incident/language.ts'
import { toLanguage } from '../incident/route.ts'
import type { Mentioned } from '../message/message.ts'
import { toCalls } from '../platform/discord/mentions.ts'
import type { PlatformKind } from '../platform/index.ts'
import { toCall } from '../platform/slack/rich-text.ts'

/** What `explain` says of one event: for people in lines, for machines as it is. */
export interface Told {
  readonly event: {
    readonly id: string
    readonly type: string
    readonly incident: string
    readonly title: string
    readonly severity: string
    readonly progress: string
  }
  /** `applied`, `stale` (older than one before it), or `unrouted` (it goes nowhere). */
  readonly verdict: string
  /** Paths of what was present and could not be used. */
  readonly dropped: readonly string[]
  readonly routes: readonly ToldRoute[]
  readonly destinations: readonly ToldDestination[]
}

export interface ToldRoute {
  readonly name: string
  readonly fate: ExplainedRoute['fate']
  /** The matchers that held. */
  readonly because: readonly string[]
  /** The first that did not. */
  readonly unmet?: string
}

export interface ToldDestination {
  readonly name: string
  readonly platform: PlatformKind
  readonly channel: string
  readonly route?: string
  readonly language: Language
  readonly loudness: string
  /** Where that is said: a route's table and its key, or the default. */
  readonly from: string
  readonly posts: readonly {
    readonly kind: 'card' | 'reply'
    readonly broadcast: boolean
    readonly calls: readonly Called[]
  }[]
  readonly edits: boolean
}

/** Somebody to be called; without `as` nobody is called, for the reason in `why`. */
export interface Called {
  readonly who: string
  readonly as?: string
  readonly why?: string
}

export function toTold(event: Event, dropped: readonly string[], explanation: Explanation, config: Config): Told {
  const { incident } = event
  return {
    event: {
      id: event.id,
      type: event.type,
      incident: incident.id,
      title: incident.title,
      severity: incident.severity,
      progress: incident.progress,
    },
    verdict: explanation.verdict,
    dropped,
    routes: explanation.routes.map(toToldRoute),
    destinations: explanation.destinations.map((one) => toToldDestination(one, event, config)),
  }
}

function toToldRoute({ route, fate, because, unmet }: ExplainedRoute): ToldRoute {
  const is = unmet && (unmet.given.length === 0 ? 'has none' : `is ${unmet.given.join(' or ')}`)
  return {
    name: route.name,
    fate,
    because,
    ...(unmet && { unmet: `${unmet.what} ${is}, not ${unmet.wanted.join(' or ')}` }),
  }
}

function toToldDestination(
  { destination, route, attention, key, edits, owed }: ExplainedDestination,
  event: Event,
  { accounts, destinations, people, routes, templates }: Config,
): ToldDestination {
  const { account = '', channel = '' } = destinations[destination] ?? {}
  const platform = accounts[account]?.platform ?? 'slack'
  const known = new Map(
    Object.entries(people).flatMap(([email, ids]) => (ids[platform] ? [[email, ids[platform]]] : [])),
  )
  return {
    name: destination,
    platform,
    channel,
    ...(route && { route: route.name }),
    language: toLanguage(routes, { incident: event.incident, destination }, templates.language),
    loudness: attention.loudness,
    from: key === undefined ? `the default of ${event.type}` : `attention "${key}" of the route ${route?.name}`,
    posts: owed.map(({ kind, broadcast, mention }) => ({
      kind,
      broadcast,
      calls: mention.map((who) => toCalled(who, platform, known)),
    })),
    edits,
  }
}

type People = ReadonlyMap<string, string>

/** Whom a platform calls for somebody: asked of what its messages are drawn with. */
const CALLS: Readonly<Record<PlatformKind, (who: Mentioned, people: People) => string | undefined>> = {
  slack(who, people) {
    const call = toCall(who, people)
    if (call?.type === 'user') return call.user_id
    return call?.type === 'usergroup' ? call.usergroup_id : call && 'here'
  },
  discord: (who, people) => toCalls([who], people).text || undefined,
}

function toCalled(who: Mentioned, platform: PlatformKind, people: People): Called {
  const as = CALLS[platform](who, people)
  if (who.kind !== 'person') {
    const name = who.kind === 'here' ? 'here' : who.id
    return { who: name, ...(as === undefined ? { why: `is no id of ${platform}` } : { as }) }
  }
  if (as !== undefined) return { who: who.name, as }
  const asks = platform === 'slack' ? ', so Slack is asked if the app may look up e-mail addresses' : ''
  const why = who.email === undefined ? 'has no e-mail address' : `people has no ${platform} id for ${who.email}${asks}`
  return { who: who.name, why }
}
