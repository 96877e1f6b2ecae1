import { randomUUID } from 'node:crypto'
import { Slots } from '../slots.ts'
import { StoreError } from './error.ts'
import type { Ledger } from './ledger.ts'
import { createServerClock, SERVER_TIME, type ServerClock } from './postgres/clock.ts'
import { createConnections, type Again } from './postgres/connections.ts'
import { loadDriver, toClientConfig } from './postgres/driver.ts'
import { due, schedule } from './postgres/due.ts'
import { keep, unapplied } from './postgres/events.ts'
import { createHints, NOTIFY } from './postgres/hints.ts'
import { toOpenError } from './postgres/error.ts'
import { createIntake } from './postgres/intake.ts'
import { migrate } from './postgres/migrate.ts'
import { leave, own, type Share } from './postgres/own.ts'
import { sql } from './postgres/sql.ts'
import { createTurns } from './postgres/turns.ts'
import { backlog } from './sql/backlog.ts'
import { drop, retry } from './sql/by-hand.ts'
import { apply, incident, quarantine, snoozesEnded } from './sql/events.ts'
import { expire } from './sql/expire.ts'
import { quarantined, quarantinedBody, received, unquarantine } from './sql/history.ts'
import { claim, counts, letGo, pause, pauses, save } from './sql/lanes.ts'
import { hasten, shift } from './sql/shift.ts'
import type { Sql, Steps } from './sql/steps.ts'
import { work, workKeys } from './sql/work.ts'
import type { QuarantineEntry, Store } from './store.ts'

export interface PostgresOptions {
  readonly url: string
  /** Somebody else may have written something. Absent: nobody needs to know, as for commands that look once. */
  readonly onHint?: () => void
}

export interface PostgresStore {
  readonly store: Store
  /** The instants of the store are the server's: whoever writes to it goes by this clock. */
  readonly clock: ServerClock
  readonly ledger: Ledger
}

/** Lanes are served some dozens at once, and each waits for the chat far longer than for us. */
const CONNECTIONS = 8
/** Whoever sent a push is gone after two seconds. */
const INTAKE_WITHIN_MS = 1_500
const ANSWER_WITHIN_MS = 10_000
/** Machines' clocks drift by less than a millisecond meanwhile. */
const LOOK_AT_CLOCK_MS = 10_000

const READ: Again = { isSame: true }
const SAME: Again = { isSame: true }
const ONCE: Again = { isSame: false }

/**
 * Open the Postgres engine: one database, any number of processes. No connection keeps anything beyond a transaction, so
 * a proxy that pools transactions may stand between. Rejects with a {@link StoreError}: `unreadable` if the driver is
 * missing or the database is not ours to use, `unavailable` if it cannot be reached.
 */
