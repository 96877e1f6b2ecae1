import type { Event } from '../incident/incident.ts'
import type { Platform } from '../platform/platform.ts'
import type { LaneClass, LaneKey, LaneWork, Schedule, Urgency } from '../store/lane.ts'
import type { Ledger } from '../store/ledger.ts'
import { createJudge, endSnoozes, type ApplyOptions, type SnoozeOptions } from './apply.ts'
import { createCapacity } from './capacity.ts'
import { Circuits, isAnswer } from './circuit.ts'
import { createJumpWatch } from './clock.ts'
import { foresee, takeForeseen, toOwing, type Planned } from './express.ts'
import { giveWay } from './give-way.ts'
import { LEASE_MS, subject, type Outlet, type ServeOptions } from './held.ts'
import { createLearnt } from './learnt.ts'
import { createOwners, type Owners } from './owners.ts'
import { Pace, type Subject } from './pace.ts'
import { rank } from './rank.ts'
import { serveLane } from './serve.ts'
import { createStorms, type StormOptions } from './storm.ts'

export interface WorkerOptions extends Omit<
  ServeOptions,
  'pace' | 'limited' | 'heard' | 'down' | 'blocked' | 'mayCall' | 'take' | 'stopping'
> {
  readonly outlets: () => ReadonlyMap<string, Outlet>
  readonly rules: ApplyOptions['rules']
  readonly applied: ApplyOptions['applied']
  readonly readEvent: (body: string) => Event
  readonly toDerivedPush: SnoozeOptions['toDerivedPush']
  readonly hash: SnoozeOptions['hash']
  readonly stormAfter: StormOptions['stormAfter']
  readonly toBoardPush: StormOptions['toBoardPush']
  /** Names this process as the holder of lanes. */
  readonly owner: string
  /** Says which accounts this process may use; without one it uses all. */
  readonly ledger: Ledger | undefined
  /** More pushes wait for the store than it can take at once. */
  readonly flooded: () => boolean
}

export interface Worker {
  /** Serve until stopped. Resolves once the first look at the store is done. */
  start(): Promise<void>
  /** There is something new in the store, or to be done with it. */
  wake(): void
  /** Somebody wants work of these destinations tried now, broken or not. */
  tryNow(destinations: readonly string[]): Promise<void>
  /** Resolves when nobody holds a lane that is served through `platform`; new ones are served as `outlets` says. */
  released(platform: Platform): Promise<void>
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
  const outlets = (): ReadonlyMap<string, Outlet> => owners.outlets()
  const storms = createStorms({ ...options, outlets })
  const learnt = createLearnt({ store, clock, outlets: options.outlets, pace, circuits, storms })
  const jumped = createJumpWatch(clock)
  const serving = new Map<string, { outlet: Outlet; done: Promise<void> }>()
  /** When a destination's replies last had a turn although cards waited. */
  const repliedAtMs = new Map<string, number>()
  const underWay = (): readonly Outlet[] => [...serving.values()].map(({ outlet }) => outlet)
  const isIdle = (account: string): boolean => !underWay().some((outlet) => outlet.account === account)
  const owners: Owners = createOwners({ ...options, pace, learnt, isIdle, onGain: () => wake() })
  const capacity = createCapacity({ outlets, pace, circuits, underWay })
  /** Destinations with due lanes when last looked: there, what is new has to queue. */
  let crowded = new Set<string>()
  let stopping = false
  let bell = new AbortController()
  const whole = new AbortController()
  let loop: Promise<void> | undefined

