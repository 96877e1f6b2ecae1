import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadSqlite } from '../../src/store/sqlite/driver.ts'
import {
  beside,
  copy,
  createChance,
  inFolder,
  live,
  openNoticed,
  overwrite,
  realEvent,
  spoil,
  toCard,
  wipe,
} from './store-damage.ts'
import { apply, plan, T } from './store-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'relay-damage-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const INCIDENTS = 30
/** Each takes two threads or three; more of them, to look for what is rare: SPOILT_DATABASES=2000. */
const SPOILT = Number(process.env['SPOILT_DATABASES'] ?? 80)
const past = inFolder(folder, 'past')

beforeAll(async () => {
  const { store } = await openNoticed(past)
  await live(store, INCIDENTS)
  await store.close()
})

function take(name: string): string {
  const file = inFolder(folder, name)
  mkdirSync(dirname(file), { recursive: true })
  copy(past, file)
  return file
}

describe('a damaged database', () => {
  it.each(['event_unapplied', 'event_by_incident', 'quarantine', 'delivery_by_lane', 'lane_due'])(
    'is moved aside, and all that can be read is taken over: %s is lost',
    async (name) => {
      const file = take(name)
      wipe(file, name)
      const { store, notices } = await openNoticed(file)
      expect((await store.accept(realEvent('after', 'inc-1'))).result).toBe('accepted')
      const unapplied = await store.unapplied({ limit: 100 })
      expect(unapplied.map(({ id }) => id).toSorted()).toEqual(
        ['after', ...Array.from({ length: INCIDENTS }, (_, place) => `inc-${place}/new`)].toSorted(),
      )
      expect(unapplied.at(-1)?.id).toBe('after')
      for (let place = 0; place < INCIDENTS; place++) {
        const known = await store.incident({ id: `inc-${place}` })
        expect(known?.lanes).toMatchObject([{ card: toCard(`inc-${place}`), shownVersion: 1 }])
        expect((await store.accept(realEvent(`inc-${place}/judged`, `inc-${place}`))).result).toBe('duplicate')
      }
      const lane = { incidentId: 'inc-3', destination: 'sre' }
      const work = await store.claim({ lane, owner: 'b', nowMs: T_LATER, leaseUntilMs: T_LATER + 1 })
      expect(work?.deliveries.map(({ key, state }) => [key, state])).toEqual([['inc-3/reply', 'pending']])
      expect(await store.pauses()).toHaveLength(1)
      expect(notices.map(({ what }) => what)).toEqual(['moved_aside', 'salvaged'])
      expect(notices[1]).toMatchObject({ lost: 0, whole: true, aside: expect.stringContaining('.corrupt-20') })
      expect(beside(file).filter((other) => /relay\.db\.corrupt-[\dTZ.-]+$/.test(other))).toHaveLength(1)
      await store.close()
      const again = await openNoticed(file)
      expect(await again.store.unapplied({ limit: 100 })).toHaveLength(INCIDENTS + 1)
      expect(again.notices).toEqual([])
      await again.store.close()
    },
  )

  it('that is cut off keeps what is before the cut', async () => {
    const file = take('cut')
    const whole = readFileSync(file)
    const { store, notices } = await openNoticed(file)
    await store.close()
    expect(notices).toEqual([])
    const cut = take('cut-2')
    truncateSync(cut, Math.floor(whole.length / 2))
    const opened = await openNoticed(cut)
    expect((await opened.store.counts()).eventsUnapplied).toBeGreaterThanOrEqual(0)
    await opened.store.pauses()
    expect(opened.notices).toMatchObject([{ what: 'moved_aside' }, { what: 'salvaged' }])
    expect(opened.notices[1]).toMatchObject({ rows: expect.toSatisfy((rows: number) => rows > 10) })
    await opened.store.close()
  })

  it('never shows an event that changed by itself: its body is kept for a person', async () => {
    const file = take('flipped-body')
    const at = readFileSync(file).lastIndexOf('inc-7/newinc-7/newinc-7/new')
    expect(at).toBeGreaterThan(0)
    overwrite(file, at, Buffer.from('x'))
    const { store, notices } = await openNoticed(file)
    const ids = (await store.unapplied({ limit: 100 })).map(({ id }) => id)
    expect(ids).toHaveLength(INCIDENTS - 1)
    expect(ids).not.toContain('inc-7/new')
    expect((await store.counts()).quarantined).toBe(1)
    expect(notices.map(({ what }) => what)).toEqual(['moved_aside', 'salvaged'])
    await store.close()
  })

  it('finds lanes again by their cards, and nobody who held one before passes for its next holder', async () => {
    const file = take('lanes')
    wipe(file, 'lane')
    const { store } = await openNoticed(file)
    const lane = { incidentId: 'inc-3', destination: 'sre' }
    const next = await store.claim({ lane, owner: 'b', nowMs: T_LATER, leaseUntilMs: T_LATER + 1 })
    expect(next?.lane.card).toEqual(toCard('inc-3'))
    expect(await store.save({ lane, epoch: FIRST_EPOCH, nowMs: T_LATER, set: { card: null } })).toBeUndefined()
    expect((await store.save({ lane, epoch: next!.epoch, nowMs: T_LATER }))?.lane.card).toEqual(toCard('inc-3'))
    await store.close()
  })

  it('has lanes made anew that fence whoever held one before, where nothing of it is left', async () => {
    const file = take('lanes-and-cards')
    wipe(file, 'lane')
    wipe(file, 'delivery')
    const { store } = await openNoticed(file)
    const made = plan('inc-3/new', 2)
    const incident = { ...made.incident!, id: 'inc-3' }
    expect(await apply(store, { ...made, incident, nowMs: T_LATER })).toBe('applied')
    const lane = { incidentId: 'inc-3', destination: 'sre' }
    expect(await store.save({ lane, epoch: FIRST_EPOCH, nowMs: T_LATER, set: { card: null } })).toBeUndefined()
    await store.close()
  })

  it('is not one from a newer release: that is refused and left alone', async () => {
    const file = take('newer')
    const db = (await loadSqlite())(file)
    db.exec('CREATE TABLE of_the_future (id INTEGER PRIMARY KEY) STRICT; PRAGMA user_version = 7')
    db.close()
    await expect(openNoticed(file)).rejects.toMatchObject({
      reason: 'unreadable',
      message: expect.stringContaining('newer release'),
    })
    expect(beside(file)).toEqual([])
  })

  it('whose salvage was cut short by the end of the process is taken over at the next start', async () => {
    const file = take('unfinished')
    wipe(file, 'event_by_incident')
    const first = await openNoticed(file)
    await first.store.accept(realEvent('between', 'inc-1'))
    // The first slice of the salvage has not begun, or is under way.
    await first.store.close()
    const { store } = await openNoticed(file)
    expect((await store.unapplied({ limit: 100 })).length).toBe(INCIDENTS + 1)
    await store.close()
  })
})

