import type { Incident } from './incident.ts'

/** The type of the event by which the relay tells of new incidents that wait for their card: no source sends it. */
export const STORM_BOARD = 'relay_storm_board'

/** New incidents of one severity that wait for their card, the oldest first. */
export interface WaitingGroup {
  readonly severity: string
  readonly count: number
  readonly first: readonly { readonly title: string; readonly url?: string }[]
}

/** What a storm board shows: how many new incidents wait for their card in one destination, and which. */
export interface Board {
  readonly destination: string
  readonly groups: readonly WaitingGroup[]
}

/** A storm board is an incident of the relay's own: its card is posted, edited and looked for like any other. */
export type BoardIncident = Incident & { readonly board: Board }

export function isBoard(incident: Incident): incident is BoardIncident {
  return incident.board !== undefined
}

/** Where the ids of a destination's boards begin. */
export function boardPrefix(destination: string): string {
  return `${BOARDS}${encodeURIComponent(destination)}/`
}

/** Where the ids of all boards begin; no id of the source's holds a slash. */
export const BOARDS = 'relay-board/'

/** How many new incidents wait, in all. */
export function waitingIn(groups: readonly WaitingGroup[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0)
}
