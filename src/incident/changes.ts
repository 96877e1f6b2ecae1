import type { Incident, Responder } from './incident.ts'

/** What a reader of the thread may want to know of one difference. Texts are absent where there was, or is, none. */
export interface TextChange {
  readonly from?: string
  readonly to?: string
}

/**
 * The difference between two snapshots of an incident. A member is absent where
 * nothing changed. Without a previous snapshot there are no changes, as there is
 * no way to know them.
 */
export interface Changes {
  readonly title?: TextChange
  readonly description?: TextChange
  readonly impact?: TextChange
  readonly rootCause?: TextChange
  readonly resolution?: TextChange
  readonly severity?: TextChange & { readonly direction: 'up' | 'down' | 'other' }
  readonly status?: TextChange
  readonly progress?: TextChange
  readonly alertCount?: { readonly from: number; readonly to: number }
  readonly channel?: TextChange
  readonly snooze?: { readonly fromMs?: number; readonly toMs?: number }
  /** Custom fields and labels, by name, in the order of the new snapshot, removed ones last. */
  readonly fields?: readonly (TextChange & { readonly name: string })[]
  readonly labels?: readonly (TextChange & { readonly name: string })[]
  readonly joined?: readonly Responder[]
  readonly left?: readonly Responder[]
  readonly acknowledged?: readonly Responder[]
  readonly unacknowledged?: readonly Responder[]
}
