import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCampaign, type CampaignOptions, type GroupInfo } from './campaign.ts'
import { LATE_RATES } from './chaos.ts'
import { toControl, type Control } from './controls.ts'
import { instrument } from './instrument.ts'
import { lateDeaths, pointDeaths, toEagerGroups, randomDeaths, sample, toGroups, toPointGroups } from './plan.ts'
import { setSpeed } from './fast-clock.ts'
import { createPowerCuts } from './power.ts'
import { createRandom } from './random.ts'
import { startReference } from './reference.ts'
import { timeStart } from './time-start.ts'
import type { GroupResult } from './group.ts'
import { count, createTally, faultsIn, toText } from './tally.ts'

export interface CrashOptions {
  /** Deaths at random moments. */
  readonly runs: number
  /** How many points to die at, each twice. */
  readonly failpoints: number
  /** Of those whose names match. */
  readonly points?: RegExp
  /** How often a point that was not reached is looked for again, by a sender and chat that do what is rare. */
  readonly eagerRounds: number
  readonly controls: readonly Control[]
  readonly seed: number
  readonly parallel: number
  readonly write: (line: string) => void
}

export interface CrashResult {
  /** Promises broken by the relay as it is. */
  readonly faults: number
  /** Controls that nothing was noticed of: what the harness says is worth nothing then. */
  readonly unnoticed: readonly Control[]
  /** The counts in one line. */
  readonly line: string
}

/** A control is spoilt in so many databases at most; one is enough if anything is noticed. */
const CONTROL_GROUPS = 40

/** Some two minutes: whoever waits for a long campaign sees that it goes on. */
const SAY_EVERY_KILLS = 200

/** Kill the relay at random and at every await, and see what of its promises is left. */
export async function crash(options: CrashOptions): Promise<CrashResult> {
  const { seed, write, parallel } = options
  const folder = mkdtempSync(join(tmpdir(), 'relay-crash-'))
  const random = createRandom(seed)
  const image = instrument(join(folder, 'image'))
  const speed = setSpeed(await timeStart(image, join(folder, 'calibration')))
  const reference = await startReference(image, join(folder, 'reference'))
  const tally = createTally()
  try {
    const power = createPowerCuts(folder)
    const run = (more: Pick<CampaignOptions, 'groups' | 'over'> & Partial<CampaignOptions>): Promise<void> =>
      runCampaign({ image, reference, folder, parallel, ...more, seed: more.seed ?? random.between(0, 2 ** 31) })
    let saidKills = 0
    const over = (result: GroupResult, info: GroupInfo): boolean => {
      count(tally, result)
      if (tally.kills - saidKills >= SAY_EVERY_KILLS) {
        saidKills = tally.kills
        write(`${tally.kills} kills so far: ${toText(tally)}`)
      }
      explain(result, info, options)
      return true
    }
    const chance = toGroups(randomDeaths(options.runs, random))
    const dry = chance.filter((_, at) => at % 3 !== 0)
    await run({ groups: dry, over })
    // Every third database also loses what was not synced.
    await run({ groups: chance.filter((_, at) => at % 3 === 0), over, ...(power && { disk: power }) })
    const points = sample(
      image.points.filter((point) => options.points?.test(point) ?? true),
      options.failpoints,
      random,
    )
    await run({ groups: toPointGroups(pointDeaths(points, random)), over })
    const missing = (): readonly string[] => points.filter((point) => !tally.reached.has(point))
    // With chance of its own: how often it is asked depends on what was reached.
    const eager = createRandom(seed + 1)
    for (let round = 0; round < options.eagerRounds && missing().length > 0; round++) {
      const groups = toEagerGroups(missing(), eager)
      await run({ groups, over, eager: true, seed: eager.between(0, 2 ** 31) })
    }

    const unnoticed: Control[] = []
    for (const control of options.controls) {
      const disk = control === 'unsynced' ? power : undefined
      if (control === 'unsynced' && power === undefined) {
        write('control unsynced: not run, as there is no C compiler (cc) here')
        continue
      }
      // Whom a card calls is spoilt only where it is tried again and somebody has come meanwhile; waiting, where a call is late.
      const mood = { recalled: { eager: true }, unsettled: { rates: LATE_RATES }, naive: {}, unsynced: {} }[control]
      const spoiled = await spoil(control, folder, (more) => run({ ...more, ...mood, ...(disk && { disk }) }), random)
      write(`control ${control}: ${spoiled.text}`)
      if (!spoiled.noticed) unnoticed.push(control)
    }
    const unreached = missing()
    if (unreached.length > 0) write(`not reached: ${unreached.join(' ')}`)
    const reached = `failpoints=${points.length - unreached.length}/${points.length}`
    const line = `crash: runs=${options.runs} kills=${tally.kills} ${reached} acknowledged=${tally.acknowledged} ${toText(tally)} speed=${speed} seed=${seed}`
    write(line)
    const faults = faultsIn(tally)
    if (faults === 0) rmSync(folder, { recursive: true, force: true })
    return { faults, unnoticed, line }
  } finally {
    await reference.close()
  }
}

async function spoil(
  control: Control,
  parent: string,
  run: (more: Pick<CampaignOptions, 'groups' | 'over' | 'image' | 'folder'>) => Promise<void>,
  random: ReturnType<typeof createRandom>,
): Promise<{ noticed: boolean; text: string }> {
  const folder = join(parent, control)
  mkdirSync(folder)
  const { patch, places } = toControl(control)
  const image = instrument(join(folder, 'image'), patch)
  if (places() === 0) throw new Error(`the control ${control} finds nothing to spoil: see test/crash/controls.ts`)
  const tally = createTally()
  const over = (result: GroupResult): boolean => {
    count(tally, result)
    return faultsIn(tally) === 0
  }
  const groups = Array.from({ length: CONTROL_GROUPS }, () => lateDeaths(4, random))
  await run({ image, groups, folder, over })
  rmSync(folder, { recursive: true, force: true })
  const noticed = faultsIn(tally) > 0
  return { noticed, text: `kills=${tally.kills} ${toText(tally)} ${noticed ? 'noticed' : 'NOT NOTICED'}` }
}

function explain(
  { violations, disturbed }: GroupResult,
  { seed, folder }: GroupInfo,
  { write, ...options }: CrashOptions,
): void {
  if (violations.length === 0) return
  for (const { fault, detail } of violations) write(`${fault}: ${detail}`)
  if (disturbed) write('(this machine stood still meanwhile: try again with less else to do)')
  write(`group ${seed}: its database, log and sandbox are in ${folder}`)
  const { runs, failpoints, points, seed: campaign } = options
  const which = `--failpoints ${failpoints === Infinity ? 'all' : failpoints}${points ? ` --points '${points.source}'` : ''}`
  write(`again: npm run test:crash -- --runs ${runs} ${which} --seed ${campaign}`)
}
