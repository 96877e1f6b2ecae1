import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, type World } from './relay.ts'

/** The folder of a world after `init`, pointed at its sandbox as if that were the real services. */
export interface Installed {
  readonly config: string
  readonly dotenv: string
  /** All that init printed. */
  readonly told: string
  /** A value of the `.env` that was written. */
  readonly secret: (name: string) => string
  /** Put another value there. */
  readonly setSecret: (name: string, value: string) => void
  /** Run a command with the configuration. */
  readonly command: (...args: readonly string[]) => Promise<{ code: number | null; output: string }>
}

/** What `init` takes from the environment. */
export const NO_TOKENS = { SLACK_BOT_TOKEN: '', DISCORD_BOT_TOKEN: '', FLASHDUTY_SECRET: '' }

export const CHANNELS = [
  '--slack-channel',
  'pay=C0PAYMENTS',
  '--discord-channel',
  'ops=1100000000000000001',
  'forum=1100000000000000003',
] as const

/** Run `init` with the sandbox's tokens in the environment, then say where the sandbox is. */
export async function install(world: World): Promise<Installed> {
  const { slack, discord } = world.sandbox
  const tokens = { ...NO_TOKENS, SLACK_BOT_TOKEN: slack.token, DISCORD_BOT_TOKEN: discord.token }
  const { code, output } = await run(['init', ...CHANNELS, '--dir', world.folder], { env: tokens })
  if (code !== 0) throw new Error(output)
  const config = join(world.folder, 'config.yaml')
  const dotenv = join(world.folder, '.env')
  const written = readFileSync(config, 'utf8')
  // It has the addresses of the sandbox, and takes the place of what init wrote.
  let usual = ''
  world.configure((yaml) => {
    usual = yaml
    return written.replaceAll(
      /platform: (\w+)/g,
      (line, platform: string) => `${line}\n    api_url: ${addressIn(usual, platform)}`,
    )
  })
  const secret = (name: string): string =>
    new RegExp(`^${name}=(.*)$`, 'm').exec(readFileSync(dotenv, 'utf8'))?.[1] ?? ''
  return {
    config,
    dotenv,
    told: output,
    secret,
    setSecret: (name, value) =>
      writeFileSync(dotenv, readFileSync(dotenv, 'utf8').replace(`${name}=${secret(name)}`, `${name}=${value}`)),
    command: (...args) => run([...args, '--config', config]),
  }
}

function addressIn(yaml: string, platform: string): string {
  return new RegExp(`platform: ${platform}.*api_url: "([^"]+)"`).exec(yaml)?.[1] ?? ''
}
