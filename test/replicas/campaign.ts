import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Violation } from '../crash/check.ts'
import { startReference } from '../crash/reference.ts'
import type { Random } from '../crash/random.ts'
import { DESTINATIONS, type Destination } from '../crash/shown.ts'
import type { Story } from '../crash/story.ts'
import { createDiary } from './diary.ts'
import { drain } from './drain.ts'
import { startFeed } from './feed.ts'
import { checkAtRest } from './judge.ts'
import type { Trouble } from './plan.ts'
import type { Stage } from './stage.ts'
import { createTakeovers, type Takeover } from './takeover.ts'
import { makeTrouble } from './troubles.ts'
import { startWatch } from './watch.ts'

export interface CampaignOptions {
  readonly stage: Stage
  readonly random: Random
  readonly lengthMs: number
  readonly plan: readonly Trouble[]
  /** What was built: a relay that nothing happens to shows what cards ought to look like. */
  readonly main: string
  /** Told of everything that is wrong, as soon as it is known, with what is needed to understand it. */
  readonly found: (violation: Violation, explanation: readonly string[]) => void
  /** What one that is gone held was taken over. */
  readonly taken: (takeover: Takeover) => void
  /** Told now and then how far it is. */
  readonly progress: (counted: Counted) => void
}

export interface Counted {
  readonly pushed: number
  readonly acknowledged: number
  readonly takeovers: readonly Takeover[]
}

export interface CampaignResult extends Counted {
  /** How long it took after the last trouble until nothing was left to do. */
  readonly drainedMs: number
  /** The longest that we, and so the platforms, stood still: more than some seconds, and chat is later than can be allowed for. */
  readonly stoodStillMs: number
}

/** Whoever waits for a long run sees that it goes on. */
const SAY_EVERY_MS = 120_000

/** Let everything happen, then let it come to rest, then look. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { stage, random, lengthMs, plan, main, found, taken } = options
  const { world, outages, replicas, chaos, database } = stage
  const diary = createDiary(stage.folder)
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  const takeovers = createTakeovers((fromMs, untilMs) => outages.ofAllMs(fromMs, untilMs))
  const feed = startFeed({ seats: world.seats, random, outages, lengthMs, note: (push) => diary.push(push) })
  const { stories } = feed
  const said = new Set<string>()
  const explaining: Promise<void>[] = []

  /** Each thing once, however often it is seen. */
  function report(violation: Violation): void {
    const { fault, detail } = violation
    if (said.has(`${fault} ${detail}`)) return
    said.add(`${fault} ${detail}`)
    const recent = diary.recent()
    const story = stories.find(({ name }) => detail.includes(name))
    const file = story && diary.explain(stage, story)
    explaining.push(
      Promise.resolve(file).then((name) =>
        found(violation, [...recent, ...(name === undefined ? [] : [`see ${name}`])]),
      ),
    )
  }

  const count = (): Counted => {
    const told = feed.stories.flatMap((story) => story.told)
    const acknowledged = told.filter(({ state }) => state === 'acked').length
    return { pushed: told.length, acknowledged, takeovers: takeovers.all }
  }
  const saying = setInterval(() => options.progress(count()), SAY_EVERY_MS)
  const watch = startWatch({
    stage,
    stories,
    takeovers,
    found: report,
    taken(takeover) {
      diary.note(`${takeover.thing} of process ${takeover.pid} was taken over after ${Math.round(takeover.tookMs)} ms`)
      taken(takeover)
    },
  })
  const note = (line: string): void => diary.trouble(line)
  const gone = (pid: number): void => takeovers.gone(pid, performance.now())
  const hindered = (pid: number): void => takeovers.hindered(pid, performance.now())
  try {
    await Promise.all([makeTrouble(plan, { server: world.server, replicas, outages, note, gone, hindered }), feed.over])
    chaos.calm()
    diary.trouble('all is well from now on')
    const wellAtMs = performance.now()
    await feed.finish()
    const [left, expected] = await Promise.all([drain(stage), show(stories, main, join(stage.folder, 'reference'))])
    const drainedMs = performance.now() - wellAtMs
    if (Object.keys(left).length > 0) report({ fault: 'unfinished', detail: await toUnfinished(stage, left) })
    const judged = { mayBeLate: feed.mayBeLate, late: await database.late() }
    for (const violation of checkAtRest(world.sandbox, stories, judged, expected)) report(violation)
    await Promise.all(explaining)
    return { ...count(), drainedMs, stoodStillMs: delay.max / 1e6 }
  } finally {
    feed.stop()
    clearInterval(saying)
    delay.disable()
    await watch.stop()
  }
}

/** So many new incidents at once are no storm, which would be told of otherwise. */
const SHOWN_AT_ONCE = 10

type Expected = (story: Story, destination: Destination) => string | undefined

/** What an undisturbed relay shows of the newest that was answered of each story. */
async function show(stories: readonly Story[], main: string, folder: string): Promise<Expected> {
  const reference = await startReference({ main, points: [] }, folder)
  try {
    const shown = new Map<string, string | undefined>()
    for (let from = 0; from < stories.length; from += SHOWN_AT_ONCE) {
      const some = stories.slice(from, from + SHOWN_AT_ONCE)
      const look = await reference.show(some)
      for (const story of some)
        for (const destination of DESTINATIONS) shown.set(`${destination} ${story.name}`, look(story, destination))
    }
    return ({ name }, destination) => shown.get(`${destination} ${name}`)
  } finally {
    await reference.close()
  }
}

/** What is left, and a lane of which it is. */
async function toUnfinished({ database }: Stage, left: Readonly<Record<string, number>>): Promise<string> {
  const incidents = await database.unfinished()
  return `${JSON.stringify(left)} of ${incidents.join(' ')}`
}
