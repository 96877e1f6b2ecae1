import type { Relay } from '../app.ts'
import { createNewestLanes } from '../admin/lanes.ts'
import { WEBHOOK_PATH } from '../flashduty/webhook.ts'
import { waitingIn } from '../incident/board.ts'
import { isClosed } from '../incident/state.ts'
import type { RelayView, SandboxRelay } from '../sandbox/relay.ts'

export interface SandboxRelayOptions {
  readonly relay: Pick<Relay, 'admin' | 'memory'>
  /** Where it listens. */
  readonly base: string
  readonly secret: string
  readonly destinations: readonly string[]
}

/** What fits on a screen a few times over. */
const INCIDENTS = 30
const WORK = 100
/** The webhook answers in milliseconds; the source itself would wait 2 s. */
const PUSH_TIMEOUT_MS = 10_000

/** The relay, for the page beside it: pushes go to its webhook over HTTP as the source's do, all else through its admin. */
export function toSandboxRelay({ relay, base, secret, destinations }: SandboxRelayOptions): SandboxRelay {
  const { admin, memory } = relay
  const lanes = createNewestLanes(memory, INCIDENTS)

  return {
    async push(body) {
      const response = await fetch(base + WEBHOOK_PATH, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-relay-secret': secret },
        body,
        signal: AbortSignal.timeout(PUSH_TIMEOUT_MS),
      })
      const answer: unknown = await response.json()
      return { status: response.status, answer }
    },
    async view() {
      const [list, { nowMs, items, total }, pauses, storms] = await Promise.all([
        lanes.list(),
        admin.deliveries({ limit: WORK }),
        memory.pauses(),
        stormsIn(),
      ])
      return { nowMs, lanes: list, work: items, total, pauses: pauses.map(toPause), storms }
    },
    retry: (ids) => admin.retry({ ids: [...ids], allDead: false }),
    drop: (ids) => admin.drop({ ids: [...ids] }),
  }

  async function stormsIn(): Promise<RelayView['storms']> {
    const backlogs = await Promise.all(
      destinations.map(async (destination) => ({
        destination,
        backlog: await memory.backlog({ destination, named: 0 }),
      })),
    )
    return backlogs.flatMap(({ destination, backlog: { board, groups } }) =>
      board === undefined || isClosed(board.snapshot)
        ? []
        : [{ destination, waiting: waitingIn(groups), sinceMs: board.firstAtMs }],
    )
  }
}

function toPause({ scope, reason, untilMs }: RelayView['pauses'][number]): RelayView['pauses'][number] {
  return { scope, reason, untilMs }
}
