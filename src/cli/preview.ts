import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Environment } from '../config/environment.ts'
import { LANGUAGES, type Language } from '../incident/language.ts'
import { nearest } from '../nearest.ts'
import type { DrillSeverity } from './drill.ts'
import { withExample } from './help.ts'
import { onInterrupt } from './interrupt.ts'
import { createProgress } from './progress.ts'
import type { RenderOptions } from './render.ts'
import type { Terminal } from './terminal.ts'
import type { TriggerOptions } from './trigger.ts'

export interface PreviewCommandOptions {
  readonly env: Environment
  readonly write: (line: string) => void
  /** For people, beside the output. */
  readonly tell: (line: string) => void
  readonly terminal: Terminal
  /** A command that finishes what it began goes on when nobody reads it any more. */
  readonly ignoreBrokenPipe: () => void
}

type Given<Options> = Omit<Options, 'env' | 'write' | 'tell' | 'terminal' | 'nowMs'>

/** Add the commands that show what the relay would say, and try a running one. */
export function addPreviewCommands(program: Command, options: PreviewCommandOptions): void {
  const { env, write, tell, terminal } = options
  const nowMs = (): number => Date.now()

  const rendering = program
    .command('render [what]')
    .description(
      'show the messages of an event as the relay would draw them: WHAT is an event type, or a file with a push (of several, the last is shown, and those before it are what was known)',
    )
    .option('--all', 'every type: the documented ones, an unknown one, and the relay’s own')
    .option('-c, --config <file>', 'with its templates, routes and people (default: none, the built-in ones)')
    .option('--language <name>', 'in this language', oneOf<Language>(LANGUAGES))
    .option('--platform <name>', 'slack or discord alone', oneOf(['slack', 'discord'] as const))
    .option('--json', 'write what is sent to the platforms’ APIs, one event on each line')
    .option('--html <file>', 'write a page that shows them as the sandbox does; it needs no network')
    .option('--links', 'write the link that opens each Slack message in Block Kit Builder')
    .option('--watch', 'write them again whenever the configuration or its templates change')
    .option('--any-type', 'take a type that looks like a slip of another')
    .action(async (what: string | undefined, given: Given<RenderOptions> & { watch?: true }) => {
      const { render, renderAndWatch } = await import('./render.ts')
      const asked = { ...given, env, write, tell, terminal }
      process.exitCode = await (given.watch ? renderAndWatch(what, asked, onInterrupt()) : render(what, asked))
    })
  withExample(
    rendering,
    'render i_ack',
    'render i_ack --config config.yaml --watch',
    'render --all --html messages.html',
    'render event.json --json',
  )

  const triggering = sending(program.command('trigger <type>').description('send one sample event to a running relay'))
    .option('--incident <id>', 'of this incident (default: a new one)')
    .option('--json', 'write what the relay answered as JSON')
    .option('--any-type', 'send a type that looks like a slip of another')
    .action(async (type: string, given: Given<TriggerOptions>) => {
      const { trigger } = await import('./trigger.ts')
      process.exitCode = await trigger(type, { ...given, env, write, tell, nowMs })
    })
  withExample(
    triggering,
    'trigger i_new --set incident_severity=Critical --set labels.env=prod',
    'trigger i_ack --incident trigger-mbv3k2x1',
    'trigger i_r_field --set \'fields.regions:=["eu","us"]\' --dry-run',
  )

  const drilling = sending(
    program
      .command('drill')
      .description(
        'play a whole incident to a running relay, [DRILL] in its title and drill=true in its labels; it ends resolved, after Ctrl-C too',
      ),
  )
    .addOption(
      new Option('--pace <duration>', 'this long between two events, such as 500ms, 3s or 1m')
        .argParser(readPace)
        .default(3_000, '3s'),
    )
    .option(
      '--severity <name>',
      'how severe it becomes: Critical, Warning or Info',
      oneOf(SEVERITIES),
      'Critical' as const,
    )
    .action(async (given: Given<TriggerOptions> & { pace: number; severity: DrillSeverity }) => {
      const { drill } = await import('./drill.ts')
      options.ignoreBrokenPipe()
      const progress = createProgress(process.stderr, nowMs)
      const interrupted = given.dryRun ? new AbortController().signal : onInterrupt()
      const asked = { ...given, env, write, tell, nowMs, paceMs: given.pace, progress, interrupted }
      process.exitCode = await drill(asked)
    })
  withExample(drilling, 'drill', 'drill --pace 10s --severity Warning --set channel_name=Payments', 'drill --dry-run')
}

const SEVERITIES = ['Critical', 'Warning', 'Info'] as const

function sending(command: Command): Command {
  return command
    .option(
      '-c, --config <file>',
      'whose address and secret to use (default: ./config.yaml if it is there, else the sandbox)',
    )
    .option('--url <url>', 'send it there; the secret is that of --config, or FLASHDUTY_SECRET')
    .option(
      '--set <path=value>',
      'put a value into the push, such as labels.env=prod; PATH:=JSON takes any JSON',
      collect,
    )
    .option('--dry-run', 'write what would be sent, and send nothing')
}

function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text]
}

function oneOf<const Name extends string>(names: readonly Name[]): (text: string) => Name {
  return (text) => {
    const known = names.find((name) => name === text)
    if (known !== undefined) return known
    const best = nearest(text, names)
    const hint = best === undefined ? '' : `, did you mean "${best}"?`
    throw new InvalidArgumentError(`expected ${names.join(' or ')}${hint}`)
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }

function readPace(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? []
  const paceMs = Number(number) * (UNIT_MS[unit] ?? Number.NaN)
  if (!(paceMs >= 100 && paceMs <= 3_600_000)) {
    throw new InvalidArgumentError('expected 100ms to 60m, with its unit, such as 3s')
  }
  return paceMs
}
