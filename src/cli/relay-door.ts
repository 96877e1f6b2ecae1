import { existsSync } from 'node:fs'
import * as v from 'valibot'
import { isLoopback, toBase } from '../address.ts'
import type { Environment } from '../config/environment.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { WEBHOOK_PATH } from '../flashduty/webhook.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'
import { SANDBOX_SECRET } from './sandbox-secret.ts'

/** Where a relay takes pushes, and what opens it. */
export interface Door {
  readonly url: string
  readonly secret: string
  /** Only this machine can be there. */
  readonly isHere: boolean
}

export interface DoorOptions {
  readonly config?: string
  readonly url?: string
  readonly env: Environment
}

const DEFAULT_CONFIG = 'config.yaml'
const SANDBOX_URL = 'http://127.0.0.1:8080'

/**
 * The relay that is meant: that of the configuration, or the one at `url`. With neither, and no config.yaml here, the
 * sandbox that `npm start` runs. Throws a {@link CliError}.
 */
export function findDoor({ config, url, env }: DoorOptions): Door {
  const named = config ?? (url === undefined && existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined)
  if (named !== undefined) return doorOf(named, url, env)
  const at = toUrl(url ?? SANDBOX_URL)
  const isHere = isLoopback(bare(at.hostname))
  const secret = env['FLASHDUTY_SECRET'] || (isHere ? SANDBOX_SECRET : undefined)
  if (secret !== undefined) return { url: at.href, secret, isHere }
  throw new CliError(EXIT.usage, [
    `the secret of the relay at ${at.origin} is not known: set FLASHDUTY_SECRET, or name its configuration with --config FILE`,
  ])
}

function doorOf(file: string, url: string | undefined, env: Environment): Door {
  const loaded = loadConfig(file, { env })
  if ('problems' in loaded) throw new CliError(EXIT.config, loaded.problems.map(formatProblem))
  const { listen, flashduty } = loaded.config
  const [secret = ''] = flashduty.secrets
  // It listens everywhere: this machine is one of the places.
  const host = listen.host === '0.0.0.0' ? '127.0.0.1' : listen.host === '::' ? '::1' : listen.host
  const at = toUrl(url ?? toBase({ ...listen, host }))
  return { url: at.href, secret, isHere: isLoopback(bare(at.hostname)) }
}

function toUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new CliError(EXIT.usage, [`--url: expected http://HOST:PORT or https://HOST, got ${JSON.stringify(text)}`])
  }
  if (url.username !== '' || url.password !== '') {
    throw new CliError(EXIT.usage, ['--url: no name or password in it, please: the relay asks for its secret alone'])
  }
  if (url.pathname === '/') url.pathname = WEBHOOK_PATH
  return url
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}

/** Longer than intake ever takes: a relay that is this slow is in trouble, and a person waits. */
const ANSWER_TIMEOUT_MS = 10_000

const Answer = v.object({ result: v.string() })
const Refusal = v.object({ code: v.string(), path: v.exactOptional(v.string()), reason: v.string() })

/** A push was not taken, as far as is known. */
export class NotTaken extends CliError {
  /** Its answer was lost: it may have been taken all the same. */
  readonly isUnclear: boolean
  constructor(reason: string, isUnclear: boolean) {
    super(EXIT.failed, [reason])
    this.isUnclear = isUnclear
  }
}

/**
 * Send a push; gives what the relay says became of it (`accepted`, `duplicate`, …). Throws {@link NotTaken} with
 * what is wrong. The secret goes to that address and never along with a redirect.
 */
export async function sendPush({ url, secret }: Door, body: string): Promise<string> {
  let status: number
  let answer: unknown
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-relay-secret': secret },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    })
    status = response.status
    answer = await response.json().catch(() => undefined)
  } catch (error) {
    throw toTrouble(url, error)
  }
  const taken = v.safeParse(Answer, answer)
  if (status === 200 && taken.success) return taken.output.result
  if (status === 401) {
    throw new NotTaken(`the relay at ${url} says 401: its secret differs from the one given here`, false)
  }
  const refusal = v.safeParse(Refusal, answer)
  const why = refusal.success ? `${refusal.output.code}: ${refusal.output.reason}` : 'what listens there is no relay'
  throw new NotTaken(`${url} says ${status}: ${why}`, false)
}

function toTrouble(url: string, error: unknown): NotTaken {
  const { origin } = new URL(url)
  if (error instanceof Error && error.name === 'TimeoutError')
    return new NotTaken(`${origin} did not answer within 10 s`, true)
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ECONNREFUSED') return new NotTaken(`no relay listens on ${origin}: start it with npm start`, false)
  return new NotTaken(`${origin} cannot be reached${code === '' ? '' : ` (${code})`}`, true)
}
