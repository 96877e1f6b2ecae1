import type { Environment } from '../config/environment.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import { effectiveTimeMs } from '../flashduty/time.ts'
import { toExplanation } from '../incident/explain.ts'
import type { KnownIncident } from '../store/store.ts'
import { CliError } from './error.ts'
import { readPushes } from './event-file.ts'
import { EXIT } from './exit.ts'
import { toTold, type Told } from './explain-told.ts'
import { toLines } from './explain-lines.ts'

export interface ExplainOptions {
  /** `-` for standard input. */
  readonly file: string
  readonly config: string
  readonly json?: true
  readonly env: Environment
  readonly write: (line: string) => void
  readonly nowMs: number
}

/**
 * Say what the relay would do with the events of a file, and why. Events of one incident are taken in the order of the
 * file, each knowing those before it; what the relay itself knows of the incident is not asked. The exit code: 0 if all
 * of them are events, 1 if not. Throws a {@link CliError} if the configuration or the file cannot be used.
 */
export async function explain(options: ExplainOptions): Promise<number> {
  const { file, json, env, write, nowMs } = options
  const loaded = loadConfig(options.config, { env })
  if ('problems' in loaded) throw new CliError(EXIT.config, loaded.problems.map(formatProblem))
  const pushes = await readPushes(file)
  const known = new Map<string, KnownIncident>()
  const told: (Told | { readonly problem: string })[] = pushes.map((push) => {
    if ('problem' in push) return push
    const { event, dropped } = push
    const explanation = toExplanation({
      event,
      effectiveAtMs: effectiveTimeMs(event.timeMs, nowMs),
      receivedAtMs: nowMs,
      known: known.get(event.incident.id),
      ...rulesOf(loaded.config),
      nowMs,
    })
    if (explanation.known !== undefined) known.set(event.incident.id, explanation.known)
    return toTold(event, dropped, explanation, loaded.config)
  })
  if (json) write(JSON.stringify(told))
  else for (const [index, one] of told.entries()) for (const line of toLines(one, index, told.length)) write(line)
  return told.some((one) => 'problem' in one) ? EXIT.failed : EXIT.ok
}

function rulesOf({ routes, flashduty }: Config) {
  return { routes, lateEvents: flashduty.late_events }
}
