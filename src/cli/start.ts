import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startRelay } from '../app.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { loadTemplates } from '../message/load.ts'
import type { Templates } from '../message/template.ts'
import type { Language } from '../message/words.ts'
import { createLog } from '../ops/log.ts'
import { isLoopback, type Address } from '../address.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'

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
}

const DEFAULT_CONFIG = 'config.yaml'
const SANDBOX_ADDRESS: Address = { host: '127.0.0.1', port: 8080 }
export const BUILTIN_TEMPLATES = fileURLToPath(new URL('../../templates/', import.meta.url))

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
  const loaded = loadConfig(named ?? DEFAULT_CONFIG, { env })
  if ('problems' in loaded) throw new CliError(EXIT.config, loaded.problems.map(formatProblem))
  for (const warning of loaded.warnings) write(`warning: ${formatProblem(warning)}`)
  const { dir } = loaded.config.templates
  const templates = readTemplates(dir, loaded.config.templates.language)
  const config = options.listen === undefined ? loaded.config : { ...loaded.config, listen: options.listen }
  const secrets = [...config.flashduty.secrets, ...Object.values(config.accounts).map(({ token }) => token)]
  const log = createLog({ level: 'info', pretty: options.isTerminal, secrets: () => secrets })
  const relay = await startRelay({ config, templates, log, onFatal: options.onFatal })
  const { destinations, routes } = config
  const counts = { destinations: Object.keys(destinations).length, routes: routes.length }
  log.info({ host: config.listen.host, port: relay.port, ...counts }, 'relay.started')
  return relay
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
  return startSandboxRelay({
    listen,
    log,
    write,
    limits: true,
    demo: true,
    templates: readTemplates(undefined, 'en'),
    onFatal,
  })
}

function readTemplates(overlayDir: string | undefined, language: Language): Templates {
  const loaded = loadTemplates({
    builtinDir: BUILTIN_TEMPLATES,
    language,
    ...(overlayDir !== undefined && { overlayDir }),
  })
  if ('templates' in loaded) return loaded.templates
  throw new CliError(
    EXIT.config,
    loaded.problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`),
  )
}
