import type { HttpBindings } from '@hono/node-server'
import type { MiddlewareHandler } from 'hono'
import { isLoopback, toAddress } from '../address.ts'

/** What changes nothing: any page may make a browser ask for it, and none but ours may read the answer. */
const SAFE = ['GET', 'HEAD']

/**
 * Keeps other web pages out of what needs no token, since the browser that shows them can reach this machine. A Host
 * header that names another machine is one of a name that was made to lead here, so nothing is answered. Whatever
 * changes something must come from our own page, or from no page at all, and carry JSON.
 */
export const guard: MiddlewareHandler<{ Bindings: HttpBindings }> = async (c, next) => {
  const { host = '', origin, 'sec-fetch-site': site, 'content-type': type = '' } = c.env.incoming.headers
  const refuse = (code: string, reason: string, status: 403 | 415 = 403): Response =>
    c.json({ ok: false, code, reason }, status)
  if (!isLoopback(toAddress(host)?.host ?? host)) return refuse('host', 'The Host header must name this machine.')
  if (SAFE.includes(c.req.method)) return next()
  if (origin !== undefined && origin !== `http://${host}`) return refuse('origin', 'Other web pages may not ask here.')
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return refuse('origin', 'Other web pages may not ask here.')
  }
  if (c.req.method === 'POST' && !/^application\/json\b/i.test(type)) {
    return refuse('unsupported_type', 'The content type must be application/json.', 415)
  }
  return next()
}
