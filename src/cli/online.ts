import type { Environment } from '../config/environment.ts'
import { formatProblem, type ConfigProblem } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import { cleanLine } from '../message/text.ts'
import { createScrub } from '../ops/scrub.ts'
import { check, toJson } from './check.ts'
import { EXIT } from './exit.ts'
import { inspectAccounts, type Inspected } from './inspect-accounts.ts'
import { inspectStore, type StoreFinding } from './inspect-store.ts'
import { secretsOf } from './secrets.ts'
import { loadSettings } from './settings.ts'
import { inWordsOf } from './where.ts'

export interface OnlineOptions {
  readonly file: string
  readonly env: Environment
  readonly json?: true
  readonly write: (line: string) => void
}

/**
 * Read a configuration as the offline check does, then ask every platform, and a database that is a server, whether the relay
 * can do with it what it has to. Posts nothing. The exit code: 0 if it can, 1 if not, 78 if the configuration is wrong.
 */
export async function checkOnline(options: OnlineOptions): Promise<number> {
  const { file, env, json, write } = options
  const loaded = await loadSettings(file, env)
  if ('problems' in loaded) return check(options)
  const { settings, warnings } = loaded
  const { config } = settings
  const [accounts, server] = await Promise.all([inspectAccounts(config), inspectStore(config.store)])
  const findings = clean(accounts, config)
  const store = clean(server, config)
  const wrong = [...findings, ...store].filter(({ verdict }) => verdict === 'wrong').length
  if (json) write(JSON.stringify({ ...toJson({ problems: [], warnings }), findings, store }))
  else for (const line of report(config, { findings, store, warnings })) write(line)
  if (!json) {
    const last = wrong === 0 ? 'everything that can be seen from here is right' : `${wrong} to repair`
    write(`${file}: ${last}. Nothing was posted.`)
  }
  return wrong === 0 ? EXIT.ok : EXIT.failed
}

/** One line for each finding, an indented one for what repairs it. */
export function toLines({ verdict, says, repair }: Pick<Inspected, 'verdict' | 'says' | 'repair'>): readonly string[] {
  return [`${MARKS[verdict]} ${says}`, ...(repair === undefined ? [] : [`       → ${repair}`])]
}

const MARKS = { ok: 'ok    ', hint: 'hint  ', unseen: 'unseen', wrong: 'WRONG ' } as const

/** Names of channels and workspaces are others', and so might be anything else a platform says. */
export function clean<F extends Pick<Inspected, 'says' | 'repair'>>(
  findings: readonly F[],
  config: Config,
): readonly F[] {
  const scrub = createScrub(() => secretsOf(config))
  const say = (text: string): string => scrub(cleanLine(text, MAX_LINE_CHARS))
  return findings.map((finding) => ({
    ...finding,
    says: say(finding.says),
    ...(finding.repair !== undefined && { repair: say(finding.repair) }),
  }))
}

const MAX_LINE_CHARS = 500

interface Found {
  readonly findings: readonly Inspected[]
  readonly store: readonly StoreFinding[]
  readonly warnings: readonly ConfigProblem[]
}

function* report(config: Config, { findings, store, warnings }: Found): Generator<string> {
  if ('postgres' in config.store) yield `store (${inWordsOf(config.store.postgres)})`
  for (const finding of store) for (const line of toLines(finding)) yield `  ${line}`
  for (const [name, { platform, api_url: apiUrl }] of Object.entries(config.accounts)) {
    yield `account ${name} (${platform}${apiUrl === undefined ? '' : ` at ${apiUrl}`})`
    const own = findings.filter(({ account }) => account === name)
    for (const finding of own.filter(({ destination }) => destination === undefined)) {
      for (const line of toLines(finding)) yield `  ${line}`
    }
    for (const [destination, { account, channel }] of Object.entries(config.destinations)) {
      const there = own.filter((finding) => finding.destination === destination)
      if (account !== name) continue
      yield `  destination ${destination} (${channel})`
      if (there.length === 0) yield '    not looked at, as the account is wrong'
      for (const finding of there) for (const line of toLines(finding)) yield `    ${line}`
    }
  }
  for (const warning of warnings) yield `warning: ${formatProblem(warning)}`
}
