import type { Attention } from './attention.ts'

/** A matcher of one route, ready to be asked: config/load.ts compiles the patterns. */
export interface Route {
  readonly name: string
  readonly to: readonly string[]
  readonly continue: boolean
  readonly match: RouteMatch
  /** Event type, or `type:Severity`, or `default` -> what differs from the defaults. */
  readonly attention: Readonly<Record<string, Partial<Attention>>>
  /** Ids to mention when a card is posted. */
  readonly mention: readonly string[]
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
