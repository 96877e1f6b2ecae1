import { InvalidArgumentError, type Command } from 'commander'
import type { Environment } from '../config/environment.ts'
import type { MigrateOptions } from './migrate.ts'

interface Given {
  readonly config: string
  readonly json?: true
}

/** Add the commands for going live: write a configuration, check it here and at the platforms, try it, understand it. */
export function addSetupCommands(
  program: Command,
  { env, write }: { readonly env: Environment; readonly write: (line: string) => void },
): void {
  program
    .command('init')
    .description('write config.yaml and .env, and say what is left to do until cards arrive')
    .option('--slack-channel <[name=]id...>', 'the Slack channels', collect)
    .option('--discord-channel <[name=]id...>', 'the Discord channels', collect)
    .option('--url <https://host>', 'how Flashduty reaches the relay', readUrl)
    .option('--discord-app <id>', 'the Application ID of the Discord bot', readId)
    .option('--dir <folder>', 'where to write', '.')
    .option('--force', 'replace what is there; the secrets in .env are kept')
    .option('--show-secret', 'print the secret for the Flashduty console')
    .addHelpText(
      'after',
      '\nAsks for channels and tokens at a terminal if no channel is given. Tokens can also\n' +
        'come from the environment: SLACK_BOT_TOKEN, DISCORD_BOT_TOKEN, FLASHDUTY_SECRET.\n\nExample:\n' +
        '  npm run relay -- init --slack-channel sre=C0123456789 --discord-channel 112233445566778899',
    )
    .action(async (given: InitGiven) => {
      const { init } = await import('./init.ts')
      const { toChannels } = await import('./init-channels.ts')
      const { slackChannel = [], discordChannel = [], ...rest } = given
      const isNamed = slackChannel.length + discordChannel.length > 0
      const asks = !isNamed && process.stdin.isTTY && process.stdout.isTTY
      const answers = asks
        ? await (await import('./init-questions.ts')).askQuestions(env, rest)
        : { channels: toChannels(slackChannel, discordChannel) }
      process.exitCode = init({ ...rest, ...answers, env, write })
    })
  asked(program.command('check'))
    .description('look for mistakes in the configuration and the templates, and do nothing else')
    .option(
      '--online',
      'then ask Slack and Discord whether tokens, scopes, channels and permissions are right; posts nothing',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  npm run relay -- check\n  npm run relay -- check --online --config config.yaml',
    )
    .action(async ({ config: file, json, online }: Given & { online?: true }) => {
      const options = { file, env, write, ...(json && { json }) }
      if (online) process.exitCode = await (await import('./online.ts')).checkOnline(options)
      else process.exitCode = await (await import('./check.ts')).check(options)
    })
  asked(program.command('explain'))
    .description('say where the events of a file would go, and why: routes, destinations, loudness, whom they call')
    .argument('<file>', 'one push as JSON, a list, JSON lines, or - for standard input')
    .addHelpText('after', '\nExample:\n  npm run relay -- explain push.json')
    .action(async (file: string, given: Given) => {
      const { explain } = await import('./explain.ts')
      process.exitCode = await explain({ ...given, file, env, write, nowMs: Date.now() })
    })
  asked(program.command('send-test'))
    .description('post a card marked as a test, edit it and reply in its thread')
    .requiredOption('--to <destination>', 'where, as the configuration calls it')
    .option('--dry-run', 'say what would be sent, and send nothing')
    .addHelpText('after', '\nExample:\n  npm run relay -- send-test --to sre-slack')
    .action(async (given: Given & { to: string; dryRun?: true }) => {
      const { sendTest } = await import('./send-test.ts')
      process.exitCode = await sendTest({ ...given, env, write })
    })
  program
    .command('migrate')
    .description('move all that a relay remembers from SQLite to Postgres; stop the relay first')
    .option('--from <file>', 'the SQLite database (default: store.sqlite of the configuration)')
    .option(
      '--to <url>',
      'the Postgres database, or the variable that holds its URL (default: store.postgres of the configuration)',
    )
    .option('-c, --config <file>', 'the configuration', 'config.yaml')
    .option('--json', 'write JSON')
    .addHelpText(
      'after',
      '\nMay be ended at any moment: the same command goes on where it was. The target must\n' +
        'be empty. At the end the file is renamed to FILE.migrated, so that no relay starts\non it by mistake.\n\nExamples:\n' +
        '  npm run relay -- migrate --from data/relay.db --to DATABASE_URL\n' +
        '  npm run relay -- migrate --from data/relay.db --config config.yaml',
    )
    .action(async (given: Omit<MigrateOptions, 'env' | 'write'>) => {
      const { migrate } = await import('./migrate.ts')
      process.exitCode = await migrate({ ...given, env, write })
    })
}

interface InitGiven {
  readonly slackChannel?: readonly string[]
  readonly discordChannel?: readonly string[]
  readonly url?: string
  readonly discordApp?: string
  readonly dir: string
  readonly force?: true
  readonly showSecret?: true
}

function asked(command: Command): Command {
  return command.option('-c, --config <file>', 'the configuration', 'config.yaml').option('--json', 'write JSON')
}

function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text]
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new InvalidArgumentError('expected a URL such as https://relay.example.com')
  }
  return text.replace(/\/+$/, '')
}

function readId(text: string): string {
  if (!/^\d{17,20}$/.test(text)) throw new InvalidArgumentError('expected the Application ID, 17 to 20 digits')
  return text
}
