import type { Fault, Faults, Misbehaviour } from '../../src/sandbox/fault.ts'
import { toRealMs } from './fast-clock.ts'
import type { Random } from './random.ts'

/** The relay gives a call up after this, in its own ms: src/outlets.ts. */
const CALL_TIMEOUT_MS = 10_000
/**
 * The longest a call may lie about before it is carried out. The relay reckons with 15 s after it gave up (Slack) and
 * more (Discord); what comes later than that nobody can make safe. The rest is for us: we are not always on time.
 */
const LATEST_MS = CALL_TIMEOUT_MS + 8_000

/** Two platforms that are slow and lose answers, as often as chance wants. */
export interface Chaos {
  /** From now on every call is answered well. */
  calm(): void
  /** Until when, on performance.now, a call may still be carried out late. */
  readonly quietAtMs: number
}

/** How many of the calls are answered badly, from 0 to 1. */
export interface Rates {
  /** Of creates: the outcome is unclear. */
  readonly creates: number
  /** Of creates: they are refused clearly. */
  readonly refused: number
  /** Of all other calls: the outcome is unclear. */
  readonly others: number
  /** What is unclear is so in one way: it is carried out after the relay has given it up. */
  readonly isLate?: boolean
}

/** Doubt in as many lives as can be. */
const RATES: Rates = { creates: 0.35, refused: 0.03, others: 0.1 }

/** Every kind of answer often, for those who look for rare paths. */
export const EAGER_RATES: Rates = { creates: 0.25, refused: 0.25, others: 0.2 }

/** For those who look for what a call does that is carried out late. */
export const LATE_RATES: Rates = { creates: 0.35, refused: 0, others: 0, isLate: true }

/** Answer the calls to a sandbox badly. */
export function unleash(faults: Faults, random: Random, rates: Rates = RATES): Chaos {
  let isCalm = false
  let quietAtMs = 0
  let hasBlocked = false
  faults.take = (call) => {
    if (isCalm) return undefined
    let does = choose(call, random, rates)
    if (isBlocked(does)) {
      // A thread that may not be named twice is a reply's end, as it should be, and no promise is broken.
      if (hasBlocked) does = undefined
      hasBlocked = true
    }
    if (does?.kind === 'late') quietAtMs = Math.max(quietAtMs, performance.now() + does.ms)
    return does
  }
  return {
    calm: () => void (isCalm = true),
    get quietAtMs() {
      return quietAtMs
    },
  }
}

type Call = { readonly platform: Fault['platform']; readonly method: string }

const CREATES: ReadonlySet<string> = new Set([
  'chat.postMessage',
  'POST /channels/:id/messages',
  'POST /channels/:id/threads',
  'POST /channels/:id/messages/:mid/threads',
])

function choose(call: Call, random: Random, rates: Rates): Misbehaviour | undefined {
  if (!CREATES.has(call.method)) return random.chance(rates.others) ? unclear(random, rates) : undefined
  if (random.chance(rates.refused)) return refused(call, random)
  return random.chance(rates.creates) ? unclear(random, rates) : undefined
}

const CONTENT_BLOCKED = 200001

function isBlocked(does: Misbehaviour | undefined): boolean {
  return does?.kind === 'status' && JSON.stringify(does.body ?? {}).includes(String(CONTENT_BLOCKED))
}

/** Nobody who made the call can tell whether it was carried out. */
function unclear(random: Random, { isLate = false }: Rates): Misbehaviour {
  if (isLate) return late(random)
  switch (random.between(0, 8)) {
    case 0:
      return { kind: 'delay', ms: toRealMs(random.between(200, 4_000)) }
    case 1:
      return { kind: 'delay', ms: toRealMs(CALL_TIMEOUT_MS + 1_000) }
    case 2:
      return { kind: 'reset', after: random.chance(0.7) }
    case 3:
      return { kind: 'hang', after: random.chance(0.7) }
    case 4:
      return { kind: 'cut_body' }
    case 5:
      return { kind: 'stall_body' }
    case 6:
      return { kind: 'html', after: random.chance(0.7) }
    default:
      return late(random)
  }
}

function late(random: Random): Misbehaviour {
  return { kind: 'late', ms: toRealMs(random.between(CALL_TIMEOUT_MS, LATEST_MS)) }
}

/** The platform says clearly that it did nothing, in one of its ways that need different handling. */
function refused({ platform, method }: Call, random: Random): Misbehaviour {
  const limited = { kind: 'status', status: 429, headers: { 'retry-after': '1' } } as const
  if (platform === 'slack') {
    return random.pick<Misbehaviour>([
      { ...limited, body: { ok: false, error: 'ratelimited' } },
      { kind: 'status', status: 200, body: { ok: false, error: 'not_in_channel' } },
      { kind: 'status', status: 503 },
    ])
  }
  const bad = (status: number, code: number): Misbehaviour => ({ kind: 'status', status, body: { code, message: '' } })
  return random.pick<Misbehaviour>([
    { ...limited, body: { message: '', retry_after: 1, global: false } },
    bad(403, 50001),
    ...(method.endsWith('threads') ? [bad(400, CONTENT_BLOCKED)] : [bad(400, 50083)]),
  ])
}
