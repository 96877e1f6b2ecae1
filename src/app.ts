import { createHash, randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin } from './admin/calls.ts'
import { createAdmin } from './admin/direct.ts'
import { startAdmin } from './admin/start.ts'
import { beginWith } from './begin.ts'
import type { Config } from './config/schema.ts'
import { toBoardPush, toDerivedPush } from './flashduty/derive.ts'
import { createIntake } from './flashduty/intake.ts'
import { createStoredEvents } from './flashduty/stored.ts'
import { createWebhook } from './flashduty/webhook.ts'
import { createHttpApp, type HttpApp } from './http.ts'
import { Live } from './live.ts'
import type { Templates } from './message/template.ts'
import { createReload, type Loaded } from './reload.ts'
import { createAlarms } from './ops/alarms.ts'
import type { Log } from './ops/log.ts'
import { createMetrics } from './ops/metrics.ts'
import { createReport } from './ops/report.ts'
import { startRetention } from './ops/retention.ts'
import { loadTrace } from './ops/trace.ts'
import { watchRelay } from './ops/watch.ts'
import { startHttp } from './http-server.ts'
import type { InheritedSocket } from './inherited-socket.ts'
import { openStore } from './open-store.ts'
import type { StoreThread } from './store/sqlite.ts'
import { watchFlood } from './store/flood.ts'
import type { Store } from './store/store.ts'
import { createNextTurn } from './turns.ts'

export interface RelayOptions {
  readonly config: Config
  /** Asked for once the relay listens; the start fails as they do. */
  readonly templates: () => Promise<Templates>
  readonly log: Log
  /** More routes on the same port: the sandbox's. */
  readonly extra?: HttpApp
  /** The store's thread, if it was booted before. */
  readonly thread?: StoreThread
  /** To listen on instead of where the configuration says. */
  readonly inherited?: InheritedSocket
  /** Nothing can be stored any more: the process should end and be started again. */
  readonly onFatal: (error: Error) => void
}

export interface Relay {
  readonly port: number
  /** Looks into it and changes it, as its commands do. */
  readonly admin: Admin
  /** What it remembers, to look at. */
  readonly memory: Pick<Store, 'received' | 'incident' | 'pauses' | 'backlog'>
  /** Take another configuration into use, or say what is wrong with it and keep the one in use. Never rejects. */
  reload(loaded: Loaded): Promise<void>
  /** Answer what is in flight, finish the calls under way, hand the rest back, close the store. Within 15 s. */
  stop(): Promise<void>
}

/** How long requests in flight may take to finish when the relay stops: their sender waits no longer. */
const CLOSE_GRACE_MS = 2_000
/** Longer than one call can take. A step of several calls that all hang is looked up after the next start instead. */
const LONGEST_FINISH_MS = 12_000

/**
 * Put a relay together and start it: intake as soon as the store is open,
 * delivery as soon as templates and accounts are ready. Rejects with a StoreError, with
 * an Error that says what is wrong with the address, or as the templates do.
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { config, templates, log, extra, thread, inherited, onFatal } = options
  const metrics = createMetrics()
  const live = new Live(config, log)
  const alarms = createAlarms({ log, metrics, onFatal })
  let wake = (): void => {}
  const opened = await openStore(config.store, { ...alarms, ...(thread && { thread }), onHint: () => wake() })
  const { clock, isClockSure, ledger } = opened
  const { store, flooded } = watchFlood(opened.store)
  const nowMs = (): number => clock.now()
  const trace = await loadTrace(nowMs)
  const intake = trace.intake(createIntake({ store, metrics, log, isClockSure, onStoring: () => wake() }))
  const { secrets, bodyLimitBytes } = live
  const webhook = createWebhook({ secrets, bodyLimitBytes, intake, store, metrics, log, nowMs })
  metrics.watchStore(() => store.counts(), nowMs)
  const readiness = async (): Promise<readonly string[]> => store.probe().then(() => [], toReasons)
  const http = await startHttp(createHttpApp({ webhook, metrics, log, readiness, ...(extra && { extra }) }), {
    ...config.listen,
    ...(inherited && { inherited }),
    log,
    metrics,
  }).catch(async (error: unknown) => {
    await store.close()
    throw error
  })
  // What delivers takes longer to load than all before it, and holds everything up: the pushes that waited come first.
  await sleep(20)
  const [{ createWorker }] = await Promise.all([import('./delivery/worker.ts'), live.connect(templates)]).catch(
    async (error: unknown) => {
      await http.close(CLOSE_GRACE_MS)
      await store.close()
      throw error
    },
  )
  const worker = createWorker({
    store,
    clock,
    ledger,
    outlets: live.outlets,
    templates: live.templates,
    language: live.language,
    rules: live.rules,
    policy: live.policy,
    report: trace.report(createReport(log, metrics)),
    fellBack: (template, error) => {
      metrics.templateFailed(template)
      log.warn({ template, error }, 'template.failed')
    },
    applied: (event, { verdict }) => {
      metrics.judged(verdict)
      trace.judged(event, verdict)
      log.info({ event_id: event.id, incident_id: event.incidentId, type: event.type, verdict }, 'event.judged')
    },
    ...createStoredEvents(metrics, log),
    toDerivedPush,
    toBoardPush,
    stormAfter: live.stormAfter,
    hash: (body) => createHash('sha256').update(body).digest('hex'),
    random: Math.random,
    flooded,
    nextTurn: createNextTurn(() => http.accepted),
    owner: `${hostname()}/${process.pid}/${randomUUID()}`,
  })
  wake = () => worker.wake()
  watchRelay(metrics, worker, readiness)
  await beginWith(() => worker.start(), { late: opened.late, log })
  const tryNow = (destinations: readonly string[]): Promise<void> => worker.tryNow(destinations)
  const admin = createAdmin({ store, intake, nowMs, accountOf: live.accountOf, tryNow })
  // A database that takes many at once is asked by the commands themselves.
  const endpoint =
    'sqlite' in config.store
      ? await startAdmin({ ...config.admin, storeFile: config.store.sqlite, admin, log })
      : undefined
  const retention = startRetention({ store, clock, days: config.store.retention_days, log, metrics })
  return {
    port: http.port,
    admin,
    memory: store,
    reload: createReload({ live, worker, store, clock, metrics, log }),
    async stop() {
      await endpoint?.stop()
      const finish = sleep(LONGEST_FINISH_MS, undefined, { ref: false })
      await Promise.all([http.close(CLOSE_GRACE_MS), Promise.race([worker.stop(), finish])])
      if (worker.serving > 0) log.warn({ lanes: worker.serving }, 'worker.cut_short')
      await retention.stop()
      await live.stop()
      await store.close()
    },
  }
}

function toReasons(error: unknown): readonly string[] {
  return [`the store cannot be used: ${error instanceof Error ? error.message : 'unknown reason'}`]
}
