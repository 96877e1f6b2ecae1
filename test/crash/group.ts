import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { EAGER_RATES, unleash, type Rates } from './chaos.ts'
import { check, type Violation } from './check.ts'
import { drain, isClear } from './drain.ts'
import { toRealMs } from './fast-clock.ts'
import { EAGER, feed, finish, USUAL, type Sender } from './feed.ts'
import type { Image } from './instrument.ts'
import { createRandom } from './random.ts'
import { readSeen } from './seen.ts'
import { DESTINATIONS, toBoards, type ShownBoard } from './shown.ts'
import type { Reference } from './reference.ts'
import { pause, startRelay, type Relay } from './relay.ts'
import { createStory, type Story } from './story.ts'
import { createWorld, type World } from './world.ts'

/** How one process ends: so many of its ms after its start, or after it accepts events; or where it passes a point for the `hit`-th time. */
export type Death =
  | { readonly by: 'chance'; readonly since: 'start' | 'ready'; readonly afterMs: number }
  | { readonly by: 'point'; readonly point: string; readonly hit: number }

export interface GroupPlan {
  readonly seed: number
  readonly image: Image
  readonly deaths: readonly Death[]
  readonly folder: string
  readonly reference: Reference
  /** What the disk does when a process dies; nothing by default. */
  readonly disk?: Disk
  /** Provoke what is rare: see {@link EAGER}. */
  readonly eager?: boolean
  /** How often calls are answered badly; by default as usual, or as `eager` needs it. */
  readonly rates?: Rates
}

/** A disk that can forget what was written and not synced. */
export interface Disk {
  env(folder: string): Readonly<Record<string, string>>
  cut(folder: string): void
}

export interface GroupResult {
  readonly kills: number
  readonly acknowledged: number
  /** Points at which a process died. */
  readonly reached: readonly string[]
  /** Points that were passed. */
  readonly seen: readonly string[]
  readonly violations: readonly Violation[]
  /** We, and so the platforms, stood still for longer than the relay can allow for. */
  readonly disturbed: boolean
}

/** How long a process may take to come to the point it should die at, in its ms. */
const POINT_PATIENCE_MS = 75_000
/** By then pushing is over and what was unclear has been looked up: what is rare has happened or will not. */
const EAGER_PATIENCE_MS = 45_000
/** Of so many incidents, the newest ones, pushes go on. */
const LIVELY = 6
/** By then a platform has forgotten a call it could know again, in its ms: see NONCE_KEPT_MS of src/sandbox/discord/messages.ts. */
const AWAY_MS = 240_000
/** How long it may take to end in order, in our ms. */
const STOP_PATIENCE_MS = 10_000
/** A late call may be this much later than it was meant to be, in their ms: what the relay allows for and chance does not use. */
const DISTURBED_MS = 5_000

/** Let one database live through many deaths, then let everything come to rest and look. */
export async function runGroup(plan: GroupPlan): Promise<GroupResult> {
  const random = createRandom(plan.seed)
  mkdirSync(plan.folder, { recursive: true })
  const world = await createWorld(plan.folder, { deduplicates: random.chance(0.3) })
  const mood = plan.eager === true ? EAGER : USUAL
  const chaos = unleash(world.sandbox.faults, random, plan.rates ?? (plan.eager === true ? EAGER_RATES : undefined))
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  const stories: Story[] = []
  const violations: Violation[] = []
  const reached: string[] = []
  try {
    for (const death of plan.deaths) {
      if (stories.length === 0 || random.chance(mood.begins))
        stories.push(...Array.from({ length: random.between(1, mood.atOnce) }, () => createStory(random)))
      const ended = await live(plan, world, death, stories.slice(-LIVELY), { random, mood })
      if (random.chance(mood.away)) await pause(toRealMs(AWAY_MS))
      if (ended === 'reached' && death.by === 'point') reached.push(death.point)
      if (typeof ended === 'number')
        violations.push({ fault: 'died', detail: `a process ended by itself with ${ended}` })
    }
    chaos.calm()
    violations.push(...(await settle(plan, world, stories, () => chaos.quietAtMs)))
  } finally {
    delay.disable()
    await world.close()
  }
  if (violations.length > 0) {
    const { slack, discord } = world.sandbox
    writeFileSync(join(plan.folder, 'sandbox.json'), JSON.stringify({ slack: slack.state(), discord: discord.state() }))
  }
  const told = stories.flatMap((story) => story.told)
  return {
    kills: plan.deaths.length,
    acknowledged: told.filter(({ state }) => state === 'acked').length,
    reached,
    seen: readSeen(plan.folder),
    violations,
    disturbed: delay.max / 1e6 > toRealMs(DISTURBED_MS),
  }
}

