import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Found, Outcome, RetryReason } from '../../src/platform/platform.ts'
import type { Misbehaviour } from '../../src/sandbox/fault.ts'

/** A 429 and what it says about how long to wait. */
function limited(retryAfter?: string): Misbehaviour {
  return {
    kind: 'status',
    status: 429,
    ...(retryAfter !== undefined && { headers: { 'retry-after': retryAfter } }),
    body: { ok: false, error: 'ratelimited' },
  }
}

/** Slack's other way of saying it. */
function limitedIn200(headers: Record<string, string> = {}): Misbehaviour {
  return { kind: 'status', status: 200, headers, body: { ok: false, error: 'ratelimited' } }
}

/** What can go wrong with any call. `after` and `before` are about whether the platform carried it out. */
export const ANSWERS = {
  '429 for 7 s': limited('7'),
  '429 without Retry-After': limited(),
  '429 until a date': limited('Wed, 25 Nov 2026 07:28:00 GMT'),
  '429 for -5 s': limited('-5'),
  '429 for 1e12 s': limited('1e12'),
  '429 for 10^12 s': limited('1000000000000'),
  '429 for more than 2^31 ms': limited('2147484'),
  '503 before': { kind: 'status', status: 503, body: 'oops' },
  '503 after': { kind: 'status', status: 503, body: 'oops', after: true },
  'hang before': { kind: 'hang', after: false },
  'hang after': { kind: 'hang', after: true },
  'reset before': { kind: 'reset', after: false },
  'reset after': { kind: 'reset', after: true },
  'cut body': { kind: 'cut_body' },
  'stalled body': { kind: 'stall_body' },
  'html before': { kind: 'html', after: false },
  'html after': { kind: 'html', after: true },
} as const satisfies Record<string, Misbehaviour>

export const SLACK_ANSWERS = {
  ...ANSWERS,
  'ratelimited in a 200 for 7 s': limitedIn200({ 'retry-after': '7' }),
  'ratelimited in a 200': limitedIn200(),
} as const satisfies Record<string, Misbehaviour>

/** Nobody there to answer. */
export const NOWHERE = ['refused', 'no such host'] as const
export type Nowhere = (typeof NOWHERE)[number]

export type DiscordFault = keyof typeof ANSWERS | Nowhere
export type SlackFault = keyof typeof SLACK_ANSWERS | Nowhere

/** What an operation came to: its kind, why, and for how long. */
type Retry = `retry ${RetryReason}` | `retry rate_limited ${number}`
export type Verdict = 'sent' | 'unknown' | Retry | `failed: ${Retry}`

/** What one fault makes of one operation; how many calls that took; what is there of it then. */
export type Cell = readonly [verdict: Verdict, calls: number, there: number]

/** Every fault on every operation: leaving one out does not compile. */
export type Table<F extends string, O extends string> = Readonly<Record<F, Readonly<Record<O, Cell>>>>

export function toCells<F extends string, O extends string>(table: Table<F, O>): readonly [F, O, Cell][] {
  const entries = <K extends string, V>(of: Readonly<Record<K, V>>) => Object.entries(of) as [K, V][]
  return entries<F, Readonly<Record<O, Cell>>>(table).flatMap(([fault, row]) =>
    entries<O, Cell>(row).map(([operation, cell]): [F, O, Cell] => [fault, operation, cell]),
  )
}

export function verdictOf(result: Outcome | Found): string {
  if (result.kind === 'failed') return `failed: ${verdictOf(result.outcome)}`
  if (result.kind !== 'retry') return 'reason' in result ? `${result.kind} ${result.reason}` : result.kind
  const { reason, afterMs } = result
  return afterMs === undefined ? `retry ${reason}` : `retry ${reason} ${afterMs}`
}

const made = new Map<string, number>()
const astray = { to: '', left: 0 }
const fetchIt = globalThis.fetch
globalThis.fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input)
  made.set(url.host, (made.get(url.host) ?? 0) + 1)
  if (astray.left === 0) return fetchIt(input, init)
  astray.left -= 1
  return fetchIt(new URL(url.pathname, astray.to), init)
}

/** The next calls of all clients reach nobody, as often as said. */
export async function loseTheWay(fault: Nowhere, calls: number): Promise<void> {
  Object.assign(astray, { to: await toNowhere(fault), left: calls })
}

/** How many calls the clients made to a host, whether or not they got there. */
export function callsTo(url: string): number {
  return made.get(new URL(url).host) ?? 0
}

/** Where calls go for nothing. A free port is closed again; the name is one that no resolver knows (RFC 6761). */
export async function toNowhere(fault: Nowhere): Promise<string> {
  if (fault === 'no such host') return 'http://nope.invalid'
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

/** Enough for a call that is answered, however busy the machine; short for one that never is. */
export function callTimeoutMs(fault: SlackFault): number {
  return fault.startsWith('hang') || fault === 'stalled body' ? 300 : 10_000
}
