import { RateLimitError, REST, RequestMethod, RESTEvents } from 'discord.js'
import * as v from 'valibot'
import { fetchWhole } from '../fetch-whole.ts'
import type { AccountOptions } from '../platform.ts'

/** A little under 50 a second. https://docs.discord.com/developers/topics/rate-limits#global-rate-limit (as of 2026-11) */
const CALLS_PER_SECOND = 45

/** Discord shuts out an address after 10,000 refused requests in ten minutes: ours is said long before. Same page. */
const REFUSED_WARNING = 100

/**
 * Ours: the longest wait the library may keep to by itself, as long as the longest a lane waits. It believes whatever
 * it was told, and the clock: after a Retry-After of years, or a clock set back, it would make no call until then.
 */
const LONGEST_HELD_MS = 15 * 60_000

type Path = `/${string}`

/** Calls Discord. Throws whatever the library throws, and a ValiError for an answer that is not Discord's. */
export interface Client {
  get<S extends Schema>(answer: S, path: Path, query?: Readonly<Record<string, string>>): Promise<v.InferOutput<S>>
  post<S extends Schema>(answer: S, path: Path, body: object): Promise<v.InferOutput<S>>
  patch<S extends Schema>(answer: S, path: Path, body: object): Promise<v.InferOutput<S>>
  /** Let go of timers. */
  stop(): void
}

type Schema = v.GenericSchema

/**
 * A client that does one call when asked and nothing else: by default the library would repeat failed calls at once,
 * and sleep through rate limits with all other calls behind it.
 */
export function createClient(options: AccountOptions): Client {
  const { token, callTimeoutMs } = options
  let rest = createRest(options)

  async function call<S extends Schema>(
    answer: S,
    request: { method: RequestMethod; fullRoute: Path; body?: object; query?: URLSearchParams },
  ): Promise<v.InferOutput<S>> {
    // A 401 makes the library forget its token, and a probe later on needs it. The signal also covers the answer's body.
    rest.setToken(token)
    try {
      return v.parse(answer, await rest.request({ ...request, signal: AbortSignal.timeout(callTimeoutMs) }))
    } catch (error) {
      if (error instanceof RateLimitError && error.retryAfter > LONGEST_HELD_MS) forget()
      throw error
    }
  }

  /** Calls under way end as they would have. */
  function forget(): void {
    stopSweepers(rest)
    rest = createRest(options)
  }

  return {
    get: (answer, fullRoute, query = {}) =>
      call(answer, { method: RequestMethod.Get, fullRoute, query: new URLSearchParams(query) }),
    post: (answer, fullRoute, body) => call(answer, { method: RequestMethod.Post, fullRoute, body }),
    patch: (answer, fullRoute, body) => call(answer, { method: RequestMethod.Patch, fullRoute, body }),
    stop: () => stopSweepers(rest),
  }
}

function stopSweepers(rest: REST): void {
  rest.clearHashSweeper()
  rest.clearHandlerSweeper()
}

function createRest({ apiUrl, callTimeoutMs, monotonicMs, log }: AccountOptions): REST {
  const rest = new REST({
    ...(apiUrl !== undefined && { api: apiUrl.replace(/\/+$/, '') }),
    version: '10',
    retries: 0,
    timeout: callTimeoutMs,
    rejectOnRateLimit: () => true,
    // The library counts by the process's clock alone: by another one a second may be over at once.
    globalRequestsPerSecond: monotonicMs === undefined ? CALLS_PER_SECOND : Infinity,
    invalidRequestWarningInterval: REFUSED_WARNING,
    userAgentAppendix: 'incident-relay',
    // The library's own request leaves the body of a failed answer unread: one cut short would end the process.
    makeRequest: (url, { method = 'GET', headers = {}, body = null, signal = null }) => {
      const init = { method, headers, body, signal, redirect: 'error' } as const
      return fetchWhole(url, init)
    },
  })
  rest.on(RESTEvents.InvalidRequestWarning, ({ count }) => {
    log('warn', `discord refused ${count} requests within ten minutes; at 10,000 it shuts this address out`)
  })
  return rest
}
