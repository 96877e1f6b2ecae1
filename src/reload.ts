import type { Clock } from './delivery/clock.ts'
import type { Worker } from './delivery/worker.ts'
import type { Live, Replaced, Settings } from './live.ts'
import type { Log } from './ops/log.ts'
import type { Metrics } from './ops/metrics.ts'
import type { Platform } from './platform/platform.ts'
import type { Store } from './store/store.ts'

/** A configuration with all it names, as it was read: it can be used, or every mistake in it. */
export type Loaded =
  { readonly settings: Settings; readonly warnings: readonly string[] } | { readonly problems: readonly string[] }

export interface ReloadOptions {
  readonly live: Live
  readonly worker: Pick<Worker, 'circuits' | 'wake' | 'released'>
  readonly store: Pick<Store, 'hasten'>
  readonly clock: Pick<Clock, 'now'>
  readonly metrics: Pick<Metrics, 'gauge' | 'reloadFailed'>
  readonly log: Log
}

/**
 * A function that takes another configuration into use while the relay runs: whole, or, if anything is wrong with it,
 * not at all. What was broken is probed at once, since somebody may just have repaired it. Never rejects.
 */
export function createReload(options: ReloadOptions): (loaded: Loaded) => Promise<void> {
  const { live, clock, metrics, log } = options
  let loadedAtMs = clock.now()
  metrics.gauge(
    'relay_config_loaded_timestamp_seconds',
    'When the configuration in use was read.',
    () => loadedAtMs / 1000,
  )
  return async (loaded) => {
    if ('problems' in loaded) {
      metrics.reloadFailed()
      for (const problem of loaded.problems) log.error({ problem }, 'config.refused')
      return
    }
    let replaced: Replaced
    try {
      replaced = await live.replace(loaded.settings)
    } catch (error) {
      metrics.reloadFailed()
      log.error({ err: error }, 'config.refused')
      return
    }
    loadedAtMs = clock.now()
    for (const warning of loaded.warnings) log.warn({ warning }, 'config.doubtful')
    for (const option of replaced.waiting) log.warn({ option }, 'config.needs_restart')
    const { destinations, routes } = live.config
    const counts = { destinations: Object.keys(destinations).length, routes: routes.length }
    log.info({ ...counts, accounts_replaced: replaced.retired.length }, 'config.reloaded')
    await resume(options, replaced)
    for (const platform of replaced.retired) void retire(options, platform)
  }
}

/** What is behind a replaced account, or was left alone as broken, is tried now and not when its wait is over. */
async function resume({ live, worker, store, clock, log }: ReloadOptions, { changed }: Replaced): Promise<void> {
  try {
    const nowMs = clock.now()
    const outlets = [...live.outlets().values()]
    const broken = outlets.filter((outlet) => worker.circuits.probing(outlet) !== undefined)
    await worker.circuits.probeNow(broken)
    const destinations = new Set([...changed, ...broken].map(({ destination }) => destination))
    await store.hasten({ destinations: [...destinations], nowMs })
  } catch (error) {
    // The configuration holds all the same; what waits is tried when its time comes.
    log.error({ err: error }, 'config.probe_failed')
  }
  worker.wake()
}

async function retire({ worker, log }: ReloadOptions, platform: Platform): Promise<void> {
  try {
    await worker.released(platform)
    await platform.stop()
  } catch (error) {
    log.error({ err: error }, 'config.retire_failed')
  }
}
