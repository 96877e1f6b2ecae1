/** A command cannot go on: what to print, and the exit code. */
export class CliError extends Error {
  readonly exitCode: number
  readonly lines: readonly string[]
  constructor(exitCode: number, lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'CliError'
    this.exitCode = exitCode
    this.lines = lines
  }
}
