import type { Operation, Outcome } from '../platform/platform.ts'

/** One try of a call, for the log and the metrics. No text of the incident. */
export interface Attempt {
  readonly destination: string
  readonly platform: string
  readonly operation: Operation
  readonly incidentId: string
  readonly key?: string
  readonly attempt: number
  readonly outcome: Outcome['kind'] | 'found' | 'absent' | 'wait' | 'unable'
  readonly reason?: string
  readonly detail?: string
  readonly durationMs: number
  /** From the arrival of what the message tells to the answer, where it was sent and that is known. */
  readonly waitedMs?: number
}

/** What the worker tells of itself. */
export interface Report {
  attempted(attempt: Attempt): void
  /** Something that is as it should be, and worth a line. */
  told(event: string, fields: Readonly<Record<string, string | number>>): void
  /** Something a person should know: given up on, held, circuit open, template failed. */
  warned(event: string, fields: Readonly<Record<string, string | number>>): void
  failed(event: string, error: unknown): void
}

/** The reason and detail of an outcome, where it has them. */
export function toReason(outcome: Outcome): { reason?: string; detail?: string } {
  switch (outcome.kind) {
    case 'sent':
      return {}
    case 'gone':
      return { reason: outcome.what, detail: outcome.detail }
    case 'unknown':
      return { detail: outcome.detail }
    case 'retry':
    case 'rejected':
      return { reason: outcome.reason, detail: outcome.detail }
  }
}
