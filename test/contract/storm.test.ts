import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createStorms } from '../../src/delivery/storm.ts'
import { toBoardPush } from '../../src/flashduty/derive.ts'
import { readEvent } from '../../src/flashduty/event.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { DueLane } from '../../src/store/lane.ts'
import type { Store } from '../../src/store/store.ts'
import { apply, event, incident, must, plan, T } from './store-fixture.ts'

const SECOND_MS = 1_000
const MANY = 12

describe('a storm board', () => {
  let folder: string
  let store: Store
  let outlets: Map<string, unknown>
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'relay-storm-'))
    store = await openSqlite({ file: join(folder, 'relay.db') })
    outlets = new Map([['sre', {}]])
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const create = (accept: Store['accept'] = (one) => store.accept(one), stormAfter = 5) =>
    createStorms({
      store: { accept, backlog: (query) => store.backlog(query) },
      outlets: () => outlets,
      stormAfter: () => stormAfter,
      toBoardPush,
      hash: (body) => `hash of ${body}`,
    })

  async function wait(count: number): Promise<readonly DueLane[]> {
    const lanes: DueLane[] = []
    for (let index = 0; index < count; index++) {
      const id = `inc-${index}`
      const base = incident(1)
      await store.accept(event(`e-${id}`, { incidentId: id }))
      const card = {
        key: `card/${id}`,
        kind: 'card',
        generation: 1,
        broadcast: false,
        mention: [],
        late: false,
      } as const
      await apply(store, {
        ...plan(`e-${id}`),
        incident: { ...base, id, snapshot: { ...base.snapshot, id } },
        lanes: [{ destination: 'sre', card: true, urgency: 0, owed: [card] }],
      })
      lanes.push({ incidentId: id, destination: 'sre', urgency: 0, owedSinceMs: T })
    }
    return lanes
  }

  async function judgeBoard(): Promise<void> {
    const { id, incidentId, body } = must((await store.unapplied({ limit: 1 }))[0])
    const { incident: snapshot } = must(readEvent(body)).event
    const board = { ...incident(1), id: incidentId, snapshot, last: { id, type: 'relay_storm_board', atMs: T } }
    await apply(store, { ...plan(id), incident: board, lanes: [] })
  }

  it('is told of once, however long it takes until that is judged', async () => {
    const storms = create()
    const due = await wait(MANY)
    expect(await storms.tell(due, T)).toBe(1)
    expect(await storms.tell(due, T + 11 * SECOND_MS)).toBe(0)
    expect(await storms.tell(due, T + 60 * SECOND_MS)).toBe(0)
    expect((await store.unapplied({ limit: 50 })).map(({ type }) => type)).toEqual(['relay_storm_board'])
  })

  it('of Critical incidents alone begins after as many as were asked for', async () => {
    expect(await create(undefined, 3).tell(await wait(4), T)).toBe(1)
    expect(await create(undefined, 50).tell(await wait(MANY), T)).toBe(0)
  })

  it('asks for no look while its destination is not configured', async () => {
    const storms = create()
    await storms.tell(await wait(MANY), T)
    expect(storms.dueAtMs()).toBeLessThan(Infinity)
    outlets.delete('sre')
    expect(storms.dueAtMs()).toBe(Infinity)
  })

  it('of which another keeps the board is forgotten, and found again by whoever keeps it next', async () => {
    const storms = create()
    await storms.tell(await wait(MANY), T)
    await judgeBoard()
    storms.forget(['sre'])
    expect(storms.dueAtMs()).toBe(Infinity)
    await storms.tell([], T + SECOND_MS)
    expect(storms.dueAtMs()).toBeLessThan(Infinity)
  })

  it('that is judged long after its process died is ended by the next one', async () => {
    const due = await wait(MANY)
    await create().tell(due, T)
    const next = create()
    await next.tell([], T + SECOND_MS)
    await judgeBoard()
    // Every card was posted meanwhile.
    for (const { incidentId } of due) {
      const lane = { incidentId, destination: 'sre' }
      const work = must(await store.claim({ lane, owner: 'a', nowMs: T, leaseUntilMs: T + 60 * SECOND_MS }))
      await store.save({ lane, epoch: work.epoch, nowMs: T, release: { touched: work.touched, urgency: 2 } })
    }
    expect(next.dueAtMs()).toBeLessThan(Infinity)
    expect(await next.tell([], T + 60 * SECOND_MS)).toBe(1)
    expect((await store.unapplied({ limit: 9 })).map((told) => told.id)).toEqual([expect.stringMatching(/\/over$/)])
  })

  it('is told of later if the store would not take it', async () => {
    let failures = 1
    const storms = create((one) => (failures-- > 0 ? Promise.reject(new Error('disk full')) : store.accept(one)))
    const due = await wait(MANY)
    await expect(storms.tell(due, T)).rejects.toThrow('disk full')
    expect(await storms.tell(due, T + 2 * SECOND_MS)).toBe(1)
  })
})
