import type { Command } from 'commander'
import { nearest } from '../nearest.ts'
import { EXIT, EXIT_WORDS } from './exit.ts'

/** Show how a command is typed, below its options. Lines are what comes after `npm run relay --`. */
export function withExample(command: Command, ...lines: readonly string[]): Command {
  const heading = lines.length === 1 ? 'Example:' : 'Examples:'
  return command.addHelpText('after', ['', heading, ...lines.map((line) => `  npm run relay -- ${line}`)].join('\n'))
}

/** Have every command's help end with the exit codes. To be called when all commands are there. */
export function documentExits(command: Command): void {
  command.addHelpText('after', `\n${toExitHelp()}`)
  for (const one of command.commands) documentExits(one)
}

/**
 * What was meant by a word behind a group of commands, such as `deliveries lits`: the group takes it for an argument of
 * its default command. Undefined if it is near none.
 */
export function hintFor(program: Command, words: readonly string[]): string | undefined {
  const [group = '', word = ''] = words
  const names = program.commands.find((command) => command.name() === group)?.commands.map((command) => command.name())
  const meant = nearest(word, names ?? [])
  return meant === undefined ? undefined : `(Did you mean ${group} ${meant}?)`
}

/** `Exit codes: 0 done · 1 failed · …`, in lines of a usual width. */
function toExitHelp(): string {
  const codes = Object.entries(EXIT).toSorted(([, a], [, b]) => a - b)
  const told = codes.map(([name, code]) => `${code} ${isExit(name) ? EXIT_WORDS[name] : ''}`)
  const lines = ['Exit codes: ']
  for (const [index, words] of told.entries()) {
    const part = index === told.length - 1 ? words : `${words} · `
    const line = lines.at(-1) ?? ''
    if (line.length + part.trimEnd().length > HELP_COLUMNS) lines.push(`  ${part}`)
    else lines[lines.length - 1] = line + part
  }
  return lines.map((line) => line.trimEnd()).join('\n')
}

/** What a terminal shows at least, and what the rest of the help is folded to. */
const HELP_COLUMNS = 80

function isExit(name: string): name is keyof typeof EXIT {
  return name in EXIT_WORDS
}
