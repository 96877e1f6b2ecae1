import type { Event } from '../incident/incident.ts'
import type { Operation } from '../platform/platform.ts'
import type { LaneClass, Urgency } from '../store/lane.ts'
import { applyStored, endSnoozes, type ApplyOptions, type SnoozeOptions } from './apply.ts'
import { Circuits } from './circuit.ts'
import { Pace } from './pace.ts'
import { LEASE_MS, subject, type Outlet, type ServeOptions } from './held.ts'
import { serveLane } from './serve.ts'

export interface WorkerOptions extends Omit<ServeOptions, 'pace' | 'broken' | 'healthy' | 'stopping'> {
  readonly outlets: () => ReadonlyMap<string, Outlet>
  readonly rules: ApplyOptions['rules']
  readonly applied: ApplyOptions['applied']
  readonly readEvent: (body: string) => Event
  readonly toDerivedPush: SnoozeOptions['toDerivedPush']
  readonly hash: SnoozeOptions['hash']
  /** Names this process as the holder of lanes. */
  readonly owner: string
  /** More pushes wait for the store than it can take at once. */
  readonly flooded: () => boolean
}

export interface Worker {
  /** Serve until stopped. Resolves once the first look at the store is done. */
  start(): Promise<void>
  /** There is something new in the store. */
  wake(): void
  /** Take no more lanes, finish the calls under way, hand the rest back. */
  stop(): Promise<void>
  /** Lanes held at this moment. */
  readonly serving: number
  readonly circuits: Circuits
}

/** Lanes looked at for each class: more than can be served before the next look. */
const LANES_PER_CLASS = 16
/** Whatever the schedule says, look again after this long: another process may have brought work. */
const LONGEST_SLEEP_MS = 30_000
/** Whatever the schedule says, sleep this long when nothing could be started: a bug must not become a hot loop. */
const SHORTEST_SLEEP_MS = 20
/**
 * A flood of pushes goes first, since their sender waits 2 s and chat can wait longer: the pause it makes us take
 * between two rounds. A round judges 20 events, so close to 200 a second go on being judged however long it lasts.
 */
const FLOOD_PAUSE_MS = 100
/** After the store failed. */
const RECOVERY_SLEEP_MS = 1_000

/**
 * The only loop: judge what intake stored, then claim lanes and serve them, most
 * urgent first, as many at once as each account allows.
 */
