import { existsSync } from 'node:fs'
import { startRelay } from '../app.ts'
import { formatProblem } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import { createLog, type Log } from '../ops/log.ts'
import type { Loaded } from '../reload.ts'
import { isLoopback, type Address } from '../address.ts'
import { bootThread } from '../store/sqlite.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'
import { loadSettings, readTemplates } from './settings.ts'

export interface StartOptions {
  readonly config?: string
  readonly listen?: Address
  readonly env: Readonly<Record<string, string | undefined>>
  readonly write: (line: string) => void
  readonly isTerminal: boolean
  readonly onFatal: (error: Error) => void
}

/** What runs until it is stopped. */
export interface Running {
  stop(): Promise<void>
  /** Read the configuration again; absent if there is none. Never rejects. */
  reload?(): Promise<void>
  /** Where to say what went wrong; absent where only a person at the terminal listens. */
  readonly log?: Log
}

const DEFAULT_CONFIG = 'config.yaml'
const SANDBOX_ADDRESS: Address = { host: '127.0.0.1', port: 8080 }

/**
 * Run the relay: for real with a configuration, as a sandbox without one. A
 * configuration that was named, or is needed, and is not there is an error.
 * Throws a {@link CliError} with every mistake, or what the store or the address says.
 */
export async function start(options: StartOptions): Promise<Running> {
  const { config: named, env, write } = options
  if (named === undefined && !existsSync(DEFAULT_CONFIG)) {
    if (env['NODE_ENV'] !== 'production') return startDemo(options)
    const reason = `NODE_ENV is production and there is no ${DEFAULT_CONFIG} here: name one with --config FILE`
    throw new CliError(EXIT.config, [reason])
  }
  const thread = bootThread()
  const load = (): Loaded => {
    const loaded = loadSettings(named ?? DEFAULT_CONFIG, env)
    if ('problems' in loaded) return { problems: loaded.problems.map(formatProblem) }
    const { settings, warnings } = loaded
    const listen = options.listen ?? settings.config.listen
    return {
      settings: { ...settings, config: { ...settings.config, listen } },
      warnings: warnings.map(formatProblem),
    }
  }
  const loaded = load()
  if ('problems' in loaded) throw new CliError(EXIT.config, loaded.problems)
  for (const warning of loaded.warnings) write(`warning: ${warning}`)
  const { config } = loaded.settings
  let secrets = secretsOf(config)
  const log = createLog({ level: 'info', pretty: options.isTerminal, secrets: () => secrets })
  const relay = await startRelay({ ...loaded.settings, log, thread, onFatal: options.onFatal })
  const { destinations, routes } = config
  const counts = { destinations: Object.keys(destinations).length, routes: routes.length }
  log.info({ host: config.listen.host, port: relay.port, ...counts }, 'relay.started')
  return {
    log,
    stop: () => relay.stop(),
    async reload() {
      const next = load()
      // The old ones stay unsaid: calls under way may still tell of them.
      if ('settings' in next) secrets = [...new Set([...secretsOf(next.settings.config), ...secrets])]
      await relay.reload(next)
    },
  }
}

function secretsOf({ flashduty, accounts, store }: Config): readonly string[] {
  const tokens = Object.values(accounts).map(({ token }) => token)
  return [...flashduty.secrets, ...tokens, ...('postgres' in store ? urlSecrets(store.postgres) : [])]
}

/** Errors tell of a password as it is, and of a URL as it was written. */
function urlSecrets(url: string): readonly string[] {
  const { password } = new URL(url)
  return [url, password, decodeURIComponent(password)].filter((secret) => secret !== '')
}

async function startDemo({ listen = SANDBOX_ADDRESS, write, onFatal }: StartOptions): Promise<Running> {
  if (!isLoopback(listen.host)) {
    throw new CliError(EXIT.usage, [
      `the sandbox is for this machine only: --listen ${listen.host} is not a loopback address`,
    ])
  }
  const log = createLog({ level: 'warn', pretty: true, secrets: () => [] })
  // A relay that runs for real never loads the sandbox.
  const { startSandboxRelay } = await import('./sandbox.ts')
  const builtin = readTemplates(undefined, 'en')
  if ('problems' in builtin)
    throw new CliError(
      EXIT.config,
      builtin.problems.map(({ message }) => message),
    )
  const { templates } = builtin
  const run = await startSandboxRelay({ listen, log, write, limits: true, demo: true, templates, onFatal })
  return { log, stop: () => run.stop() }
}
