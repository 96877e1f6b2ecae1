import type { Violation } from '../crash/check.ts'
import { pause } from '../crash/relay.ts'
import type { Story } from '../crash/story.ts'
import { checkEarly } from './judge.ts'
import type { Stage } from './stage.ts'
import type { Takeover, Takeovers } from './takeover.ts'

export interface Watch {
  /** Resolves when it has stopped looking. */
  stop(): Promise<void>
}

export interface WatchOptions {
  readonly stage: Stage
  readonly stories: readonly Story[]
  readonly takeovers: Takeovers
  /** Something is wrong for good. */
  readonly found: (violation: Violation) => void
  /** What one that is gone held was taken over. */
  readonly taken: (takeover: Takeover) => void
}

const LOOK_EVERY_MS = 250
const CHECK_EVERY_MS = 5_000

/** Look again and again at who holds what, and at what people see. */
export function startWatch({ stage, stories, takeovers, found, taken }: WatchOptions): Watch {
  let isOver = false
  const looking = Promise.all([look(), lookAround()])

  async function look(): Promise<void> {
    while (!isOver) {
      const askedAtMs = performance.now()
      // While the server is away nobody holds anything.
      const holdings = await stage.database.holdings().catch(() => undefined)
      if (holdings !== undefined) takeovers.look(askedAtMs, holdings).forEach(taken)
      await pause(LOOK_EVERY_MS)
    }
  }

  async function lookAround(): Promise<void> {
    while (!isOver) {
      for (const violation of checkEarly(stage.world.sandbox, stories)) found(violation)
      await pause(CHECK_EVERY_MS)
    }
  }

  return {
    async stop() {
      isOver = true
      await looking
    },
  }
}