  const serve: ServeOptions = {
    ...options,
    pace,
    stopping: () => stopping,
    down: (outlet) => circuits.probing(outlet) === 'account',
    blocked: (outlet) => isReplaced(outlet) || circuits.openUntilMs(outlet, clock.now()) !== undefined,
    limited: async (limited, untilMs, wide) => {
      const hold = pace.hold(limited, untilMs, wide)
      if (hold !== undefined) await learnt.keep(hold)
    },
    mayCall: (account) => owners.mayCall(account),
    take,
    heard: async (outlet, incidentId, outcome) => {
      // What an old token is told while a call is under way says nothing of the new one.
      if (isReplaced(outlet)) return
      const { destination, account } = outlet
      const opened = await circuits.heard(outlet, incidentId, outcome, clock.now())
      if (opened !== undefined) {
        const { scope, reason, untilMs } = opened
        const fields = { scope, destination, account, reason, probe_in_ms: untilMs - clock.now() }
        report.warned('circuit.opened', fields)
      } else if (isAnswer(outcome)) {
        const closed = await circuits.close(outlet, outcome.kind === 'sent')
        for (const scope of closed) report.warned('circuit.closed', { scope, destination, account })
        if (closed.length > 0) await store.hasten({ destinations: destinationsOf(account), nowMs: clock.now() })
      }
    },
  }
  const judge = createJudge({
    ...options,
    failed: (event, error) => report.failed('event.failed', new Error(event.id, { cause: error })),
    applying: claimPlanned,
    unreadable: (event, error) => report.failed('event.unreadable', new Error(event.id, { cause: error })),
  })

  async function run(): Promise<void> {
    while (!stopping) {
      bell = new AbortController()
      try {
        await giveWay(options.flooded, clock, whole.signal)
        await keepTime()
        const nowMs = clock.now()
        const [isMore, woken] = await Promise.all([judge.judge(nowMs), endSnoozes(options, nowMs)])
        const { claimed, schedule } = await claimDue()
        if (!isMore && woken + claimed === 0) await clock.waitUntil(wakeAtMs(schedule, nowMs), bell.signal)
      } catch (error) {
        report.failed('worker.failed', error)
        await clock.waitUntil(clock.now() + RECOVERY_SLEEP_MS, whole.signal)
      }
    }
  }

  /** When the wall clock was moved, everything that is waited for moves along: a wait is a length and not a date. */
  async function keepTime(): Promise<void> {
    const byMs = jumped()
    if (byMs === 0) return
    report.warned('clock.moved', { by_ms: byMs })
    judge.release()
    await learnt.shift(byMs)
  }

  async function claimDue(nowMs = clock.now()): Promise<{ claimed: number; schedule: Schedule }> {
    const asked = { nowMs, classes: capacity.classes(nowMs), limit: LANES_PER_CLASS }
    const destinations = [...outlets().keys()]
    // Together: the way to the store costs more than the answer. A lane that is held rings the bell when it is let go.
    const [due, schedule] = await Promise.all([store.due(asked), store.schedule({ destinations })])
    const repliedAt = (destination: string): number => repliedAtMs.get(destination) ?? 0
    const inOrder = rank(due, (destination) => capacity.sharesPosts(destination), repliedAt, nowMs)
    let claimed = await storms.tell(inOrder, nowMs)
    crowded = new Set(inOrder.map(({ destination }) => destination))
    for (const lane of inOrder) {
      if (await claim(lane, lane.urgency, lane.mayReply)) claimed++
    }
    return { claimed, schedule }
  }

  /** Take a lane and serve it. Undefined without room or budget for it; else tells, once known, whether it was to be had. */
  function claim(key: LaneKey, urgency: Urgency, mayReply: boolean, foreseen?: LaneWork): Promise<boolean> | undefined {
    const { incidentId, destination } = key
    const name = `${destination}\n${incidentId}`
    const outlet = outlets().get(destination)
    const nowMs = clock.now()
    if (stopping || outlet === undefined || serving.has(name) || !capacity.hasRoom(outlet, urgency)) return undefined
    if (capacity.readyAtMs(outlet, urgency, nowMs) > nowMs) return undefined
    const intent = foreseen?.deliveries[0]?.key
    if (intent !== undefined) take(subject(outlet, 'card'))
    const asked = { lane: { incidentId, destination }, owner: options.owner, nowMs, leaseUntilMs: nowMs + LEASE_MS }
    const claimed = store.claim({ ...asked, ...(intent !== undefined && { intent }) })
    const done = serveClaimed(claimed, outlet, urgency, mayReply, foreseen)
      .catch((error: unknown) => report.failed('lane.failed', error))
      .finally(() => {
        serving.delete(name)
        owners.ended(outlet.account)
      })
    serving.set(name, { outlet, done })
    return claimed.then((work) => {
      if (work === undefined) return false
      void done.then(() => wake())
      return true
    })
  }

