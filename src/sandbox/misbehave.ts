import type { ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Misbehaviour } from './fault.ts'

/** What a sandbox platform answers to one call. `body` is sent as JSON; undefined is no body at all. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/**
 * The status to note for a call that a misbehaviour keeps from being carried
 * out: 0 if the client gets no answer. Undefined if the call is carried out.
 */
export function statusInstead(does: Misbehaviour | undefined): number | undefined {
  switch (does?.kind) {
    case 'status':
      return does.after === true ? undefined : does.status
    case 'html':
      return does.after ? undefined : 200
    case 'reset':
    case 'hang':
      return does.after ? undefined : 0
    case 'cut_body':
    case 'stall_body':
    case 'delay':
    case 'late':
    case undefined:
      return undefined
  }
}

/** What is answered in place of what was asked for, where {@link statusInstead} gives a status. */
export function bodyInstead(does: Misbehaviour | undefined): unknown {
  return does?.kind === 'status' ? does.body : undefined
}

/** How much later than it was carried out a call is answered. */
export function delayOf(does: Misbehaviour | undefined): number {
  return does?.kind === 'delay' ? does.ms : 0
}

/**
 * Answer one call, well or badly. `carryOut` runs at most once: at once, late
 * where the misbehaviour says so, or not at all where {@link statusInstead} gives a status. `outgoing` is Node's own
 * response (`c.env.outgoing`); the request's body must have been read. Give the
 * result back from the Hono handler.
 */
export async function answer(
  outgoing: ServerResponse,
  does: Misbehaviour | undefined,
  carryOut: () => Answer,
): Promise<Response> {
  if (does?.kind === 'late') await wait(does.ms)
  const done = statusInstead(does) === undefined ? carryOut() : undefined
  switch (does?.kind) {
    case 'status':
      return toResponse(does)
    case 'html':
      return new Response(PROXY_PAGE, { headers: { 'content-type': 'text/html; charset=utf-8' } })
    case 'reset':
      outgoing.socket?.resetAndDestroy()
      return alreadySent()
    case 'hang':
      return alreadySent()
    case 'cut_body':
      sendHalf(outgoing, done, () => outgoing.socket?.destroy())
      return alreadySent()
    case 'stall_body':
      sendHalf(outgoing, done, () => {})
      return alreadySent()
    case 'delay':
      await wait(does.ms)
      break
    case 'late':
    case undefined:
  }
  return done === undefined ? alreadySent() : toResponse(done)
}

const PROXY_PAGE =
  '<!doctype html><html><head><title>Sign in</title></head><body><h1>Network sign-in</h1></body></html>'

function toResponse({ status, headers, body }: Answer): Response {
  const text = toText(body)
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'
  return new Response(text, { status, headers: text === null ? { ...headers } : { 'content-type': type, ...headers } })
}

function toText(body: unknown): string | null {
  if (body === undefined) return null
  return typeof body === 'string' ? body : JSON.stringify(body)
}

/** Headers that promise the whole body, and half of it. Without a body there is nothing to send. */
function sendHalf(outgoing: ServerResponse, done: Answer | undefined, then: () => void): void {
  const body = Buffer.from(toText(done?.body) ?? '')
  if (done === undefined || body.length < 2) return then()
  outgoing.writeHead(done.status, {
    'content-type': 'application/json; charset=utf-8',
    ...done.headers,
    'content-length': body.length,
  })
  outgoing.write(body.subarray(0, body.length / 2), then)
}

/** A clone, as only a plain `Response` keeps the server from writing an answer of its own. */
function alreadySent(): Response {
  return RESPONSE_ALREADY_SENT.clone()
}