/** Of whoever held a lane first. */
const FIRST_EPOCH = T + 1
const T_LATER = 1_760_000_100_000
const LANES = 100

describe('a database that is damaged while it is used', () => {
  it('is replaced without a push being refused, and no holder of a lane loses it', async () => {
    const file = inFolder(folder, 'running')
    const { store, notices } = await openNoticed(file)
    await live(store, LANES)
    // More than SQLite's cache holds, and checkpointed.
    for (let round = 0; round < 4; round++) {
      await Promise.all(
        Array.from({ length: 500 }, (_, place) => store.accept(realEvent(`bulk-${round}-${place}`, `bulk-${place}`))),
      )
    }
    const holds = await Promise.all(
      Array.from({ length: LANES }, async (_, place) => {
        const lane = { incidentId: `inc-${place}`, destination: 'sre' }
        const work = await store.claim({ lane, owner: 'b', nowMs: T_LATER, leaseUntilMs: T_LATER + 60_000 })
        const hold = { lane, epoch: work!.epoch, nowMs: T_LATER }
        await store.save({ ...hold, set: { editAgainAtMs: T_LATER + 5 } })
        return hold
      }),
    )
    const { size } = statSync(file)
    const chance = createChance(1)
    for (let count = 0; count < 40; count++) {
      // The old half, where nothing new is written.
      overwrite(file, 4096 * (2 + chance(size / 8192)), new Uint8Array(4096))
    }
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, place) => [
        store.accept(realEvent(`bulk-${place % 4}-${place + 100}`, `bulk-${place + 100}`)),
        store.accept(realEvent(`new-${place}`, 'inc-new')),
      ]).flat(),
    )
    expect(answers).toHaveLength(600)
    await expect.poll(async () => (await store.counts()) && notices.length, { timeout: 15_000 }).toBeGreaterThan(1)
    expect((await store.accept(realEvent('after', 'inc-5'))).result).toBe('accepted')
    await store.pauses()
    const inOrder = (await store.unapplied({ limit: 5_000 })).filter(({ incidentId }) => incidentId === 'inc-new')
    expect(inOrder.map(({ id }) => id)).toEqual(Array.from({ length: 300 }, (_, place) => `new-${place}`))
    let kept = 0
    for (const hold of holds) {
      const { incidentId } = hold.lane
      const saved = await store.save({ ...hold, deliveries: [{ key: `${incidentId}/reply`, state: 'done' }] })
      // A lane whose row was hit: nobody holds it.
      if (saved === undefined) continue
      expect(saved.lane).toMatchObject({ card: toCard(incidentId), shownHash: 'h', editAgainAtMs: T_LATER + 5 })
      kept++
    }
    expect(kept).toBeGreaterThan(LANES / 2)
    expect(notices.map(({ what }) => what)).toEqual(['moved_aside', 'salvaged'])
    await store.close()
  })
})

