import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, cpSync, existsSync, openSync, readdirSync, statSync, truncateSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { StoreNotice } from '../../src/store/notice.ts'
import type { Store } from '../../src/store/store.ts'
import { apply, event, incident, plan, T } from './store-fixture.ts'

/** Repeatable chance. https://en.wikipedia.org/wiki/Linear_congruential_generator */
export function createChance(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

export interface Opened {
  readonly store: Store
  readonly notices: readonly StoreNotice[]
}

export async function openNoticed(file: string): Promise<Opened> {
  const notices: StoreNotice[] = []
  const store = await openSqlite({ file, onNotice: (notice) => notices.push(notice) })
  return { store, notices }
}

export function realEvent(id: string, incidentId: string) {
  const body = JSON.stringify({ event_id: id, text: id.repeat(150) })
  return event(id, { incidentId, body, bodyHash: createHash('sha256').update(body).digest('hex') })
}

/** A past: in each incident a card that was posted, a reply that is owed, and an event not judged yet. */
export async function live(store: Store, incidents: number): Promise<void> {
  await Promise.all(Array.from({ length: incidents }, (_, place) => liveOnce(store, `inc-${place}`)))
  await store.pause({ scope: 'destination:sre', reason: 'not_in_channel', untilMs: T, failures: 2 })
}

async function liveOnce(store: Store, id: string): Promise<void> {
  await store.accept(realEvent(`${id}/judged`, id))
  const known = incident(1)
  const [lane] = plan('').lanes
  await apply(store, {
    ...plan(`${id}/judged`),
    incident: { ...known, id, snapshot: { ...known.snapshot, id }, last: { ...known.last, id: `${id}/judged` } },
    lanes: [{ ...lane!, owed: lane!.owed.map((owed) => ({ ...owed, key: `${id}/${owed.kind}` })) }],
  })
  const key = { incidentId: id, destination: 'sre' }
  const work = await store.claim({ lane: key, owner: 'a', nowMs: T, leaseUntilMs: T + 60_000 })
  const card = toCard(id)
  await store.save({
    lane: key,
    epoch: work!.epoch,
    nowMs: T,
    set: { card, shownVersion: 1, shownHash: 'h' },
    deliveries: [{ key: `${id}/card`, state: 'done', ref: card }],
    release: { touched: work!.touched, urgency: 4, dueAtMs: T },
  })
  await store.accept(realEvent(`${id}/new`, id))
}

export const toCard = (id: string) => ({ channel: 'C1', message: `ts of ${id}`, thread: `ts of ${id}` })

/** Copy a database with its log. */
export function copy(from: string, to: string): void {
  for (const end of ['', '-wal']) if (existsSync(from + end)) cpSync(from + end, to + end)
}

/** Overwrite bytes of a file, as a failing disk does. */
export function overwrite(file: string, offset: number, bytes: Uint8Array): void {
  const fd = openSync(file, 'r+')
  writeSync(fd, bytes, 0, bytes.length, offset)
  closeSync(fd)
}

/** Zero the first page of a table or an index. */
export function wipe(file: string, name: string): void {
  // In a process of its own, as a connection may outlive its close() for as long as its process.
  const driver = new URL('../../dist/store/sqlite/driver.js', import.meta.url).href
  const script = `
    import { loadSqlite } from '${driver}'
    const db = (await loadSqlite())(process.argv[1])
    const { rootpage } = db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(process.argv[2])
    process.stdout.write(String(rootpage))`
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script, file, name]
  const page = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  overwrite(file, (page - 1) * 4096, new Uint8Array(4096))
}

/** One of the ways in which files are spoilt. */
export function spoil(file: string, chance: (below: number) => number): string {
  const { size } = statSync(file)
  const flip = (count: number, within: number): string => {
    const places = Array.from({ length: count }, () => chance(within))
    for (const place of places) overwrite(file, place, Uint8Array.of(chance(256)))
    return `bytes ${places.join(' ')}`
  }
  switch (chance(5)) {
    case 0:
      return flip(1 + chance(3), size)
    case 1:
      return flip(200, size)
    case 2:
      return flip(1 + chance(4), 100)
    case 3: {
      const page = chance(size / 4096)
      overwrite(
        file,
        page * 4096,
        Uint8Array.from({ length: 4096 }, () => chance(256)),
      )
      return `page ${page}`
    }
    default: {
      const length = chance(size)
      truncateSync(file, length)
      return `cut at ${length}`
    }
  }
}

/** What lies beside the database. */
export function beside(file: string): readonly string[] {
  return readdirSync(dirname(file)).filter((name) => name.startsWith(basename(file)) && name !== basename(file))
}

export const inFolder = (folder: string, name: string): string => join(folder, name, 'relay.db')
