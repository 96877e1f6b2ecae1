import type { Environment } from '../config/environment.ts'
import { formatProblem, type ConfigProblem } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import type { Route, RouteMatch } from '../incident/route.ts'
import { EXIT } from './exit.ts'
import { loadSettings } from './settings.ts'
import { inWordsOf } from './where.ts'

/**
 * Read a configuration and everything it names, and nothing else: no socket, no
 * database, no chat. Writes every mistake, or what it found. The exit code: 0 if
 * the relay would start with it, else 78.
 */
export async function check({
  file,
  env,
  json,
  write,
}: {
  readonly file: string
  readonly env: Environment
  readonly json?: true
  readonly write: (line: string) => void
}): Promise<number> {
  const fail = (problems: readonly ConfigProblem[]): number => {
    if (json) {
      write(JSON.stringify(toJson({ problems, warnings: [] })))
      return EXIT.config
    }
    for (const problem of problems) write(formatProblem(problem))
    write(`${file}: ${count(problems.length, 'mistake')}.`)
    return EXIT.config
  }
  const loaded = await loadSettings(file, env)
  if ('problems' in loaded) return fail(loaded.problems)
  const { warnings } = loaded
  const { config } = loaded.settings
  if (json) {
    write(JSON.stringify(toJson({ problems: [], warnings })))
    return EXIT.ok
  }

  for (const line of summary(config)) write(line)
  for (const warning of warnings) write(`warning: ${formatProblem(warning)}`)
  write(`${file} is valid${warnings.length === 0 ? '' : `, with ${count(warnings.length, 'warning')}`}.`)
  return EXIT.ok
}

/** What is wrong with a configuration, for machines. */
export function toJson(found: {
  readonly problems: readonly ConfigProblem[]
  readonly warnings: readonly ConfigProblem[]
}) {
  return { valid: found.problems.length === 0, ...found }
}

function* summary({ accounts, destinations, routes, listen, store, templates }: Config): Generator<string> {
  yield `listen        ${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${listen.port}`
  yield `store         ${'sqlite' in store ? store.sqlite : inWordsOf(store.postgres)}`
  if ('spool' in store) yield `spool         ${store.spool}`
  const own = templates.dir === undefined ? '' : `, then ${templates.dir}`
  yield `templates     built in (${templates.language})${own}`
  yield 'accounts'
  for (const [name, { platform, api_url: apiUrl }] of Object.entries(accounts)) {
    yield `  ${name}: ${platform}${apiUrl === undefined ? '' : ` at ${apiUrl}`}`
  }
  yield 'destinations'
  for (const [name, { account, channel }] of Object.entries(destinations)) {
    yield `  ${name}: ${channel} on ${account} (${accounts[account]?.platform})`
  }
  yield 'routes, the first that matches wins'
  for (const [index, route] of routes.entries()) yield `  ${index + 1}. ${describe(route)}`
}

function describe({ name, match, to, language, continue: goesOn }: Route): string {
  const spoken = language === undefined ? '' : ` in ${language}`
  return `${name}: ${inWords(match)} -> ${to.join(', ')}${spoken}${goesOn ? ', then on to the next' : ''}`
}

/** `channel is Payments or 42, label env is prod*`. */
function inWords({ channel, severity, eventType, labels = {}, fields = {} }: RouteMatch): string {
  const matchers: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['channel', channel],
    ['severity', severity],
    ['event type', eventType],
    ...Object.entries(labels).map(([name, patterns]) => [`label ${name}`, patterns] as const),
    ...Object.entries(fields).map(([name, patterns]) => [`field ${name}`, patterns] as const),
  ]
  const words = matchers.flatMap(([what, patterns]) =>
    patterns === undefined ? [] : [`${what} is ${patterns.join(' or ')}`],
  )
  return words.length === 0 ? 'everything' : words.join(', ')
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
