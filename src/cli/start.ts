import { existsSync } from 'node:fs'
import { startRelay } from '../app.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem, type ConfigProblem } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import { inheritedSocket } from '../inherited-socket.ts'
import type { Templates } from '../message/template.ts'
import { createLog, type Log } from '../ops/log.ts'
import type { Loaded } from '../reload.ts'
import { isLoopback, type Address } from '../address.ts'
import { bootThread } from '../store/sqlite.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'
import { secretsOf } from './secrets.ts'
import { loadSettings, withTemplates, type LoadedSettings } from './settings.ts'
import { toSpeech } from './speech.ts'

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
  const file = named ?? DEFAULT_CONFIG
  const begun = await begin(file, env)
  if ('problems' in begun) throw new CliError(EXIT.config, begun.problems.map(formatProblem))
  for (const warning of begun.warnings) write(`warning: ${formatProblem(warning)}`)
  const listenAs = (read: Config): Config => ({ ...read, listen: options.listen ?? read.listen })
  const config = listenAs(begun.config)
  let secrets = secretsOf(config)
  const log = createLog({ level: 'info', pretty: options.isTerminal, secrets: () => secrets })
  const inherited = inheritedSocket(env, process.pid)
  const relay = await startRelay({
    config,
    templates: begun.templates,
    log,
    thread,
    ...(inherited && { inherited }),
    onFatal: options.onFatal,
  })
  const { destinations, routes } = config
  const counts = { destinations: Object.keys(destinations).length, routes: routes.length }
  const where = inherited ? { inherited: true } : { host: config.listen.host }
  log.info({ ...where, port: relay.port, ...counts }, 'relay.started')
  return {
    log,
    stop: () => relay.stop(),
    async reload() {
      const next = toLoaded(await loadSettings(file, env), listenAs)
      // The old ones stay unsaid: calls under way may still tell of them.
      if ('settings' in next) secrets = [...new Set([...secretsOf(next.settings.config), ...secrets])]
      await relay.reload(next)
    },
  }
}

/** A configuration that can be used, and the templates it speaks with. */
interface Begun {
  readonly config: Config
  readonly warnings: readonly ConfigProblem[]
  readonly templates: () => Promise<Templates>
}

/**
 * Read a configuration and the templates the user has. Where they have none, ours are read when they are asked for: to
 * make them ready takes longer than all else here, and the relay is to listen first.
 */
async function begin(
  file: string,
  env: StartOptions['env'],
): Promise<Begun | { readonly problems: readonly ConfigProblem[] }> {
  const loaded = loadConfig(file, { env })
  if ('problems' in loaded) return loaded
  const { dir, language } = loaded.config.templates
  if (dir === undefined) return { ...loaded, templates: () => toSpeech(undefined, language) }
  const whole = await withTemplates(loaded)
  if ('problems' in whole) return whole
  const { settings, warnings } = whole
  return { config: settings.config, warnings, templates: () => Promise.resolve(settings.templates) }
}

function toLoaded(read: LoadedSettings, listenAs: (config: Config) => Config): Loaded {
  return 'problems' in read
    ? { problems: read.problems.map(formatProblem) }
    : {
        settings: { ...read.settings, config: listenAs(read.settings.config) },
        warnings: read.warnings.map(formatProblem),
      }
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
  const run = await startSandboxRelay({ listen, log, write, limits: true, demo: true, onFatal })
  return { log, stop: () => run.stop() }
}
