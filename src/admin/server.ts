import type { HttpBindings } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import * as v from 'valibot'
import { readBody } from '../flashduty/body.ts'
import { createSecretCheck } from '../flashduty/secret.ts'
import { isLoopback, toAddress } from '../address.ts'
import type { Log } from '../ops/log.ts'
import { createSeldom } from '../ops/seldom.ts'
import { CALLS, type Admin, type Answered, type CallName } from './calls.ts'

/** The largest push the configuration allows (16 MiB), as text inside JSON, with room. */
const BODY_LIMIT_BYTES = 64 * 1024 * 1024

export interface AdminServerOptions {
  readonly admin: Admin
  readonly token: string
  readonly log: Log
}

type AdminContext = Context<{ Bindings: HttpBindings }>

/**
 * `POST /CALL` with JSON, answered with JSON, for whoever brings the token. A web
 * page cannot be who asks: what carries an Origin, or names a host other than this
 * machine, is refused before it is read.
 */
export function createAdminServer({ admin, token, log }: AdminServerOptions): Hono<{ Bindings: HttpBindings }> {
  const isToken = createSecretCheck(() => [token])
  const seldom = createSeldom(() => performance.now())
  const app = new Hono<{ Bindings: HttpBindings }>()

  app.use(async (c, next) => {
    const { headers } = c.env.incoming
    const bearer = /^Bearer ([\w-]+)$/.exec(headers.authorization ?? '')?.[1]
    if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) {
      return refuse(c, 403, 'origin', 'Web pages may not ask here.')
    }
    if (!isLoopback(toAddress(headers.host ?? '')?.host ?? headers.host ?? '')) {
      return refuse(c, 403, 'host', 'The Host header must name this machine.')
    }
    if (!isToken(bearer)) return refuse(c, 401, 'unauthorized', 'The token is missing or wrong.')
    return next()
  })
  for (const name of Object.keys(CALLS).filter(isCall)) app.post(`/${name}`, (c) => serve(c, name))
  app.notFound((c) => refuse(c, 404, 'not_found', 'There is no such call.'))
  app.onError((error, c) => {
    log.error({ err: error }, 'admin.failed')
    return refuse(c, 500, 'internal', `The relay failed: ${error.message}`)
  })

  async function serve(c: AdminContext, name: CallName): Promise<Response> {
    if (!/^application\/json\b/i.test(c.env.incoming.headers['content-type'] ?? '')) {
      return refuse(c, 415, 'unsupported_type', 'The content type must be application/json.')
    }
    const body = await readBody(c.env.incoming, BODY_LIMIT_BYTES)
    if (body.kind !== 'read') return refuse(c, 413, body.kind, 'The body is too large.')
    const done = await call(name, parse(body.bytes))
    if ('problem' in done) return refuse(c, 400, 'invalid', done.problem)
    log.info({ call: name }, 'admin.called')
    return c.json(done.answer)
  }

  async function call<C extends CallName>(
    name: C,
    body: unknown,
  ): Promise<{ readonly answer: Answered<C> } | { readonly problem: string }> {
    const asked = v.safeParse(CALLS[name].asks, body)
    if (!asked.success) return { problem: v.summarize(asked.issues) }
    const run: Admin[C] = admin[name]
    return { answer: await run(asked.output) }
  }

  function refuse(c: AdminContext, status: 400 | 401 | 403 | 404 | 413 | 415 | 500, code: string, reason: string) {
    seldom(code, (more) => log.warn({ status, code, more }, 'admin.refused'))
    // What is left of the body is not wanted.
    c.header('connection', 'close')
    return c.json({ ok: false, code, reason }, status)
  }

  return app
}

function isCall(name: string): name is CallName {
  return Object.hasOwn(CALLS, name)
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    // No JSON fits no schema.
    return undefined
  }
}
