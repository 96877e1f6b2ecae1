/** The relay that runs beside the sandbox, as the page sees it. */
export interface SandboxRelay {
  /** Bring a push to its webhook, with the secret that opens it. Rejects if there is no answer. */
  push(body: string): Promise<Pushed>
  /** What it knows and waits for now. */
  view(): Promise<RelayView>
  /** Try again what waits, is held or was given up on. */
  retry(ids: readonly string[]): Promise<Changed>
  /** Owe it no more. */
  drop(ids: readonly string[]): Promise<Changed>
}

export interface Pushed {
  readonly status: number
  /** The body of the answer: JSON, as the source would see it. */
  readonly answer: unknown
}

/** What was done, or why nothing was. */
export interface Changed {
  readonly changes: readonly { readonly id: string; readonly result: string }[]
  readonly problems: readonly string[]
}

export interface RelayView {
  readonly nowMs: number
  /** The lanes that were touched last, newest first. */
  readonly lanes: readonly LaneView[]
  /** What is owed: what waits for a person first. `total` counts what is not listed too. */
  readonly work: readonly WorkView[]
  readonly total: number
  /** What is left alone for a while, or asked for a wait. */
  readonly pauses: readonly { readonly scope: string; readonly reason: string; readonly untilMs: number }[]
  /** Destinations with more new incidents than they take. */
  readonly storms: readonly { readonly destination: string; readonly waiting: number; readonly sinceMs: number }[]
}

/** One incident in one destination. `shownVersion` is 0 before the first card. */
export interface LaneView {
  readonly incidentId: string
  readonly title: string
  readonly severity: string
  readonly progress: string
  readonly destination: string
  readonly wantedVersion: number
  readonly shownVersion: number
  readonly generation: number
  readonly frozen: boolean
}

/** One message or edit that is owed. `nextAtMs` is absent if it will not be tried by itself. */
export interface WorkView {
  readonly id: string
  readonly kind: 'card' | 'reply' | 'edit'
  readonly state: 'pending' | 'waiting' | 'sending' | 'ambiguous' | 'held' | 'dead'
  readonly destination: string
  readonly incidentId: string
  readonly title: string
  readonly attempts: number
  readonly reason?: string
  readonly nextAtMs?: number
}