export function createWorker(options: WorkerOptions): Worker {
  const { store, clock, report } = options
  const pace = new Pace()
  const circuits = new Circuits(store)
  const serving = new Map<string, { outlet: Outlet; done: Promise<void> }>()
  let stopping = false
  let bell = new AbortController()
  const whole = new AbortController()
  let loop: Promise<void> | undefined

  const serve: ServeOptions = {
    ...options,
    pace,
    stopping: () => stopping,
    broken: async (outlet, reason, detail) => {
      const untilMs = await circuits.open(outlet, reason, detail, clock.now())
      report.warned('circuit.opened', { destination: outlet.destination, account: outlet.account, reason, detail })
      return untilMs
    },
    healthy: async (outlet) => {
      const { destination, account } = outlet
      if (await circuits.close(outlet)) report.warned('circuit.closed', { destination, account })
    },
  }
  const apply: ApplyOptions = {
    ...options,
    failed: (event, error) => report.failed('event.failed', new Error(event.id, { cause: error })),
    unreadable: (event, error) => report.failed('event.unreadable', new Error(event.id, { cause: error })),
  }

  async function run(): Promise<void> {
    while (!stopping) {
      bell = new AbortController()
      try {
        if (options.flooded()) await clock.waitUntil(clock.now() + FLOOD_PAUSE_MS, whole.signal)
        const judged = await applyStored(apply, clock.now())
        const woken = await endSnoozes(options, clock.now())
        const claimed = await claimDue()
        if (judged + woken + claimed > 0) continue
        await clock.waitUntil(await wakeAtMs(), bell.signal)
      } catch (error) {
        report.failed('worker.failed', error)
        await clock.waitUntil(clock.now() + RECOVERY_SLEEP_MS, bell.signal)
      }
    }
  }

  async function claimDue(): Promise<number> {
    const nowMs = clock.now()
    const classes = [...options.outlets().values()].flatMap((outlet) =>
      circuits.openUntilMs(outlet, nowMs) === undefined
        ? URGENCIES.filter((urgency) => readyAtMs(outlet, urgency, nowMs) <= nowMs).map((urgency) => ({
            destination: outlet.destination,
            urgency,
          }))
        : [],
    )
    const due = await store.due({ nowMs, classes, limit: LANES_PER_CLASS })
    const inOrder = due.toSorted((a, b) => a.urgency - b.urgency || a.owedSinceMs - b.owedSinceMs)
    let claimed = 0
    for (const { incidentId, destination, urgency } of inOrder) {
      const outlet = options.outlets().get(destination)
      const name = `${destination}\n${incidentId}`
      if (stopping || outlet === undefined || serving.has(name) || !hasRoom(outlet)) continue
      if (readyAtMs(outlet, urgency, clock.now()) > clock.now()) continue
      const held = {
        lane: { incidentId, destination },
        owner: options.owner,
        nowMs: clock.now(),
        leaseUntilMs: clock.now() + LEASE_MS,
      }
      const work = await store.claim(held)
      if (work === undefined) continue
      claimed++
      const done = serveLane(serve, outlet, work)
        .catch((error: unknown) => report.failed('lane.failed', error))
        .finally(() => {
          serving.delete(name)
          wake()
        })
      serving.set(name, { outlet, done })
    }
    return claimed
  }

  /** A destination or account that was broken is probed by one lane at a time. */
  function hasRoom(outlet: Outlet): boolean {
    const underWay = [...serving.values()].map((lane) => lane.outlet)
    const ofAccount = underWay.filter(({ account }) => account === outlet.account)
    const ofDestination = ofAccount.filter(({ destination }) => destination === outlet.destination)
    switch (circuits.probing(outlet)) {
      case 'account':
        return ofAccount.length === 0
      case 'destination':
        return ofDestination.length === 0 && ofAccount.length < outlet.platform.concurrency
      case undefined:
        return ofAccount.length < outlet.platform.concurrency
    }
  }

  /** When a class of lanes can be served: as soon as any of the calls it may need fits its budget. */
  function readyAtMs(outlet: Outlet, urgency: Urgency, nowMs: number): number {
    return Math.min(...OPERATIONS[urgency].map((operation) => pace.readyAtMs(subject(outlet, operation), nowMs)))
  }

  async function wakeAtMs(): Promise<number> {
    const nowMs = clock.now()
    const outlets = options.outlets()
    const { classes, snoozeEndsAtMs } = await store.schedule({ destinations: [...outlets.keys()] })
    const atMs = classes.map((lanes) => servableAtMs(lanes, nowMs))
    // A snooze that is over was just ended; one that could not be is not worth a hot loop.
    const snoozeAtMs = snoozeEndsAtMs !== undefined && snoozeEndsAtMs > nowMs ? snoozeEndsAtMs : Infinity
    const earliestMs = Math.min(...atMs, snoozeAtMs, nowMs + LONGEST_SLEEP_MS)
    return Math.max(earliestMs, nowMs + SHORTEST_SLEEP_MS)
  }

  function servableAtMs({ destination, urgency, dueAtMs }: LaneClass & { dueAtMs: number }, nowMs: number): number {
    const outlet = options.outlets().get(destination)
    // A lane that ends rings the bell, so an account with no room need not be waited for.
    if (outlet === undefined || !hasRoom(outlet)) return Infinity
    return Math.max(dueAtMs, readyAtMs(outlet, urgency, nowMs), circuits.openUntilMs(outlet, nowMs) ?? 0)
  }

  function wake(): void {
    bell.abort()
  }

  return {
    circuits,
    get serving() {
      return serving.size
    },
    wake,
    async start() {
      await circuits.load()
      loop = run()
    },
    async stop() {
      stopping = true
      whole.abort()
      wake()
      await loop
      await Promise.all([...serving.values()].map(({ done }) => done))
    },
  }
}

const URGENCIES: readonly Urgency[] = [0, 1, 2, 3, 4]

/** The calls a class waits for. */
const OPERATIONS: Readonly<Record<Urgency, readonly Operation[]>> = {
  0: ['card'],
  1: ['card'],
  2: ['edit'],
  3: ['edit', 'reply'],
  4: ['reply'],
}
