import { createHash, randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from './config/schema.ts'
import type { Clock } from './delivery/clock.ts'
import { createWorker } from './delivery/worker.ts'
import { readEvent, type ReadEvent } from './flashduty/event.ts'
import { toDerivedPush } from './flashduty/derive.ts'
import { createWebhook } from './flashduty/webhook.ts'
import { createHttpApp, type HttpApp } from './http.ts'
import type { Event } from './incident/incident.ts'
import type { Templates } from './message/template.ts'
import type { Log } from './ops/log.ts'
import { createMetrics, type Metrics } from './ops/metrics.ts'
import { createReport } from './ops/report.ts'
import { createAccounts, toOutlets } from './outlets.ts'
import { startHttp } from './http-server.ts'
import { openSqlite } from './store/sqlite.ts'
import { watchFlood } from './store/flood.ts'

export interface RelayOptions {
  readonly config: Config
  readonly templates: Templates
  readonly log: Log
  /** More routes on the same port: the sandbox's. */
  readonly extra?: HttpApp
  /** Nothing can be stored any more: the process should end and be started again. */
  readonly onFatal: (error: Error) => void
}

export interface Relay {
  readonly port: number
  /** Answer what is in flight, finish the calls under way, hand the rest back, close the store. */
  stop(): Promise<void>
}

/** How long requests in flight may take to finish when the relay stops. */
const CLOSE_GRACE_MS = 2_000
/** setTimeout fires at once for more. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

const clock: Clock = {
  now: () => Date.now(),
  waitUntil: async (atMs, signal) => {
    const waitMs = Math.min(Math.max(0, atMs - Date.now()), LONGEST_TIMEOUT_MS)
    await sleep(waitMs, undefined, { signal }).catch(() => undefined)
  },
}

/**
 * Put a relay together and start it: intake as soon as the store is open,
 * delivery as soon as the accounts are ready. Rejects with a StoreError, or with
 * an Error that says what is wrong with the address.
 */
export async function startRelay({ config, templates, log, extra, onFatal }: RelayOptions): Promise<Relay> {
  const metrics = createMetrics()
  const { store, flooded } = watchFlood(await openSqlite({ file: config.store.sqlite, onFailure: onFatal }))
  let wake = (): void => {}
  const webhook = createWebhook({
    secrets: config.flashduty.secrets,
    bodyLimitBytes: config.flashduty.body_limit_bytes,
    store,
    metrics,
    log,
    nowMs: () => clock.now(),
    onAccepted: () => wake(),
  })
  metrics.watchStore(() => store.counts())
  const readiness = async (): Promise<readonly string[]> => store.probe().then(() => [], toReasons)
  const http = await startHttp(createHttpApp({ webhook, metrics, log, readiness, ...(extra && { extra }) }), {
    ...config.listen,
    log,
    metrics,
  }).catch(async (error: unknown) => {
    await store.close()
    throw error
  })
  // Loading a platform's SDK holds everything up for longer than all before it: the pushes that waited for us come first.
  await sleep(20)
  const accounts = await createAccounts(config, log)
  const outlets = toOutlets(config, accounts)
  const worker = createWorker({
    store,
    clock,
    outlets: () => outlets,
    templates: () => templates,
    rules: () => ({ routes: config.routes, lateEvents: config.flashduty.late_events }),
    policy: () => toPolicy(config),
    report: createReport(log, metrics),
    fellBack: (template, error) => {
      metrics.templateFailed(template)
      log.warn({ template, error }, 'template.failed')
    },
    applied: (event, { verdict }) => {
      metrics.judged(verdict)
      log.info({ event_id: event.id, incident_id: event.incidentId, type: event.type, verdict }, 'event.judged')
    },
    readEvent: toEvent(metrics, log),
    rereadEvent: (body) => mustRead(body).event,
    toDerivedPush,
    hash: (body) => createHash('sha256').update(body).digest('hex'),
    random: Math.random,
    flooded,
    owner: `${hostname()}/${process.pid}/${randomUUID()}`,
  })
  wake = () => worker.wake()
  metrics.gauge('relay_lanes_serving', 'Cards and threads being sent at this moment.', () => worker.serving)
  metrics.gauge(
    'relay_circuits_open',
    'Destinations and accounts left alone as broken.',
    () => worker.circuits.broken().length,
  )
  await worker.start()
  return {
    port: http.port,
    async stop() {
      await http.close(CLOSE_GRACE_MS)
      await worker.stop()
      await Promise.all([...accounts.values()].map((platform) => platform.stop()))
      await store.close()
    },
  }
}

function toPolicy({ delivery }: Config) {
  const onAmbiguous = delivery.on_ambiguous
  return { onCardDeleted: delivery.on_card_deleted, ...(onAmbiguous !== undefined && { onAmbiguous }) }
}

/** Reads an event when it is judged, and says what of it could not be used. */
function toEvent(metrics: Metrics, log: Log): (body: string) => Event {
  return (body) => {
    const { event, dropped } = mustRead(body)
    if (dropped.length > 0) {
      metrics.fieldsDropped(dropped.length)
      log.warn({ event_id: event.id, fields: dropped }, 'event.fields_dropped')
    }
    return event
  }
}

function mustRead(body: string): ReadEvent {
  const read = readEvent(body)
  if (read === undefined) throw new Error('the stored body is no event')
  return read
}

function toReasons(error: unknown): readonly string[] {
  return [`the store cannot be used: ${error instanceof Error ? error.message : 'unknown reason'}`]
}
