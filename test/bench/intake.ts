import { createIntake } from '../../src/flashduty/intake.ts'
import { createWebhook } from '../../src/flashduty/webhook.ts'
import { createHttpApp } from '../../src/http.ts'
import { startHttp } from '../../src/http-server.ts'
import { createLog } from '../../src/ops/log.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { SECRET } from './push.ts'

// The relay's intake and nothing behind it: what is stored is never judged.
// Usage: intake.js FILE | intake.js postgres://… | intake.js off

const log = createLog({ level: 'info', secrets: () => [SECRET] })
const metrics = createMetrics()
const file = process.argv[2] ?? 'off'
const store = await openStore()
const webhook = createWebhook({
  secrets: () => [SECRET],
  bodyLimitBytes: () => 1_048_576,
  intake: createIntake({ store, metrics, log, onStoring: () => {}, isClockSure: () => true }),
  store,
  metrics,
  log,
  nowMs: Date.now,
})
const app = createHttpApp({ webhook, metrics, log, readiness: () => [] })
const http = await startHttp(app, { host: '127.0.0.1', port: 0, log, metrics })
process.send?.(http.port)

async function openStore(): Promise<Pick<Store, 'accept' | 'quarantine'>> {
  if (file === 'off') return createNoStore()
  return file.startsWith('postgres://') ? (await openPostgres({ url: file })).store : openSqlite({ file })
}

/** A store that forgets: everything is new to it, at once. */
function createNoStore(): Pick<Store, 'accept' | 'quarantine'> {
  return {
    accept: ({ effectiveAtMs }) => Promise.resolve({ result: 'accepted', conflict: false, latestAtMs: effectiveAtMs }),
    quarantine: () => Promise.resolve(),
  }
}
