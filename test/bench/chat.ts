import { createHttpApp } from '../../src/http.ts'
import { startHttp } from '../../src/http-server.ts'
import { createLog } from '../../src/ops/log.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { createSandbox } from '../../src/sandbox/server.ts'
import { monotonicMs } from './clock.ts'

// The local Slack and Discord. Whatever it is asked, the answer is the instant at which the next message reaches it.

const sandbox = createSandbox({ nowMs: Date.now, limits: false })
const log = createLog({ level: 'silent', secrets: () => [] })
const app = createHttpApp({ webhook: sandbox.app, metrics: createMetrics(), log, readiness: () => [] })
let awaited = false

const http = await startHttp(
  {
    fetch(request, bindings) {
      const { url = '' } = bindings.incoming
      if (
        awaited &&
        bindings.incoming.method === 'POST' &&
        (url.endsWith('chat.postMessage') || url.endsWith('messages'))
      ) {
        awaited = false
        process.send?.(monotonicMs())
      }
      return app.fetch(request, bindings)
    },
  },
  { host: '127.0.0.1', port: 0, log },
)
process.on('message', () => (awaited = true))
process.send?.({
  port: http.port,
  slack: { token: sandbox.slack.token, channel: sandbox.slack.channel('incidents').id },
  discord: { token: sandbox.discord.token, channel: sandbox.discord.channel('incidents').id },
})
