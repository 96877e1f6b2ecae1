import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import { startServer, type Listening } from '../child.ts'
import type { Figure } from '../figure.ts'
import { rssMb } from '../usage.ts'
import { configure, judged, startChat, startRelay } from '../world.ts'

/** Node collects what it no longer needs when it has been quiet for some 10 s, and while there is a little to do after minutes. */
const REST_MS = { quick: 1_000, full: 150_000 }
const LOOK_MS = 1_000

/** So many events bring heap, caches and compiled code to their working size, whatever is kept of them. */
const WARM_UP = 10_000

/** Resident memory with both platforms: at rest, and with open incidents, each with a card owed in Slack and in Discord. */
export async function measureMemory(bench: Bench): Promise<readonly Figure[]> {
  const restMs = REST_MS[bench.quick ? 'quick' : 'full']
  const incidents = bench.quick ? 2_000 : 100_000
  const chat = await startChat()
  configure(bench.folder, chat, 1)
  let relay = await startRelay(bench.folder)
  const hono = await startServer('floor', 'hono')
  try {
    const atRestMb = await settledMb(relay, restMs)
    const honoMb = rssMb(hono.pid)
    const warm = await afterOpening(bench, relay, bench.quick ? incidents : WARM_UP, restMs)
    const full = await afterOpening(bench, relay, incidents, restMs)
    await relay.stop()
    relay = await startRelay(bench.folder)
    const again = await settledMb(relay, restMs)
    return [
      {
        ...against(atRestMb, { name: 'hono', value: honoMb }),
        name: 'memory at rest, both platforms',
        goal: { of: 'value', atMost: 130 },
      },
      { ...against(warm.mb, { name: 'at rest', value: atRestMb }), name: 'memory after work' },
      { ...against(full.mb, { name: 'after work', value: warm.mb }), name: `memory, ${incidents} more incidents open` },
      {
        name: 'memory per 100,000 open incidents',
        unit: 'MB',
        value: ((full.mb - warm.mb) * 100_000) / incidents,
        ...(!bench.quick && { goal: { of: 'value', atMost: 50 } as const }),
      },
      {
        name: `pushes while ${incidents} more cards begin to wait`,
        unit: 'a second',
        value: full.perSecond,
        floor: { name: 'few wait', value: warm.perSecond },
        ratio: full.perSecond / warm.perSecond,
      },
      { ...against(again, { name: 'at rest', value: atRestMb }), name: 'memory of a restart with them' },
    ]
  } finally {
    await Promise.all([relay.stop(), hono.stop(), chat.stop()])
  }
}

/** How fast so many more incidents were opened, and resident memory once they are judged and a while has passed. */
async function afterOpening(
  bench: Bench,
  relay: Listening,
  count: number,
  restMs: number,
): Promise<{ readonly mb: number; readonly perSecond: number }> {
  const { answers, perSecond } = await bench.load({
    kind: 'closed',
    port: relay.port,
    connections: 16,
    ms: 240_000,
    count,
    eventsPerIncident: 1,
  })
  if (answers < count) throw new Error(`only ${answers} of ${count} incidents were opened`)
  bench.say(`${answers} incidents opened, ${Math.round(perSecond)} a second`)
  await judged(relay, 240_000)
  return { mb: await settledMb(relay, restMs), perSecond }
}

/** The least that was resident in so long a time: what is needed, without what only waits to be collected. */
async function settledMb(relay: Listening, withinMs: number): Promise<number> {
  let leastMb = Infinity
  for (let restedMs = 0; restedMs < withinMs; restedMs += LOOK_MS) {
    await sleep(LOOK_MS)
    leastMb = Math.min(leastMb, rssMb(relay.pid))
  }
  return leastMb
}

function against(value: number, floor: { readonly name: string; readonly value: number }) {
  return { unit: 'MB', value, floor, ratio: value / floor.value }
}
