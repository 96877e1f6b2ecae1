import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import { startServer } from '../child.ts'
import type { Figure } from '../figure.ts'
import { rssMb } from '../usage.ts'
import { configure, judged, startChat, startRelay } from '../world.ts'

/** What a process allocated while it started or worked is given back some seconds later, if at all. */
const REST_MS = 5_000

/** Resident memory with both platforms: at rest, and with open incidents, each with a card owed in Slack and in Discord. */
export async function measureMemory(bench: Bench): Promise<readonly Figure[]> {
  const incidents = bench.quick ? 10_000 : 100_000
  const chat = await startChat()
  configure(bench.folder, chat)
  const relay = await startRelay(bench.folder)
  const hono = await startServer('floor', 'hono')
  try {
    await sleep(REST_MS)
    const atRestMb = rssMb(relay.pid)
    const floor = { name: 'hono', value: rssMb(hono.pid) }
    const { answers, perSecond } = await bench.load({
      kind: 'closed',
      port: relay.port,
      connections: 16,
      ms: 180_000,
      count: incidents,
      eventsPerIncident: 1,
    })
    bench.say(`${answers} incidents opened, ${Math.round(perSecond)} a second`)
    await judged(relay, 240_000)
    await sleep(REST_MS)
    const grownMb = rssMb(relay.pid) - atRestMb
    const per100k = (grownMb * 100_000) / answers
    return [
      {
        name: 'memory at rest, both platforms',
        unit: 'MB',
        value: atRestMb,
        floor,
        ratio: atRestMb / floor.value,
        goal: { of: 'value', atMost: 130 },
      },
      {
        name: `memory for ${incidents} open incidents`,
        unit: 'MB',
        value: grownMb,
        ...(!bench.quick && { goal: { of: 'value', atMost: 50 } as const }),
      },
      { name: 'memory per 100,000 open incidents', unit: 'MB', value: per100k },
    ]
  } finally {
    await Promise.all([relay.stop(), hono.stop(), chat.stop()])
  }
}