export async function openPostgres({ url, onHint }: PostgresOptions): Promise<PostgresStore> {
  const driver = await loadDriver()
  const config = toClientConfig(driver, url)
  // Pushes go past whatever the worker is waiting for.
  const front = createConnections({ driver, config, max: 1, answerWithinMs: INTAKE_WITHIN_MS })
  const back = createConnections({ driver, config, max: CONNECTIONS, answerWithinMs: ANSWER_WITHIN_MS })
  const clock = createServerClock(() => back.each(askTime, READ))
  try {
    await back.transact(() => migrate(sql), SAME)
    await clock.look()
  } catch (error) {
    await Promise.all([front.end(), back.end()])
    throw toOpenError(error)
  }
  const replica = randomUUID()
  const notify = (name: string): Promise<void> => back.each(() => notifySteps(name), ONCE)
  let onFree = (): void => {}
  const hints = onHint && createHints({ driver, config, replica, notify, onHint, onFree: () => onFree() })
  /** Whoever does not own accounts judges all there is. */
  let share: Share = { place: 0, of: 1 }
  const looking = setInterval(() => void clock.look().catch(() => {}), LOOK_AT_CLOCK_MS).unref()

  const intake = createIntake(async (events) => {
    const accepted = await front.each(() => keep(events), SAME)
    hints?.tell()
    return accepted
  })
  /** Holders of lanes that were claimed here: what they still hold when we close is free. */
  const owners = new Set<string>()
  /** Plans on their way, with the incident they move. */
  const applying = new Map<Promise<unknown>, string | undefined>()
  const underWay = new Slots<Promise<unknown>>()
  const quarantining = createTurns(1)
  let closed: StoreError | undefined

  function guard<Args extends readonly unknown[], T>(call: (...args: Args) => Promise<T>) {
    return async (...args: Args): Promise<T> => {
      if (closed !== undefined) throw closed
      const running = call(...args)
      const slot = underWay.add(running)
      return running.finally(() => void underWay.take(slot))
    }
  }
  const read = <Arg, T>(steps: (db: Sql, arg: Arg) => Steps<T>): ((arg: Arg) => Promise<T>) =>
    guard((arg) => back.each(() => steps(sql, arg), READ))
  const write = <Arg, T>(steps: (db: Sql, arg: Arg) => Steps<T>, how: Again): ((arg: Arg) => Promise<T>) =>
    guard((arg) => back.transact(() => steps(sql, arg), how))

  const store: Store = {
    accept: guard((event) => intake.accept(event)),
    // One at a time, here and everywhere, or together they would keep more than the bound.
    quarantine: guard((entry) => quarantining(() => back.transact(() => quarantineAlone(entry), ONCE))),
    // What is on its way in when this is asked is found by it.
    unapplied: guard(async (query) => {
      await intake.settled()
      return back.each(() => unapplied(query, share, clock.now()), READ)
    }),
    incident: read(incident),
    apply: guard(async (plans) => {
      const applied = back.transact(() => apply(sql, plans), SAME)
      applying.set(applied, plans.find(({ incident: moved }) => moved !== undefined)?.incident?.id)
      const result = await applied.finally(() => applying.delete(applied))
      if (plans.some(({ lanes }) => lanes.length > 0)) hints?.tell()
      return result
    }),
    snoozesEnded: read(snoozesEnded),
    due: guard((query) => back.each(() => due(query), READ)),
    schedule: guard((query) => back.each(() => schedule(query), READ)),
    // A lane that a plan on its way brings can be claimed behind it.
    claim: guard(async (request) => {
      owners.add(request.owner)
      const before = [...applying].filter(([, incidentId]) => incidentId === request.lane.incidentId)
      await Promise.allSettled(before.map(([applied]) => applied))
      return back.transact(() => claim(sql, request), ONCE)
    }),
    save: write(save, ONCE),
    backlog: write(backlog, SAME),
    hasten: write(hasten, SAME),
    shift: write(shift, ONCE),
    pauses: guard(() => back.each(() => pauses(sql), READ)),
    pause: guard((one) => back.each(() => pause(sql, one), SAME)),
    probe: guard(() => front.each(() => probe(sql, clock.now()), SAME)),
    counts: guard(() => back.each(() => counts(sql), READ)),
    work: read(work),
    workKeys: guard(() => back.each(() => workKeys(sql), READ)),
    retry: write(retry, ONCE),
    drop: write(drop, ONCE),
    quarantined: read(quarantined),
    quarantinedBody: read(quarantinedBody),
    unquarantine: write(unquarantine, SAME),
    received: read(received),
    expire: write(expire, { isSame: false, isSnapshot: true }),
    async close() {
      if (closed !== undefined) return
      closed = new StoreError('closed', 'the store is closed')
      clearInterval(looking)
      await Promise.allSettled([...underWay.entries()].map(([, running]) => running))
      await hints?.stop()
      // If it fails, their leases end by themselves.
      await back.transact(() => letGoAll(owners), SAME).catch(() => {})
      await Promise.all([front.end(), back.end()])
    },
  }
  const ledger: Ledger = {
    own: guard(async (request) => {
      // A machine that stood still with its clocks must not go on by what they say.
      const looked = clock.look().catch(() => {})
      const { owned, share: mine } = await back.each(() => own(request), SAME)
      await looked
      const isMoved = mine.place !== share.place || mine.of !== share.of
      share = mine
      // What another was to judge may be ours now.
      if (isMoved) onHint?.()
      if (request.letGo.length > 0) void hints?.tellFree()
      return owned
    }),
    leave: guard(async (request) => {
      await back.each(() => leave(request), SAME)
      await hints?.tellFree()
    }),
    watch: (listener) => (onFree = listener),
  }
  return { store, clock, ledger }
}

function* askTime(): Steps<number> {
  return (yield* sql.get<{ now_ms: number }>(SERVER_TIME))?.now_ms ?? 0
}

function* notifySteps(replica: string): Steps<void> {
  yield* sql.get(NOTIFY, replica)
}

const PROBE = 'INSERT INTO probe (id, at_ms) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at_ms = excluded.at_ms'

function* probe(db: Sql, nowMs: number): Steps<void> {
  yield* db.run(PROBE, nowMs)
}

const ALONE = 'SELECT pg_advisory_xact_lock(7309182645194)'

function* quarantineAlone(entry: QuarantineEntry): Steps<void> {
  yield* sql.get(ALONE)
  yield* quarantine(sql, entry)
}

function* letGoAll(owners: Iterable<string>): Steps<void> {
  for (const owner of owners) yield* letGo(sql, owner)
}
