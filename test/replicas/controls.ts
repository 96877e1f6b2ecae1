import { join } from 'node:path'
import type { Rates } from '../crash/chaos.ts'
import { toControl } from '../crash/controls.ts'
import { copyProgram, type Patch } from '../crash/instrument.ts'
import type { Random } from '../crash/random.ts'
import { pause } from '../crash/relay.ts'
import { startFeed } from './feed.ts'
import { checkEarly } from './judge.ts'
import { setStage } from './stage.ts'

/**
 * Ways to spoil the relays that the harness must notice, or it proves nothing.
 *
 * - `unfenced`  all relays own all accounts, lanes are claimed whoever holds them, and written whoever claimed them since.
 * - `naive`     what is unclear is sent again at once, under a new key.
 */
export const CONTROLS = ['unfenced', 'naive'] as const
export type Control = (typeof CONTROLS)[number]

/** Much doubt: what is spoilt shows soon. */
const RATES: Rates = { creates: 0.35, refused: 0, others: 0 }
const LONGEST_MS = 90_000
const LOOK_EVERY_MS = 500

/** Let spoilt relays work, with no trouble but what chat makes. Gives what was noticed, or undefined. */
export async function spoil(control: Control, folder: string, random: Random): Promise<string | undefined> {
  const { patch, isWhole } = toSpoiler(control)
  const main = copyProgram(join(folder, 'image'), patch)
  if (!isWhole()) throw new Error(`the control ${control} does not find what to spoil: see test/replicas/controls.ts`)
  let died: string | undefined
  const stage = await setStage({
    main,
    folder: join(folder, 'relays'),
    random,
    rates: RATES,
    died: (detail) => (died = detail),
  })
  const { world, outages } = stage
  const feed = startFeed({ seats: world.seats, random, outages, lengthMs: LONGEST_MS, note: () => {} })
  try {
    for (const untilMs = performance.now() + LONGEST_MS; performance.now() < untilMs;) {
      if (died !== undefined) throw new Error(`the control ${control} does not even run: ${died}`)
      const [first] = checkEarly(world.sandbox, feed.stories)
      if (first !== undefined) return `noticed: ${first.fault}: ${first.detail}`
      await pause(LOOK_EVERY_MS)
    }
    return undefined
  } finally {
    feed.stop()
    await stage.close()
  }
}

/** The patch of a control, and whether it found all it is meant to spoil. */
function toSpoiler(control: Control): { readonly patch: Patch; readonly isWhole: () => boolean } {
  if (control === 'naive') {
    const { patch, places } = toControl('naive')
    return { patch, isWhole: () => places() > 0 }
  }
  const left = new Set(FENCES)
  const patch: Patch = (file, code) =>
    FENCES.filter((fence) => file === fence.file && code.includes(fence.text)).reduce((changed, fence) => {
      left.delete(fence)
      return changed.replaceAll(fence.text, fence.instead)
    }, code)
  return { patch, isWhole: () => left.size === 0 }
}

interface Fence {
  readonly file: string
  readonly text: string
  readonly instead: string
}

const FENCES: readonly Fence[] = [
  { file: 'delivery/owners.js', text: 'if (ledger !== undefined)', instead: 'if (false)' },
  {
    file: 'store/postgres/dialect.js',
    text: '(owner IS NULL OR lease_until_ms <= $6)',
    instead: '$6::bigint IS NOT NULL',
  },
  {
    file: 'store/postgres/due.js',
    text: '(owner IS NULL OR lease_until_ms <= $3::bigint)',
    instead: 'true',
  },
  { file: 'store/sql/lanes.js', text: 'row.epoch !== patch.epoch', instead: 'false' },
  // Whoever takes a lane from one that is at it would see that, and look first.
  { file: 'store/sql/lanes.js', text: 'yield* db.run(ABANDON, incidentId, destination);', instead: '' },
]
