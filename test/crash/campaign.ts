import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault, Violation } from './check.ts'
import type { Rates } from './chaos.ts'
import { runGroup, type Death, type Disk, type GroupResult } from './group.ts'
import type { Image } from './instrument.ts'
import type { Reference } from './reference.ts'

export interface CampaignOptions {
  readonly image: Image
  readonly reference: Reference
  readonly folder: string
  readonly seed: number
  readonly groups: readonly (readonly Death[])[]
  readonly disk?: Disk
  readonly eager?: boolean
  readonly rates?: Rates
  /** How many relays live at the same time. */
  readonly parallel: number
  /** Told of each group that is over; gives whether to go on. */
  readonly over: (result: GroupResult, group: GroupInfo) => boolean
}

export interface GroupInfo {
  readonly seed: number
  /** Holds what is needed to find out what was wrong: the database, the relay's log, the sandbox. */
  readonly folder: string
}

/** A group that ran while this machine stood still is tried again so often, before its violations count. */
const MAX_TRIES = 3

/** What a call that comes later than anybody can allow for may do. Nothing else is explained by it. */
const EXCUSED: ReadonlySet<Fault> = new Set(['doubled', 'out_of_order', 'wrong_card'])

function isExcused({ fault }: Violation): boolean {
  return EXCUSED.has(fault)
}

/** Run all groups, some at a time. */
export async function runCampaign(options: CampaignOptions): Promise<void> {
  const waiting = options.groups.map((deaths, at) => ({ deaths, seed: (options.seed + at * 7_919) >>> 0 }))
  let isOver = false
  const track = async (): Promise<void> => {
    for (let group = waiting.shift(); group !== undefined && !isOver; group = waiting.shift()) {
      if (!(await tryGroup(options, group))) isOver = true
    }
  }
  await Promise.all(Array.from({ length: options.parallel }, track))
}

async function tryGroup(
  { image, reference, folder: parent, disk, eager, rates, over }: CampaignOptions,
  { deaths, seed }: { deaths: readonly Death[]; seed: number },
): Promise<boolean> {
  for (let count = 1; ; count++) {
    const folder = join(parent, `seed-${seed}-${count}`)
    const result = await runGroup({
      seed,
      image,
      deaths,
      folder,
      reference,
      ...(disk && { disk }),
      ...(eager && { eager }),
      ...(rates && { rates }),
    })
    if (result.violations.length === 0) rmSync(folder, { recursive: true, force: true })
    else if (result.disturbed && result.violations.every(isExcused) && count < MAX_TRIES) continue
    return over(result, { seed, folder })
  }
}
