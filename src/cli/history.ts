import { InvalidArgumentError, type Command } from 'commander'
import type { Asking } from './ask.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'
import { withExample } from './help.ts'
import type { Range } from './replay.ts'

type Given = Pick<Asking, 'config' | 'store' | 'json'>
type RangeGiven = Given & { readonly since?: number; readonly until?: number }

export type HistoryCommandOptions = Pick<Asking, 'env' | 'write' | 'terminal'>

/** Add the commands that look into what a relay has to do and what it was sent, and put it right by hand. */
export function addHistoryCommands(program: Command, { env, write, terminal }: HistoryCommandOptions): void {
  const toAsking = (given: Given): Asking => ({ ...given, env, write, terminal })
  const limit = ['--limit <n>', 'show so many at most', readCount, 200] as const

  const deliveries = withExample(
    program.command('deliveries').description('what is pending, waiting, held or dead, and why'),
    'deliveries',
    'deliveries retry --all-dead',
  )
  asked(
    deliveries.command('list', { isDefault: true }).description('list it (the default)'),
    'deliveries list --limit 20',
  )
    .option(...limit)
    .action(async (given: Given & { limit: number }) => {
      const { listDeliveries } = await import('./deliveries.ts')
      process.exitCode = await listDeliveries(toAsking(given), given.limit)
    })
  asked(
    deliveries.command('retry [id...]').description('try some of it again, from the beginning and now'),
    'deliveries retry 3f9a2c',
    'deliveries retry --all-dead',
  )
    .option('--all-dead', 'all that was given up on (not what is held: that may have been posted)')
    .action(async (ids: readonly string[], given: Given & { allDead?: true }) => {
      const { retryDeliveries } = await import('./deliveries.ts')
      process.exitCode = await retryDeliveries(toAsking(given), ids, given.allDead === true)
    })
  asked(
    deliveries
      .command('drop <id...>')
      .description('owe some of it no more; an incident whose card is dropped is not shown there'),
    'deliveries drop 3f9a2c',
  ).action(async (ids: readonly string[], given: Given) => {
    const { dropDeliveries } = await import('./deliveries.ts')
    process.exitCode = await dropDeliveries(toAsking(given), ids)
  })

  const quarantine = withExample(
    program.command('quarantine').description('bodies that came and were no event'),
    'quarantine',
    'quarantine show 12',
  )
  asked(
    quarantine.command('list', { isDefault: true }).description('list them, the newest first (the default)'),
    'quarantine list --json',
  )
    .option(...limit)
    .action(async (given: Given & { limit: number }) => {
      const { listQuarantine } = await import('./quarantine.ts')
      process.exitCode = await listQuarantine(toAsking(given), given.limit)
    })
  asked(
    quarantine.command('show').argument('<id>', 'which', readRow).description('show one as it came'),
    'quarantine show 12',
  ).action(async (id: number, given: Given) => {
    const { showQuarantined } = await import('./quarantine.ts')
    process.exitCode = await showQuarantined(toAsking(given), id)
  })
  asked(
    quarantine
      .command('replay')
      .argument('<id...>', 'which', readRows)
      .description('read some again, as if they came now'),
    'quarantine replay 12 13',
  ).action(async (ids: readonly number[], given: Given) => {
    const { replayQuarantined } = await import('./quarantine.ts')
    process.exitCode = await replayQuarantined(toAsking(given), ids)
  })

  ranged(
    asked(
      program
        .command('replay [file]')
        .description(
          'send pushes through intake again: of a file (one, a list, or JSON lines) or stored ones; what is known stays as it is',
        ),
      'replay pushes.json',
      'replay --since 2026-11-24T08:00:00Z --until 2026-11-24T09:00:00Z',
    ),
  ).action(async (file: string | undefined, given: RangeGiven) => {
    const { replayFile, replayRange } = await import('./replay.ts')
    const asking = toAsking(given)
    if (file !== undefined && given.since !== undefined)
      throw new CliError(EXIT.usage, ['give a FILE or --since, not both'])
    process.exitCode = await (file === undefined ? replayRange(asking, toRange(given)) : replayFile(asking, file))
  })
  ranged(
    asked(
      program.command('export').description('write stored pushes as a list that replay takes'),
      'export --since 2026-11-24T08:00:00Z > pushes.json',
    ),
  ).action(async (given: RangeGiven) => {
    const { exportRange } = await import('./replay.ts')
    process.exitCode = await exportRange(toAsking(given), toRange(given))
  })
}

function asked(command: Command, ...examples: readonly string[]): Command {
  return withExample(command, ...examples)
    .option('-c, --config <file>', 'the configuration', 'config.yaml')
    .option('--store <file>', 'the database itself, instead of the configuration that names it')
    .option('--json', 'write JSON')
}

function ranged(command: Command): Command {
  return command
    .option('--since <time>', 'stored pushes from this instant on, such as 2026-11-24T08:00:00Z', readInstant)
    .option('--until <time>', 'and before this one', readInstant)
}

function toRange({ since, until }: RangeGiven): Range {
  if (since === undefined) throw new CliError(EXIT.usage, ['say from when on: --since 2026-11-24T08:00:00Z'])
  return { sinceMs: since, ...(until !== undefined && { untilMs: until }) }
}

function readInstant(text: string): number {
  const atMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(atMs)) throw new InvalidArgumentError('expected an instant such as 2026-11-24T08:00:00Z')
  return atMs
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,3}$|^10000$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1 to 10000')
  return Number(text)
}

function readRow(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('expected the number that quarantine list shows')
  return Number(text)
}

function readRows(text: string, before: readonly number[] | undefined): readonly number[] {
  return [...(before ?? []), readRow(text)]
}
