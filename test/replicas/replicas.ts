import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Rates } from '../crash/chaos.ts'
import type { Fault } from '../crash/check.ts'
import { keepRealTime } from '../crash/fast-clock.ts'
import { createRandom } from '../crash/random.ts'
import { runCampaign, type CampaignResult } from './campaign.ts'
import { spoil, type Control } from './controls.ts'
import { toPlan, type Trouble } from './plan.ts'
import { setStage } from './stage.ts'
import { quantile } from './takeover.ts'

export interface ReplicasOptions {
  readonly lengthMs: number
  readonly seed: number
  readonly controls: readonly Control[]
  /** What is taken over later is a fault; default: what is promised. */
  readonly longestTakeoverMs?: number
  readonly write: (line: string) => void
}

export interface ReplicasResult {
  /** Promises broken by the relays as they are. */
  readonly faults: number
  /** Controls that nothing was noticed of: what the harness says is worth nothing then. */
  readonly unnoticed: readonly Control[]
  /** The counts in one line. */
  readonly line: string
}

/** Promised: what a relay that went held goes on with another. */
const LONGEST_TAKEOVER_MS = 35_000

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
/** Doubt now and then, and time between to get on with the work: nobody can make this clock go faster. */
const RATES: Rates = { creates: 0.12, refused: 0.004, others: 0.04 }

type Counts = Record<Fault | 'slow', number>

/** Let three relays and their Postgres live through all that can happen to them, and see what of the promises is left. */
export async function runReplicas(options: ReplicasOptions): Promise<ReplicasResult> {
  const { lengthMs, seed, write, longestTakeoverMs = LONGEST_TAKEOVER_MS } = options
  keepRealTime()
  const folder = mkdtempSync(join(tmpdir(), 'relay-replicas-'))
  const random = createRandom(seed)
  const counts: Counts = { lost: 0, doubled: 0, out_of_order: 0, wrong_card: 0, unfinished: 0, died: 0, slow: 0 }
  const found = (fault: keyof Counts, detail: string, explanation: readonly string[] = []): void => {
    counts[fault] += 1
    write([`${fault}: ${detail}`, ...explanation.map((line) => `  ${line}`)].join('\n'))
  }

  const plan = toPlan(lengthMs, random)
  const stage = await setStage({
    main: MAIN,
    folder: join(folder, 'relays'),
    random,
    rates: RATES,
    died: (detail) => found('died', detail),
  })
  let result: CampaignResult
  try {
    result = await runCampaign({
      stage,
      random,
      lengthMs,
      plan,
      main: MAIN,
      found: ({ fault, detail }, explanation) => found(fault, detail, explanation),
      taken: ({ thing, pid, tookMs }) => {
        const what = `${thing} of process ${pid} was taken over after ${toSeconds(tookMs)} s`
        if (tookMs > longestTakeoverMs) found('slow', what)
      },
      progress: ({ acknowledged, takeovers }) =>
        write(`${acknowledged} acknowledged so far, ${takeovers.length} takeovers: ${toText(counts)}`),
    })
  } finally {
    await stage.close()
  }
  const line = toLine(options, plan, result, counts)
  write(line)

  const unnoticed: Control[] = []
  for (const control of options.controls) {
    const own = join(folder, control)
    mkdirSync(own)
    const noticed = await spoil(control, own, random)
    write(`control ${control}: ${noticed ?? 'NOT NOTICED'}`)
    if (noticed === undefined) unnoticed.push(control)
  }
  const faults = Object.values(counts).reduce((sum, one) => sum + one, 0)
  if (faults === 0) rmSync(folder, { recursive: true, force: true })
  else write(`the logs of the relays, and what was found out, are in ${folder}`)
  return { faults, unnoticed, line }
}

function toLine(
  { lengthMs, seed }: ReplicasOptions,
  plan: readonly Trouble[],
  { pushed, acknowledged, takeovers, drainedMs, stoodStillMs }: CampaignResult,
  { slow, ...counts }: Counts,
): string {
  const number = (of: Trouble['kind']): number => plan.filter(({ kind }) => kind === of).length
  const tookMs = takeovers.map((one) => one.tookMs)
  const fields = {
    minutes: Math.round((lengthMs / 60_000) * 100) / 100,
    kills: number('kill'),
    stops: number('stop'),
    restarts: number('restart'),
    cuts: number('cut'),
    rolls: number('roll'),
    acknowledged,
    ...counts,
    takeover_p50_s: toSeconds(quantile(tookMs, 0.5)),
    takeover_max_s: toSeconds(quantile(tookMs, 1)),
    takeovers: takeovers.length,
    late_takeovers: slow,
    unacknowledged: pushed - acknowledged,
    drained_s: toSeconds(drainedMs),
    stood_still_s: toSeconds(stoodStillMs),
    seed,
  }
  return `replicas: ${toText(fields)}`
}

function toText(fields: Readonly<Record<string, number>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

function toSeconds(ms: number): number {
  return Math.round(ms / 100) / 10
}