  async function serveClaimed(
    claimed: Promise<LaneWork | undefined>,
    outlet: Outlet,
    urgency: Urgency,
    mayReply: boolean,
    foreseen?: LaneWork,
  ): Promise<void> {
    const work = await (foreseen === undefined ? claimed : takeForeseen(serve, outlet, claimed, foreseen))
    if (work === undefined) return
    if (mayReply && urgency >= 3) repliedAtMs.set(outlet.destination, clock.now())
    // The account may have been replaced while the store was asked.
    await serveLane(serve, outlets().get(outlet.destination) ?? outlet, work, mayReply)
  }

  /**
   * What plans owe is served without being looked for, where nothing else waits: the claim goes to the store behind
   * them, and mostly shares their commit.
   */
  function claimPlanned(planned: readonly Planned[]): void {
    const nowMs = clock.now()
    const incidentId = planned[0]?.event.incidentId ?? ''
    for (const lane of toOwing(planned)) {
      const { destination, urgency, owed } = lane
      const outlet = outlets().get(destination)
      if (outlet === undefined) continue
      // Whoever is not known is looked up while all else goes on.
      for (const who of owed.flatMap(({ mention }) => mention)) outlet.platform.reach(who)
      if (circuits.openUntilMs(outlet, nowMs) !== undefined || crowded.has(destination)) continue
      const claimed = claim({ incidentId, destination }, urgency, true, foresee(outlet.platform, planned, lane))
      // What could not have its place meanwhile is looked for once it is free again.
      claimed?.then((isClaimed) => isClaimed || wake(), wake)
    }
  }

  function take(taken: Subject): void {
    pace.take(taken, clock.now())
    owners.took(taken)
  }

  /** Its destination leads through another account by now, or nowhere any more. */
  function isReplaced({ destination, platform }: Outlet): boolean {
    return outlets().get(destination)?.platform !== platform
  }

  function destinationsOf(account: string): readonly string[] {
    return [...outlets().values()].filter((outlet) => outlet.account === account).map(({ destination }) => destination)
  }

  /** `lookedAtMs`: when it was last looked for snoozes that are over. */
  function wakeAtMs({ classes, snoozeEndsAtMs }: Schedule, lookedAtMs: number, nowMs = clock.now()): number {
    const atMs = classes.map((lanes) => servableAtMs(lanes, nowMs))
    // A snooze that is over was just ended; one that could not be is not worth a hot loop.
    const snoozeAtMs = snoozeEndsAtMs !== undefined && snoozeEndsAtMs > lookedAtMs ? snoozeEndsAtMs : Infinity
    const earliestMs = Math.min(...atMs, snoozeAtMs, judge.againAtMs(), storms.dueAtMs(), nowMs + LONGEST_SLEEP_MS)
    return Math.max(earliestMs, nowMs + SHORTEST_SLEEP_MS)
  }

  function servableAtMs({ destination, urgency, dueAtMs }: LaneClass & { dueAtMs: number }, nowMs: number): number {
    const outlet = outlets().get(destination)
    // A lane that ends rings the bell, so an account with no room need not be waited for.
    if (outlet === undefined || !capacity.hasRoom(outlet, urgency)) return Infinity
    return Math.max(dueAtMs, capacity.readyAtMs(outlet, urgency, nowMs), circuits.openUntilMs(outlet, nowMs) ?? 0)
  }

  function wake(): void {
    // With a reason of our own: the usual one is an error with a stack, made for every push.
    bell.abort('woken')
  }

  return {
    circuits,
    get serving() {
      return serving.size
    },
    wake,
    async tryNow(destinations) {
      await circuits.probeNow(destinations.flatMap((destination) => outlets().get(destination) ?? []))
      wake()
    },
    async released(platform) {
      const held = [...serving.values()].filter(({ outlet }) => outlet.platform === platform)
      await Promise.all(held.map(({ done }) => done))
    },
    async start() {
      await learnt.clamp()
      await owners.start()
      loop = run()
    },
    async stop() {
      stopping = true
      whole.abort()
      wake()
      await Promise.all([loop, owners.leave()])
      await Promise.all([...serving.values()].map(({ done }) => done))
      await owners.leave()
    },
  }
}
