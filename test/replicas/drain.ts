import { call, pause } from '../crash/relay.ts'
import type { Stage } from './stage.ts'

/** The longest that work may wait after all is well again: a lease, then what an unclear call may still do, then budgets. */
const PATIENCE_MS = 240_000
const LOOK_EVERY_MS = 500
const SPOOLED = /^relay_spooled_events (\d+)$/m

/** Wait until nothing is left to do. Gives what still was when patience ended; empty if nothing. */
export async function drain({ database, world, chaos }: Stage): Promise<Readonly<Record<string, number>>> {
  await pause(Math.max(0, chaos.quietAtMs - performance.now()))
  const untilMs = performance.now() + PATIENCE_MS
  for (;;) {
    const [debts, ...spooled] = await Promise.all([
      database.debts().catch((error: unknown) => ({ [String(error)]: 1 })),
      ...world.seats.map(({ port }) => spooledAt(port)),
    ])
    const kept = spooled.reduce((sum, count) => sum + count, 0)
    const left = { ...debts, ...(kept > 0 && { spooled: kept }) }
    const waiting = Object.keys(left).filter((what) => what !== 'held' && what !== 'dead')
    if (waiting.length === 0 || performance.now() > untilMs) return left
    await pause(LOOK_EVERY_MS)
  }
}

async function spooledAt(port: number): Promise<number> {
  const answer = await call(port, { method: 'GET', path: '/metrics', withinMs: 2_000 })
  return typeof answer === 'object' ? Number(SPOOLED.exec(answer.text)?.[1] ?? 0) : 0
}
