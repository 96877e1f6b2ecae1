import { type Buckets } from '../bucket.ts'
import type { Answer } from '../misbehave.ts'
import { isSnowflake } from './check.ts'
import { isRecord } from './form.ts'
import { GLOBAL_RATE } from './limits.ts'
import { refuse, refuseForm, refuseForNow, refusePlainly } from './refusal.ts'
import type { Request } from './request.ts'
import type { Route } from './routes.ts'
import type { World } from './world.ts'

/** A call as it came in. */
export interface Incoming {
  readonly authorization: string | undefined
  readonly contentType: string
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly text: string
}

export interface Server {
  readonly world: World
  /** The token calls must carry; null while none works. */
  readonly token: string | null
  readonly buckets: Buckets
  readonly limits: boolean
}

/** 25 MiB. https://docs.discord.com/developers/resources/message#create-message (as of 2026-11) */
const MAX_BODY_CHARS = 25 * 1024 * 1024

/** Carry out one call: who is it, not too often, then what it asks for. */
export function serve(server: Server, route: Route, incoming: Incoming, nowMs: number): Answer {
  if (server.token === null || incoming.authorization !== `Bot ${server.token}`)
    return refusePlainly(401, 'Unauthorized')
  const global = take(server, 'global', GLOBAL_RATE, nowMs)
  if (!global.allowed) return refuseForNow(global.retryAfterMs, { global: true })
  const own = take(server, `${route.bucket} ${incoming.params['id'] ?? ''}`, route.rate, nowMs)
  const headers = {
    'X-RateLimit-Limit': String(own.limit),
    'X-RateLimit-Remaining': String(own.remaining),
    'X-RateLimit-Reset': ((nowMs + own.resetAfterMs) / 1000).toFixed(3),
    'X-RateLimit-Reset-After': (own.resetAfterMs / 1000).toFixed(3),
    'X-RateLimit-Bucket': route.bucket,
  }
  const draw: Request['draw'] = (key, rate) => {
    const drawn = take(server, key, rate, nowMs)
    return drawn.allowed ? 0 : drawn.retryAfterMs
  }
  const answer = own.allowed ? handle(server.world, route, incoming, nowMs, draw) : refuseForNow(own.retryAfterMs, {})
  return { ...answer, headers: { ...headers, ...answer.headers } }
}

function take({ buckets, limits }: Server, key: string, rate: Route['rate'], nowMs: number) {
  const full = { allowed: true, limit: rate.count, remaining: rate.count, retryAfterMs: 0, resetAfterMs: 0 }
  return limits ? buckets.take([{ key, rate }], nowMs) : full
}

function handle(world: World, route: Route, incoming: Incoming, nowMs: number, draw: Request['draw']): Answer {
  const { params, query } = incoming
  for (const [key, name] of [
    ['id', route.path.startsWith('/guilds') ? 'guild_id' : 'channel_id'],
    ['mid', 'message_id'],
  ] as const) {
    const value = params[key]
    if (value === undefined || isSnowflake(value)) continue
    const error = { code: 'NUMBER_TYPE_COERCE', message: `Value "${value}" is not snowflake.` }
    return refuseForm({ [name]: { _errors: [error] } })
  }
  const body = readBody(incoming)
  if ('refused' in body) return body.refused
  return route.handle({ world, nowMs, id: params['id'] ?? '', mid: params['mid'] ?? '', query, body: body.json, draw })
}

/** @see {@link https://docs.discord.com/developers/reference#content-type} The sandbox reads JSON only, not forms and files. */
function readBody({ contentType, text }: Incoming): { json: unknown } | { refused: Answer } {
  if (text.length > MAX_BODY_CHARS) return { refused: refuse(40005) }
  if (text === '') return { json: {} }
  if (!/^application\/json\b/i.test(contentType)) {
    const error = { code: 'CONTENT_TYPE_INVALID', message: 'Expected "Content-Type" header to be application/json.' }
    return { refused: refuseForm({ _errors: [error] }) }
  }
  try {
    return { json: JSON.parse(text) }
  } catch {
    // Not JSON: the caller's mistake, which has a code of its own.
    return { refused: refuse(50109) }
  }
}

/** The code of an answer that is an error. */
export function toErrorCode({ status, body }: Answer): string | undefined {
  if (status < 400) return undefined
  return isRecord(body) && typeof body['code'] === 'number' ? String(body['code']) : String(status)
}
