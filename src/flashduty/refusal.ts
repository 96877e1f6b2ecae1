import type { EnvelopeProblem } from './envelope.ts'
import type { JsonProblem } from './json.ts'

/** Why a push was not accepted. Also a metric label. */
export type RefusalCode =
  | JsonProblem
  | EnvelopeProblem
  | 'unauthorized'
  | 'method_not_allowed'
  | 'unsupported_type'
  | 'unsupported_encoding'
  | 'too_large'
  | 'store_unavailable'

export interface Refusal {
  readonly code: RefusalCode
  /** The field to look at, if it is about one. */
  readonly path?: string
  readonly reason: string
}

/** The status of each refusal. Only `store_unavailable` is our fault. */
export const STATUS = {
  unauthorized: 401,
  method_not_allowed: 405,
  unsupported_type: 415,
  unsupported_encoding: 415,
  too_large: 413,
  invalid_utf8: 400,
  empty: 400,
  too_deep: 400,
  invalid_json: 400,
  not_an_object: 400,
  missing_field: 400,
  invalid_field: 400,
  unresolved_template: 400,
  store_unavailable: 503,
} as const satisfies Record<RefusalCode, number>

const CUSTOM_BODY = 'In the Flashduty console, turn off the custom request body of this webhook, or correct it.'

/** What to do about it. The source's console shows our answer, so this is for the person who set it up. */
export const HINTS: Partial<Record<RefusalCode, string>> = {
  unauthorized: 'In the Flashduty console, add the custom header X-Relay-Secret with a value of flashduty.secrets.',
  unsupported_type: 'Send JSON in UTF-8 with the header Content-Type: application/json.',
  unsupported_encoding: 'Send the body uncompressed.',
  empty: CUSTOM_BODY,
  invalid_json: CUSTOM_BODY,
  not_an_object: CUSTOM_BODY,
  missing_field: CUSTOM_BODY,
  invalid_field: CUSTOM_BODY,
  unresolved_template:
    'In the Flashduty console, correct this variable in the custom request body of this webhook, or turn the custom body off.',
}
