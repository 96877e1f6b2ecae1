import { createHash, randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from './config/schema.ts'
import type { Clock } from './delivery/clock.ts'
import type { Outlet } from './delivery/held.ts'
import type { Attempt, Report } from './delivery/report.ts'
import { createWorker } from './delivery/worker.ts'
import { readEvent } from './flashduty/event.ts'
import { toDerivedPush } from './flashduty/derive.ts'
import { createWebhook } from './flashduty/webhook.ts'
import { createHttpApp, type HttpApp } from './http.ts'
import type { Event } from './incident/incident.ts'
import type { Templates } from './message/template.ts'
import type { Log } from './ops/log.ts'
import { createMetrics, type Metrics } from './ops/metrics.ts'
import { platforms } from './platform/index.ts'
import { startHttp } from './http-server.ts'
import { openSqlite } from './store/sqlite.ts'

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

/** The longest wait for a platform's answer: the lane's lease leaves room for it. */
const CALL_TIMEOUT_MS = 10_000
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
  const store = await openSqlite({ file: config.store.sqlite, onFailure: onFatal })
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
  const readiness = async (): Promise<readonly string[]> => store.counts().then(() => [], toReasons)
  const http = await startHttp(createHttpApp({ webhook, metrics, log, readiness, ...(extra && { extra }) }), {
    ...config.listen,
    log,
    metrics,
  }).catch(async (error: unknown) => {
    await store.close()
    throw error
  })
  // Only now: loading a platform's SDK takes longer than all before it, and events can be stored without.
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
    toDerivedPush,
    hash: (body) => createHash('sha256').update(body).digest('hex'),
    random: Math.random,
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

async function createAccounts(config: Config, log: Log): Promise<ReadonlyMap<string, Outlet['platform']>> {
  const entries = Object.entries(config.accounts).map(async ([name, { platform, token, api_url: apiUrl }]) => {
    const people = Object.entries(config.people).flatMap(([email, ids]) => {
      const id = ids[platform]
      return id === undefined ? [] : [[email, id] as const]
    })
    const made = await platforms[platform]({
      token,
      ...(apiUrl !== undefined && { apiUrl }),
      callTimeoutMs: CALL_TIMEOUT_MS,
      people: new Map(people),
      log: (level, message) => log[level]({ account: name, message }, 'platform.said'),
    })
    return [name, made] as const
  })
  return new Map(await Promise.all(entries))
}

function toOutlets(config: Config, accounts: ReadonlyMap<string, Outlet['platform']>): ReadonlyMap<string, Outlet> {
  const outlets = new Map<string, Outlet>()
  for (const [destination, { account, channel }] of Object.entries(config.destinations)) {
    const platform = accounts.get(account)
    if (platform !== undefined) outlets.set(destination, { destination, account, channel, platform })
  }
  return outlets
}

function toPolicy({ delivery }: Config) {
  const onAmbiguous = delivery.on_ambiguous
  return { onCardDeleted: delivery.on_card_deleted, ...(onAmbiguous !== undefined && { onAmbiguous }) }
}

function toEvent(metrics: Metrics, log: Log): (body: string) => Event {
  return (body) => {
    const read = readEvent(body)
    if (read === undefined) throw new Error('the stored body is no event')
    if (read.dropped.length > 0) {
      metrics.fieldsDropped(read.dropped.length)
      log.warn({ event_id: read.event.id, fields: read.dropped }, 'event.fields_dropped')
    }
    return read.event
  }
}

function createReport(log: Log, metrics: Metrics): Report {
  return {
    attempted: (attempt) => {
      const { platform, operation, outcome, reason = '', durationMs } = attempt
      metrics.attempted({ platform, operation, outcome, reason, seconds: durationMs / 1000 })
      log[outcome === 'sent' || outcome === 'found' ? 'info' : 'warn'](toAttemptFields(attempt), 'delivery.attempted')
    },
    warned: (event, fields) => log.warn(fields, event),
    failed: (event, error) => log.error({ err: error }, event),
  }
}

function toAttemptFields(attempt: Attempt): object {
  const { incidentId, durationMs, ...rest } = attempt
  return { ...rest, incident_id: incidentId, duration_ms: durationMs }
}

function toReasons(error: unknown): readonly string[] {
  return [`the store cannot be used: ${error instanceof Error ? error.message : 'unknown reason'}`]
}
