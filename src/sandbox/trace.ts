import type { Call } from './call.ts'
import type { Misbehaviour } from './fault.ts'

/** A call as the page's inspector lists it. */
export interface TracedCall extends Call {
  /** Grows with every call. */
  readonly id: number
  readonly platform: 'slack' | 'discord'
  readonly durationMs: number
  /** How the sandbox misbehaved: the client may not have got this answer. */
  readonly fault?: Misbehaviour['kind']
}

/** What was said in a call: JSON, or text. Absent if there was nothing, or nothing was answered. */
export interface Said {
  readonly request?: string
  readonly response?: string
}

/** A call to be kept. */
export interface Seen extends Omit<TracedCall, 'id'> {
  readonly request: unknown
  readonly response: unknown
  /** What must not be kept, wherever it stands: the tokens that are known, and the one that was brought. */
  readonly secrets: readonly (string | undefined)[]
}

/** What an eye goes through at most; older ones are in no list. */
const KEPT = 200
/** A card takes some 4,000. What is longer is a mistake that its beginning explains. */
const MAX_SAID_CHARS = 16_000

/** The newest calls of both platforms with what was said in them. Secrets are masked before anything is kept. */
export class Traces {
  #id = 0
  readonly #kept: { readonly call: TracedCall; readonly said: Said }[] = []

  add({ request, response, secrets, ...call }: Seen): void {
    this.#id += 1
    this.#kept.push({ call: { ...call, id: this.#id }, said: toSaid(request, response, secrets) })
    if (this.#kept.length > KEPT) this.#kept.shift()
  }

  /** Newest first. */
  calls(): readonly TracedCall[] {
    return this.#kept.map(({ call }) => call).toReversed()
  }

  /** Undefined if the call is unknown, or forgotten by now. */
  said(id: number): Said | undefined {
    return this.#kept.find(({ call }) => call.id === id)?.said
  }
}

function toSaid(request: unknown, response: unknown, secrets: Seen['secrets']): Said {
  const [asked, answered] = [request, response].map((part) => toText(part, secrets))
  return { ...(asked !== undefined && { request: asked }), ...(answered !== undefined && { response: answered }) }
}

function toText(part: unknown, secrets: Seen['secrets']): string | undefined {
  if (part === undefined || part === '') return undefined
  const text = mask(typeof part === 'string' ? part : JSON.stringify(part), secrets)
  return text.length > MAX_SAID_CHARS ? `${text.slice(0, MAX_SAID_CHARS)}…` : text
}

const MASK = '[masked]'
/** Slack's tokens, and whatever stands in an Authorization header, however they came into a body. */
const LIKE_A_TOKEN = /\bx(?:ox[a-z]|app)[-.][\w.-]+|\b(?:Bot|Bearer) [\w.~+/-]{8,}=*/g

/** Longer secrets first: one may hold another. */
function mask(text: string, secrets: Seen['secrets']): string {
  const known = secrets.filter((secret) => secret !== undefined && secret !== '').toSorted(byLength)
  const forms = known.flatMap((secret = '') => [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
  ])
  return forms.reduce((masked, form) => masked.replaceAll(form, MASK), text).replaceAll(LIKE_A_TOKEN, MASK)
}

function byLength(a = '', b = ''): number {
  return b.length - a.length
}
