import type { Worker } from '../delivery/worker.ts'
import { VERSION } from '../version.ts'
import type { Metrics } from './metrics.ts'

/** What a circuit is of, by the first word of its scope. */
const KINDS = { account: 'account', down: 'platform', destination: 'destination' } as const

/** Show how the relay as a whole is doing. `readiness` gives the reasons why events could not be stored now. */
export function watchRelay(
  metrics: Pick<Metrics, 'gauge'>,
  worker: Pick<Worker, 'serving' | 'circuits'>,
  readiness: () => Promise<readonly string[]>,
): void {
  metrics.gauge('relay_build_info', 'The release that runs.', () => ({ [VERSION]: 1 }), 'version')
  metrics.gauge('relay_ready', '1 if events can be stored, as /readyz says.', async () =>
    (await readiness()).length === 0 ? 1 : 0,
  )
  metrics.gauge('relay_lanes_serving', 'Cards and threads being sent at this moment.', () => worker.serving)
  metrics.gauge(
    'relay_circuits_open',
    'What is left alone as broken: accounts, the ways to their platforms, destinations.',
    () => countKinds(worker.circuits.broken().map(({ scope }) => scope)),
    'kind',
  )
}

function countKinds(scopes: readonly string[]): Readonly<Record<string, number>> {
  const entries = Object.entries(KINDS).map(
    ([word, kind]) => [kind, scopes.filter((scope) => scope.startsWith(`${word}:`)).length] as const,
  )
  return Object.fromEntries(entries)
}
