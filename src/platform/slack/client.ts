import { LogLevel, WebClient, type Logger } from '@slack/web-api'
import { fetchWhole } from '../fetch-whole.ts'
import type { AccountLog, AccountOptions } from '../platform.ts'

/** Ours: enough for a workspace's whole budget at two seconds a call. */
export const CONCURRENCY = 4

/** Longest line of the client passed on, UTF-16 units. */
const MAX_LOG_CHARS = 300

/**
 * A Slack client that does one call when asked and nothing else: by default it would repeat timed-out posts, and
 * sleep through rate limits with all other calls behind it.
 */
export function createClient(options: AccountOptions): WebClient {
  return new WebClient(options.token, {
    ...(options.apiUrl !== undefined && { slackApiUrl: options.apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: options.callTimeoutMs,
    fetch: fetchWhole,
    maxRequestConcurrency: CONCURRENCY,
    allowAbsoluteUrls: false,
    // The client writes its token into the object it is given, so it gets one of its own.
    headers: {},
    logger: toLogger(options),
  })
}

/** What the client has to say; never its debug lines, which hold whole requests. */
function toLogger({ token, log }: AccountOptions): Logger {
  const say =
    (level: Parameters<AccountLog>[0]) =>
    (...parts: unknown[]) => {
      const line = parts.map(String).join(' ').replaceAll(token, '[token]').replace(/\s+/g, ' ')
      log(level, `slack client: ${line.slice(0, MAX_LOG_CHARS)}`)
    }
  return {
    debug: () => {},
    info: say('debug'),
    warn: say('debug'),
    error: say('warn'),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  }
}
