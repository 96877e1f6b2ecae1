import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Clock } from '../../src/delivery/clock.ts'
import { createLog } from '../../src/ops/log.ts'
import { startRetention } from '../../src/ops/retention.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { apply, event, T } from './store-fixture.ts'

const DAY_MS = 86_400_000
const log = createLog({ level: 'silent', secrets: () => [] })
const folder = mkdtempSync(join(tmpdir(), 'relay-retention-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A clock that never makes anybody wait, until it is asked to wait an hour. */
function createClock(nowMs: number): Clock & { hours: number; readonly atRest: Promise<void>; tick(): void } {
  let rest = (): void => {}
  let wakeUp = (): void => {}
  return {
    hours: 0,
    atRest: new Promise((resolve) => (rest = resolve)),
    now: () => nowMs,
    monotonic: () => nowMs,
    tick: () => wakeUp(),
    waitUntil(atMs, signal) {
      if (atMs - nowMs < 60_000) return Promise.resolve()
      this.hours += (atMs - nowMs) / 3_600_000
      rest()
      return new Promise((resolve) => {
        wakeUp = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    },
  }
}

async function fill(store: Store, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, place) => `old-${place}`)
  await Promise.all(ids.map((id) => store.accept(event(id, { incidentId: id }))))
  await Promise.all(
    ids.map((eventId) =>
      apply(store, { eventId, verdict: 'unrouted', changes: {}, expectedVersion: 0, lanes: [], nowMs: T }),
    ),
  )
}

it('a push waits for one step of a large clean-up at most', async () => {
  const store = await openSqlite({ file: join(folder, 'busy.db') })
  await fill(store, 6_000)
  const steps: number[] = []
  const waited: number[] = []
  const pushes: Promise<unknown>[] = []
  let pushed = 0
  const watched: Pick<Store, 'expire'> = {
    async expire(query) {
      const step = store.expire(query)
      // A push that comes while this step is under way.
      const before = steps.length
      const id = `during-${pushed++}`
      pushes.push(
        store.accept(event(id, { receivedAtMs: T + 40 * DAY_MS })).then(() => waited.push(steps.length - before)),
      )
      const result = await step
      steps.push(result.deleted)
      return result
    },
  }
  const clock = createClock(T + 40 * DAY_MS)
  const rows: number[] = []
  const metrics = { expired: (count: number) => void rows.push(count) }
  const retention = startRetention({ store: watched, clock, days: 30, log, metrics })
  await clock.atRest
  await Promise.all(pushes)
  await retention.stop()
  expect(rows.reduce((sum, count) => sum + count)).toBe(6_000)
  expect(steps.length).toBeGreaterThan(15)
  expect(Math.max(...steps)).toBeLessThanOrEqual(300)
  expect(waited).toHaveLength(pushed)
  expect(Math.max(...waited)).toBeLessThanOrEqual(1)
  await store.close()
})

it('comes every hour, also after the store was in trouble', async () => {
  const asked: { beforeMs: number; openBeforeMs: number }[] = []
  let fails = true
  const store: Pick<Store, 'expire'> = {
    expire: (query) => {
      asked.push(query)
      return fails ? Promise.reject(new Error('full')) : Promise.resolve({ deleted: 0 })
    },
  }
  const clock = createClock(T)
  const retention = startRetention({ store, clock, days: 30, log, metrics: { expired: () => {} } })
  await clock.atRest
  expect(clock.hours).toBe(1)
  fails = false
  clock.tick()
  await expect.poll(() => clock.hours).toBe(2)
  expect(asked).toHaveLength(2)
  expect(asked[0]).toMatchObject({ beforeMs: T - 30 * DAY_MS, openBeforeMs: T - 360 * DAY_MS })
  await retention.stop()
})
