import { expect, it } from 'vitest'
import type { Call } from '../../src/sandbox/call.ts'
import type { Misbehaviour } from '../../src/sandbox/fault.ts'
import { callTimeoutMs, loseTheWay, SLACK_ANSWERS, type SlackFault } from './fault-kinds.ts'
import { cards, createBench, only, type Bench } from './worker.ts'

const MINUTE_MS = 60_000

/** How often in a row the fault strikes before it is over. */
const TIMES = 2

/** Those that come to the same on the platform's side stand for one another here. */
type Fault = Exclude<SlackFault, '429 for -5 s' | '429 for 1e12 s' | '429 for 10^12 s'>

interface Bound {
  /** Calls of the kind that was struck, with the one that goes through; more would be hammering. */
  readonly calls: number
  /** Never sooner than this after the one that was struck. */
  readonly apartMs: number
  /** All is as it should be by then. */
  readonly overMs: number
}

/** What was said is kept to. An absurd wait, or none, is 30 s and then twice that; Discord's client says 1 s for none. */
const SAID: Bound = { calls: TIMES + 1, apartMs: 7_000, overMs: 30_000 }
const UNSAID: Bound = { calls: TIMES + 1, apartMs: 30_000, overMs: 2 * MINUTE_MS }
/** What may have landed is looked for as soon as it can land no more. */
const FAILED: Bound = { calls: TIMES + 1, apartMs: 750, overMs: 2 * MINUTE_MS }

const BOUNDS: Readonly<Record<Fault, Bound>> = {
  '429 for 7 s': SAID,
  '429 without Retry-After': { ...UNSAID, apartMs: 1_000 },
  '429 until a date': UNSAID,
  '429 for more than 2^31 ms': UNSAID,
  '503 before': FAILED,
  '503 after': FAILED,
  'hang before': FAILED,
  'hang after': FAILED,
  'reset before': FAILED,
  'reset after': FAILED,
  'cut body': FAILED,
  'stalled body': FAILED,
  'html before': FAILED,
  'html after': FAILED,
  'ratelimited in a 200 for 7 s': SAID,
  'ratelimited in a 200': UNSAID,
  refused: FAILED,
  'no such host': FAILED,
}

export type Where = 'slack' | 'discord' | 'forum'
export type What = 'card' | 'edit' | 'thread' | 'reply' | 'edit of an archived post'
/** What is owed where, and the call that is struck. */
export type Hit = readonly [Where, What, string]

/** Every fault strikes every call: one of each is left, and the newest, by calls that are counted. */
export function standsEveryFault(hits: readonly Hit[], cells: number): void {
  const faults = Object.keys(BOUNDS).map((fault) => fault as Fault)
  const rows = hits.flatMap(([where, what, method]) =>
    faults
      .filter((fault) => where === 'slack' || !fault.startsWith('ratelimited in'))
      .map((fault) => ({ where, what, method, fault })),
  )

  it.each(rows)(
    '$where, $what, $fault',
    async ({ where, what, method, fault }) => {
      const bound = BOUNDS[fault]
      const bench = await createBench({ routes: [only(where)], callTimeoutMs: callTimeoutMs(fault) })
      await strikeAt(bench, { where, what, method, fault })
      const before = callsOf(bench, where).length
      await bench.run(bound.overMs)
      expect(looks(bench, where)).toEqual({ cards: 1, replies: what === 'card' ? 0 : 1, newest: true })
      const calls = callsOf(bench, where).slice(before)
      const times = calls.filter((call) => call.method === method).map(({ at }) => at)
      // An edit that may yet land, and then take the card back, is made good by one more when it no longer can.
      const madeGood = what.startsWith('edit') && bound === FAILED ? 1 : 0
      expect(times.length).toBeLessThanOrEqual(bound.calls + madeGood)
      const struck = fault === 'refused' || fault === 'no such host' ? 0 : TIMES
      for (const [index, at] of times.slice(1, struck + 1).entries()) {
        expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(bound.apartMs)
      }
      await bench.run(3 * MINUTE_MS)
      expect(callsOf(bench, where).length - before).toBe(calls.length)
    },
    60_000,
  )

  it('in as many cells as there are', () => {
    expect(rows).toHaveLength(cells)
  })
}

interface Row {
  readonly where: Where
  readonly what: What
  readonly method: string
  readonly fault: Fault
}

/** Bring the incident to where the call to be struck is owed. */
async function strikeAt(bench: Bench, { where, what, method, fault }: Row): Promise<void> {
  if (what !== 'card') {
    await bench.accept('i_new')
    await bench.run(10_000)
  }
  if (what === 'edit of an archived post') bench.sandbox.discord.archiveThread(String(cards(bench, where)[0]?.['id']))
  if (fault === 'refused' || fault === 'no such host') await loseTheWay(fault, TIMES)
  else {
    const does: Misbehaviour = SLACK_ANSWERS[fault]
    bench.sandbox.faults.add({ platform: where === 'slack' ? 'slack' : 'discord', method, times: TIMES, does })
  }
  await bench.accept(what === 'card' ? 'i_new' : 'i_ack', { title: 'the newest', progress: 'Processing' })
}

function callsOf({ sandbox }: Bench, where: Where): readonly Call[] {
  return (where === 'slack' ? sandbox.slack : sandbox.discord).state().calls
}

/** Discord adds a line to the channel about a thread that was started late: it is no card. */
function looks(bench: Bench, where: Where) {
  const posted = cards(bench, where).filter(({ type }) => type !== 18)
  const { thread, ...card } = posted[0] ?? { thread: [] }
  return { cards: posted.length, replies: thread.length, newest: JSON.stringify(card).includes('the newest') }
}