describe('whatever happens to the file', () => {
  it(
    `the store opens, stores, and goes on: ${SPOILT} spoilt databases`,
    async () => {
      const outcomes = { whole: 0, replaced: 0 }
      const one = async (seed: number): Promise<void> => {
        const file = take(`spoilt-${seed}`)
        const how = spoil(file, createChance(seed))
        const { store, notices } = await openNoticed(file).catch((error: unknown) => {
          throw new Error(`seed ${seed}, ${how}`, { cause: error })
        })
        try {
          expect((await store.accept(realEvent('after', 'inc-1'))).result).toBe('accepted')
          const unapplied = await store.unapplied({ limit: 100 })
          expect(unapplied.map(({ id }) => id)).toContain('after')
          for (const { id, body } of unapplied) expect(body).toBe(realEvent(id, 'x').body)
          for (let place = 0; place < INCIDENTS; place++) await store.incident({ id: `inc-${place}` })
          const classes = ([0, 1, 2, 3, 4] as const).map((urgency) => ({ destination: 'sre', urgency }))
          for (const { incidentId, destination } of await store.due({ nowMs: T_LATER, classes, limit: 100 })) {
            const lane = { incidentId, destination }
            await store.claim({ lane, owner: 'b', nowMs: T_LATER, leaseUntilMs: T_LATER + 1 })
          }
          await store.probe()
          await store.counts()
          outcomes[notices.length > 0 ? 'replaced' : 'whole']++
        } catch (error) {
          throw new Error(`seed ${seed}, ${how}, ${JSON.stringify(notices)}`, { cause: error })
        } finally {
          await store.close()
        }
        if (seed % 4 > 0) return rmSync(dirname(file), { recursive: true })
        const again = await openNoticed(file)
        expect((await again.store.accept(realEvent('after', 'inc-1'))).result, `seed ${seed}, ${how}`).toBe('duplicate')
        await again.store.close()
        rmSync(dirname(file), { recursive: true })
      }
      for (let seed = 0; seed < SPOILT; seed += 4) await Promise.all([0, 1, 2, 3].map((more) => one(seed + more)))
      // Both happen, or the damage done here would prove nothing.
      expect(outcomes.replaced).toBeGreaterThan(SPOILT / 2)
      expect(outcomes.whole).toBeGreaterThan(0)
    },
    SPOILT * 2_000,
  )
})
