import type { Lane } from '../store/lane.ts'
import type { KnownIncident, Store } from '../store/store.ts'

/** A lane and the incident it shows. */
export interface ShownLane extends Pick<
  Lane,
  'destination' | 'wantedVersion' | 'shownVersion' | 'generation' | 'frozen'
> {
  readonly incidentId: string
  readonly title: string
  readonly severity: string
  readonly progress: string
}

/** The lanes of the incidents that had an event last. */
export interface NewestLanes {
  /** Newest incident first. */
  list(): Promise<readonly ShownLane[]>
}

/**
 * Follows the events as they are stored, from the first on, so that each look costs no more than what is new and
 * `incidents` look-ups. For a short history, such as a demo's: the first look reads all of it.
 */
export function createNewestLanes(store: Pick<Store, 'received' | 'incident'>, incidents: number): NewestLanes {
  let newest: readonly string[] = []
  let after = 0

  async function follow(): Promise<void> {
    for (let more = true; more;) {
      const { events, next } = await store.received({ sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER, after })
      const ids = events.map(({ incidentId }) => incidentId).toReversed()
      newest = [...new Set([...ids, ...newest])].slice(0, incidents)
      after = Math.max(after, events.at(-1)?.seq ?? 0, next ?? 0)
      more = next !== undefined
    }
  }

  return {
    async list() {
      await follow()
      const known = await Promise.all(newest.map((id) => store.incident({ id })))
      return known.flatMap((each) => (each === undefined ? [] : toLanes(each)))
    },
  }
}

function toLanes({ incident, lanes }: KnownIncident): readonly ShownLane[] {
  const { title, severity, progress } = incident.snapshot
  return lanes.map(({ destination, wantedVersion, shownVersion, generation, frozen }) => ({
    incidentId: incident.id,
    title,
    severity,
    progress,
    destination,
    wantedVersion,
    shownVersion,
    generation,
    frozen,
  }))
}
