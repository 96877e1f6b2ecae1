import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { Env } from 'hono'
import { routePath } from 'hono/route'
import type { Log } from './ops/log.ts'
import type { Metrics } from './ops/metrics.ts'

/** An app whose handlers can reach the request's socket. */
export type HttpApp = Hono<{ Bindings: HttpBindings }>

export interface HttpAppOptions<TEnv extends Env = Env> {
  readonly webhook: HttpApp
  readonly metrics: Pick<Metrics, 'text'>
  readonly log: Log
  /** Why events could not be stored now, in a few words each; empty if they could. A rejection counts as a reason. */
  readonly readiness: () => readonly string[] | Promise<readonly string[]>
  /** More routes beside ours, say the sandbox's. They win where paths meet. */
  readonly extra?: Hono<TEnv>
}

/**
 * Everything one port serves: the webhook, `/livez` (the process answers),
 * `/readyz` (200 if events can be stored, else 503 with reasons) and `/metrics`.
 * Errors are JSON like all other answers.
 */
export function createHttpApp<TEnv extends Env>(options: HttpAppOptions<TEnv>): HttpApp {
  const app = new Hono<{ Bindings: HttpBindings }>()
  if (options.extra) app.route('/', options.extra)
  app.route('/', options.webhook)
  app.get('/livez', (c) => c.json({ live: true }))
  app.get('/readyz', async (c) => {
    const reasons = await readReasons(options)
    return c.json({ ready: reasons.length === 0, reasons }, reasons.length === 0 ? 200 : 503)
  })
  app.get('/metrics', async (c) => {
    const { contentType, body } = await options.metrics.text()
    return c.body(body, 200, { 'content-type': contentType })
  })
  app.notFound((c) => c.json({ ok: false, code: 'not_found', reason: 'There is nothing at this path.' }, 404))
  app.onError((error, c) => {
    options.log.error({ err: error, method: c.req.method, route: routePath(c) }, 'http.failed')
    return c.json({ ok: false, code: 'internal', reason: 'The relay failed to answer this request.' }, 500)
  })
  return app
}

async function readReasons({ readiness, log }: Pick<HttpAppOptions, 'readiness' | 'log'>): Promise<readonly string[]> {
  try {
    return await readiness()
  } catch (error) {
    log.error({ err: error }, 'http.readiness_failed')
    return ['the readiness check failed']
  }
}
