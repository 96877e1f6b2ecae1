#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { isLoopback, toAddress, type Address } from './address.ts'
import { CliError } from './cli/error.ts'
import { EXIT } from './cli/exit.ts'
import { documentExits, hintFor, withExample } from './cli/help.ts'
import { addHistoryCommands } from './cli/history.ts'
import { onBrokenPipe } from './cli/pipe.ts'
import { addPreviewCommands } from './cli/preview.ts'
import { addSetupCommands } from './cli/setup.ts'
import type { Running } from './cli/start.ts'
import { toTerminal } from './cli/terminal.ts'
import { createLog } from './ops/log.ts'
import { createScrub } from './ops/scrub.ts'
import { StoreError } from './store/error.ts'
import { VERSION } from './version.ts'

const write = (line: string): void => void process.stdout.write(`${line}\n`)
const complain = (line: string): void => void process.stderr.write(`${line}\n`)
const terminal = toTerminal(process.stdout)
// Whoever reads our output has read enough.
const stopListening = onBrokenPipe(process.stdout, () => end(EXIT.ok))

const program = new Command('incident-relay')
  .description('Keeps one card and one thread per Flashduty incident, always up to date, in Slack and Discord.')
  .version(VERSION, '--version')
  .showSuggestionAfterError()
  .exitOverride()
withExample(program, 'check', 'render i_ack', 'trigger i_new', 'help drill')

const startCommand = program
  .command('start')
  .description('run the relay; without a config.yaml, a sandbox to try it in')
  .option('-c, --config <file>', 'the configuration (default: ./config.yaml)')
  .option('--listen <host:port>', 'listen here instead of where the configuration says', readAddress)
  .action(async (options: { config?: string; listen?: Address }) => {
    const { start } = await import('./cli/start.ts')
    const isTerminal = process.stdout.isTTY
    await stayUp(start({ ...options, env: process.env, write, isTerminal, onFatal: dieOf }))
  })
withExample(startCommand, 'start --config config.yaml', 'start --listen 127.0.0.1:9090')

addSetupCommands(program, { env: process.env, write })

const sandboxCommand = program
  .command('sandbox')
  .description('run the local Slack and Discord alone, for a relay elsewhere on this machine')
  .option('--listen <host:port>', 'where', readAddress, { host: '127.0.0.1', port: 9000 })
  .option('--no-limits', 'leave the rate limits of the platforms out')
  .action(async ({ listen, limits }: { listen: Address; limits: boolean }) => {
    if (!isLoopback(listen.host)) {
      throw new CliError(EXIT.usage, [`the sandbox is for this machine only: ${listen.host} is not a loopback address`])
    }
    const { startSandbox } = await import('./cli/sandbox.ts')
    const log = createLog({ level: 'warn', pretty: true, secrets: () => [] })
    await stayUp(startSandbox({ listen, log, write, limits }))
  })

withExample(sandboxCommand, 'sandbox --listen 127.0.0.1:9000')

const common = { env: process.env, write, terminal }
addHistoryCommands(program, common)
addPreviewCommands(program, { ...common, tell: complain, ignoreBrokenPipe: goOnUnread })
documentExits(program)

try {
  await program.parseAsync()
} catch (error) {
  end(toExitCode(error))
}

/** Nobody may read our output any more, and the command goes on to its end. */
function goOnUnread(): void {
  stopListening()
  onBrokenPipe(process.stdout, () => {})
}

function readAddress(text: string): Address {
  const address = toAddress(text)
  if (address === undefined) throw new InvalidArgumentError('expected HOST:PORT, such as 127.0.0.1:9000')
  return address
}

/**
 * Stop in order at the first signal, even while starting, and at once at the second. A hang-up asks to read the
 * configuration again. What nobody caught is said, and ends the process: nobody knows what state it left behind.
 */
async function stayUp(starting: Promise<Running>): Promise<void> {
  stopListening()
  let isStopping = false
  const stop = (): void => {
    if (isStopping) end(EXIT.failed)
    isStopping = true
    starting.then((running) => running.stop()).then(() => end(EXIT.ok), dieOf)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  // On Windows it means that the terminal closes, and the process with it.
  if (process.platform !== 'win32') process.on('SIGHUP', createHangUp(starting, stop))
  let log: Running['log']
  // Rejections nobody handles come here too.
  process.on('uncaughtException', (error: unknown) => {
    try {
      if (log === undefined) complain(toUncaughtLine(error))
      else log.error({ err: error }, 'process.uncaught')
    } finally {
      // Even if it cannot be said, say, because nobody reads our output any more.
      end(EXIT.failed)
    }
  })
  log = (await starting).log
}

/** Reload, one after the other; whatever has nothing to read again stops, as it always did when its terminal closed. */
function createHangUp(starting: Promise<Running>, stop: () => void): () => void {
  let reloaded: Promise<unknown> = starting
  return () => {
    reloaded = reloaded.then(async () => {
      const running = await starting
      await (running.reload === undefined ? stop() : running.reload())
    }, dieOf)
  }
}

/** One line, for before there is a log. */
function toUncaughtLine(error: unknown): string {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return createScrub(() => [])(`uncaught: ${what.replaceAll(/\s*\n\s*/g, ' | ')}`)
}

function dieOf(error: unknown): void {
  end(toExitCode(error))
}

/** Say what happened, in words for a person, and give the code for it. */
function toExitCode(error: unknown): number {
  if (error instanceof CommanderError) {
    const hint = error.code === 'commander.excessArguments' ? hintFor(program, process.argv.slice(2)) : undefined
    if (hint !== undefined) complain(hint)
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  }
  if (error instanceof CliError) {
    error.lines.forEach(complain)
    return error.exitCode
  }
  complain(error instanceof Error ? error.message : String(error))
  if (error instanceof StoreError) return error.reason === 'locked' ? EXIT.busy : EXIT.io
  return isAddressInUse(error) ? EXIT.busy : EXIT.failed
}

function isAddressInUse(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
}

function end(code: number): never {
  process.exit(code)
}
