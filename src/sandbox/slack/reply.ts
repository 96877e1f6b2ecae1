/** What Slack says: `ok`, or one of its error words. Always sent with status 200, but for `ratelimited`. */
export type Reply = { readonly ok: true; readonly [more: string]: unknown } | Refusal

export interface Refusal {
  readonly ok: false
  readonly error: string
  readonly [more: string]: unknown
}

export function refuse(error: string, more: Readonly<Record<string, unknown>> = {}): Refusal {
  return { ok: false, error, ...more }
}

/** A refusal that says where in the request the problems are, in Slack's wording. */
export function refuseAt(error: string, problems: readonly string[]): Refusal {
  return refuse(error, { errors: problems, response_metadata: { messages: problems.map((p) => `[ERROR] ${p}`) } })
}

export function isRefusal(value: object): value is Refusal {
  return 'ok' in value && value.ok === false
}
