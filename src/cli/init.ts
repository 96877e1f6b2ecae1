import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../config/environment.ts'
import { loadConfig, readDotenv } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'
import { PLACEHOLDER, toConfigYaml, toDotenv, type Channels, type Secrets } from './init-files.ts'
import { toNextSteps } from './next-steps.ts'

/** What a person was asked, or gave as options. */
export interface InitAnswers {
  readonly channels: Channels
  readonly url?: string
  readonly discordApp?: string
  readonly tokens?: Partial<Secrets>
}

export interface InitOptions extends InitAnswers {
  readonly dir: string
  readonly force?: true
  readonly showSecret?: true
  readonly env: Environment
  readonly write: (line: string) => void
}

/**
 * Write `config.yaml` and `.env` (for its owner's eyes), and say what is left to do. Nothing that is there is replaced
 * unless forced, and then the secrets in the old `.env` are kept. Prints no secret unless asked for the webhook's. The
 * exit code; throws a {@link CliError} with all that is in the way.
 */
export function init(options: InitOptions): number {
  const { dir, channels, env, write, tokens = {} } = options
  const files = { config: join(dir, 'config.yaml'), dotenv: join(dir, '.env') }
  if (channels.slack.length + channels.discord.length === 0) {
    throw new CliError(EXIT.usage, [
      'name a channel at least: --slack-channel C0123456789, --discord-channel 112233445566778899',
    ])
  }
  const there = Object.values(files).filter((file) => existsSync(file))
  if (there.length > 0 && options.force !== true) {
    throw new CliError(EXIT.failed, [
      `${there.join(' and ')} is there already: nothing was written (--force replaces it)`,
    ])
  }
  const before = readDotenv(files.dotenv)
  if ('problems' in before) throw new CliError(EXIT.config, before.problems.map(formatProblem))
  const known = (name: keyof Secrets): string | undefined => tokens[name] || env[name] || before.values[name]
  const secrets: Secrets = {
    SLACK_BOT_TOKEN: known('SLACK_BOT_TOKEN') ?? PLACEHOLDER.SLACK_BOT_TOKEN,
    DISCORD_BOT_TOKEN: known('DISCORD_BOT_TOKEN') ?? PLACEHOLDER.DISCORD_BOT_TOKEN,
    // As long as what the manual makes with openssl.
    FLASHDUTY_SECRET: known('FLASHDUTY_SECRET') ?? randomBytes(24).toString('hex'),
  }
  mkdirSync(dir, { recursive: true })
  replace(files.dotenv, toDotenv(secrets, channels), 0o600)
  replace(files.config, toConfigYaml(channels), 0o644)
  write(`Wrote ${files.config} and ${files.dotenv}.`)
  const loaded = loadConfig(files.config, { env })
  if ('problems' in loaded) throw new CliError(EXIT.config, loaded.problems.map(formatProblem))
  write('')
  const { url, discordApp } = options
  const missing = [
    ...(channels.slack.length > 0 && secrets.SLACK_BOT_TOKEN === PLACEHOLDER.SLACK_BOT_TOKEN
      ? ['SLACK_BOT_TOKEN']
      : []),
    ...(channels.discord.length > 0 && secrets.DISCORD_BOT_TOKEN === PLACEHOLDER.DISCORD_BOT_TOKEN
      ? ['DISCORD_BOT_TOKEN']
      : []),
  ]
  const steps = toNextSteps({
    channels,
    ...files,
    missing,
    ...(url !== undefined && { url }),
    ...(discordApp !== undefined && { discordApp }),
    ...(options.showSecret === true && { secret: secrets.FLASHDUTY_SECRET }),
  })
  for (const line of steps) write(line)
  return EXIT.ok
}

/** Whole or not at all, with the rights it is to have from the first byte on. */
function replace(file: string, text: string, mode: number): void {
  const beside = `${file}.new-${process.pid}`
  try {
    writeFileSync(beside, text, { mode, flag: 'wx' })
    renameSync(beside, file)
  } catch (error) {
    rmSync(beside, { force: true })
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    throw new CliError(EXIT.failed, [`${file} cannot be written: ${code}`])
  }
}