/** One life of the process: it is fed until it dies. A number is the code of one that ended by itself. */
async function live(
  { image, disk, folder, eager }: GroupPlan,
  world: World,
  death: Death,
  stories: readonly Story[],
  sender: Sender,
): Promise<'reached' | 'killed' | number> {
  const fatal = death.by === 'point' ? { CRASH_POINT: death.point, CRASH_HIT: String(death.hit) } : {}
  const relay = startRelay(image, world, { ...fatal, ...disk?.env(folder) })
  const fed = feed(relay, stories, sender)
  if (death.by === 'point' || death.since === 'ready') await relay.ready
  const pointMs = eager === true ? EAGER_PATIENCE_MS : POINT_PATIENCE_MS
  const patienceMs = toRealMs(death.by === 'point' ? pointMs : death.afterMs)
  const early = await Promise.race([relay.ended, pause(patienceMs).then(() => undefined)])
  const stopped = early ?? (await end(relay, death))
  await fed
  const how = early ?? (await relay.ended)
  disk?.cut(folder)
  if (death.by === 'point' && stopped === 'SIGKILL') return 'reached'
  return typeof how === 'number' && (early !== undefined || how !== 0) ? how : 'killed'
}

/** Gives how the process ended, if it did so before we killed it: some points are only on the way out. */
async function end(relay: Relay, { by }: Death): Promise<NodeJS.Signals | number | undefined> {
  let how: NodeJS.Signals | number | undefined
  if (by === 'point') {
    relay.kill('SIGTERM')
    how = await Promise.race([relay.ended, pause(STOP_PATIENCE_MS).then(() => undefined)])
  }
  relay.kill('SIGKILL')
  return how
}

/** The last life: everything is answered well, and nothing may be left to do. */
async function settle(
  { image, folder, reference, disk }: GroupPlan,
  world: World,
  stories: readonly Story[],
  quietAtMs: () => number,
): Promise<readonly Violation[]> {
  const relay = startRelay(image, world, disk?.env(folder))
  try {
    await finish(relay, stories)
    await pause(Math.max(0, quietAtMs() - performance.now()))
    const debts = await drain(relay, () => boards(world).some(({ isOver }) => !isOver))
    if (debts === undefined) return [{ fault: 'died', detail: 'the process ended while it should come to rest' }]
    const unfinished = !isClear(debts) || debts.dead > 0
    const expected = await reference.show(stories)
    return [
      ...(unfinished ? [{ fault: 'unfinished', detail: JSON.stringify(debts) } as const] : []),
      ...boards(world).flatMap(toBoardFaults),
      ...check(world.sandbox, stories, expected),
    ]
  } finally {
    relay.kill('SIGKILL')
    await relay.ended
  }
}

function boards({ sandbox }: World): readonly ShownBoard[] {
  return DESTINATIONS.flatMap((destination) => toBoards(sandbox, destination))
}

/** A storm has one board, and ends by itself, within a moment of the last card. */
function toBoardFaults({ looks, isOver }: ShownBoard): readonly Violation[] {
  const [look = '', ...more] = looks
  return [
    ...more.map(() => ({ fault: 'doubled', detail: `there is one more board: ${look}` }) as const),
    ...(isOver ? [] : [{ fault: 'unfinished', detail: `a storm is not over: ${look}` } as const]),
  ]
}
