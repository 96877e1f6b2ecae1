import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import type { Context } from 'hono'
import type { Log } from '../ops/log.ts'
import type { Metrics } from '../ops/metrics.ts'
import { createSeldom } from '../ops/seldom.ts'
import type { Store } from '../store/store.ts'
import { readBody, refuse } from './body.ts'
import { toMediaProblem } from './content.ts'
import type { Intake } from './intake.ts'
import { HINTS, STATUS } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import { createSecretCheck } from './secret.ts'

export const WEBHOOK_PATH = '/webhook/flashduty'

export interface WebhookOptions {
  /** Any of those now opens the door; with none it stays shut. */
  readonly secrets: () => readonly string[]
  readonly bodyLimitBytes: () => number
  readonly intake: Intake
  readonly store: Pick<Store, 'quarantine'>
  readonly metrics: Pick<Metrics, 'rejected' | 'answered'>
  readonly log: Log
  readonly nowMs: () => number
}

type WebhookContext = Context<{ Bindings: HttpBindings }>

/**
 * The door events come in by. 200 means the event is on disk; nothing but
 * storing it happens before. Whatever else is answered says in `code`, `path`
 * and `reason` what to correct, and never repeats a secret.
 */
export function createWebhook(options: WebhookOptions): Hono<{ Bindings: HttpBindings }> {
  const { store, metrics, log } = options
  const isSecret = createSecretCheck(options.secrets)
  const seldom = createSeldom(options.nowMs)
  const rejected = (code: string, fields: object = {}): void => {
    metrics.rejected(code)
    seldom(code, (more) => log.warn({ code, ...fields, more }, 'webhook.rejected'))
  }

  async function receive(c: WebhookContext): Promise<Response> {
    const { incoming } = c.env
    const startedAtMs = performance.now()
    const header = incoming.headers['x-relay-secret']
    if (!isSecret(typeof header === 'string' ? header : undefined)) return turnAway(c)
    const media = toMediaProblem(incoming.headers)
    if (media !== undefined) return refuseUnread(c, media)
    const limitBytes = options.bodyLimitBytes()
    const body = await readBody(incoming, limitBytes)
    if (body.kind === 'too_large') {
      return refuseUnread(c, { code: 'too_large', reason: `The body is larger than ${limitBytes} bytes.` })
    }
    if (body.kind === 'aborted') {
      rejected('aborted')
      return RESPONSE_ALREADY_SENT
    }
    const response = await keep(c, body.bytes)
    metrics.answered((performance.now() - startedAtMs) / 1000)
    return response
  }

  async function keep(c: WebhookContext, bytes: Buffer): Promise<Response> {
    const receivedAtMs = options.nowMs()
    const taken = await options.intake.take(bytes, receivedAtMs)
    switch (taken.kind) {
      case 'stored':
        return c.json({ ok: true, result: taken.result })
      case 'refused':
        return refuseBody(c, bytes, receivedAtMs, taken.refusal)
      case 'failed':
        metrics.rejected(taken.refusal.code)
        return answer(c, taken.refusal)
    }
  }

  /** A body that is no event is kept for a person to look at. Failing to keep it is no reason to answer otherwise. */
  async function refuseBody(
    c: WebhookContext,
    body: Buffer,
    receivedAtMs: number,
    refusal: Refusal,
  ): Promise<Response> {
    const { code, path, reason } = refusal
    rejected(code, { path, bytes: body.length })
    try {
      await store.quarantine({ receivedAtMs, code, reason, body })
    } catch (error) {
      metrics.rejected('quarantine_failed')
      log.error({ err: error }, 'webhook.quarantine_failed')
    }
    return answer(c, refusal)
  }

  function refuseUnread(c: WebhookContext, refusal: Refusal): Response {
    rejected(refusal.code)
    refuse(c.env.incoming, c.env.outgoing, STATUS[refusal.code], toAnswer(refusal))
    return RESPONSE_ALREADY_SENT
  }

  function turnAway(c: WebhookContext): Response {
    const { incoming, outgoing } = c.env
    metrics.rejected('unauthorized')
    const { remoteAddress: address } = incoming.socket
    seldom('unauthorized', (more) => log.warn({ address, more }, 'webhook.unauthorized'))
    refuse(
      incoming,
      outgoing,
      401,
      toAnswer({ code: 'unauthorized', reason: 'The X-Relay-Secret header is missing or wrong.' }),
    )
    return RESPONSE_ALREADY_SENT
  }

  const app = new Hono<{ Bindings: HttpBindings }>()
  // One handler for all methods: with two that match, Hono would run each push through its middleware chain.
  app.all(WEBHOOK_PATH, (c) => {
    if (c.req.method === 'POST') return receive(c)
    metrics.rejected('method_not_allowed')
    c.header('allow', 'POST')
    return answer(c, { code: 'method_not_allowed', reason: `${WEBHOOK_PATH} takes POST only.` })
  })
  return app
}

function answer(c: WebhookContext, refusal: Refusal): Response {
  return c.json(toAnswer(refusal), STATUS[refusal.code])
}

function toAnswer({ code, path, reason }: Refusal): object {
  const hint = HINTS[code]
  return { ok: false, code, ...(path && { path }), reason, ...(hint && { hint }) }
}
