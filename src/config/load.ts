import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import * as v from 'valibot'
import { parseDotenv } from './dotenv.ts'
import { findDoubts } from './doubts.ts'
import type { Environment } from './environment.ts'
import { readText } from './file.ts'
import { toProblems, type ConfigProblem, type Finding } from './problem.ts'
import { createRedactor } from './redact.ts'
import { checkReferences } from './references.ts'
import { ConfigSchema, type Config } from './schema.ts'
import { KEY_ISSUE } from './shape.ts'
import { readSecretFiles } from './secret-file.ts'
import { toSource, type SourceNode } from './source.ts'
import { parseSyntax } from './syntax.ts'
import { locate, member, sayWhatIsThere, toValue } from './tree.ts'

/** Ten thousand routes fit; what is larger is another file. */
const MAX_CONFIG_BYTES = 1_048_576
/** Hundreds of the longest tokens. */
const MAX_DOTENV_BYTES = 262_144

export type LoadedConfig =
  | { readonly config: Config; readonly warnings: readonly ConfigProblem[] }
  | { readonly problems: readonly ConfigProblem[] }

/**
 * Read a configuration file: a {@link Config} that can be used as it is, or every
 * mistake in it at once, in the order of the file. Never throws, and no problem or
 * warning holds a secret. Paths in it are relative to the file's folder and come
 * out absolute; files of secrets have been read. A file `.env` beside it stands in
 * for variables that `env` has not set or left empty.
 */
export function loadConfig(file: string, { env }: { readonly env: Environment }): LoadedConfig {
  const read = readText(file, MAX_CONFIG_BYTES)
  if ('problem' in read)
    return { problems: [{ file, line: 1, column: 1, path: '', message: `the file ${read.problem}` }] }

  const { root: tree, findings: mistakes, positionOf } = parseSyntax(read.text)
  if (mistakes.length > 0) return { problems: toProblems(mistakes, file, positionOf) }
  const beside = readDotenv(join(dirname(file), '.env'))
  if ('problems' in beside) return beside

  const { root, findings } = toSource(tree, { ...env, ...toStandIns(beside.values, env) })
  const found = [...findings, ...readSecretFiles(root, file)]
  const parsed = v.safeParse(ConfigSchema, toValue(root))
  if (!parsed.success) found.push(...parsed.issues.flatMap((issue) => toFinding(issue, root)))
  found.push(...checkReferences(root), ...checkFolder(root, dirname(file)))
  const config = parsed.success ? toAbsolute(parsed.output, dirname(file)) : undefined

  const tell = (list: readonly Finding[]) => toProblems(list.map(createRedactor(root)), file, positionOf)
  if (config === undefined || found.length > 0) return { problems: tell(found) }
  return { config, warnings: tell(findDoubts(root)) }
}

/** The variables of a `.env` file, none if there is no such file, or every line of it that is wrong. */
export function readDotenv(
  file: string,
): { readonly values: Environment } | { readonly problems: readonly ConfigProblem[] } {
  if (!existsSync(file)) return { values: {} }
  const read = readText(file, MAX_DOTENV_BYTES)
  const told = { file, path: '' }
  if ('problem' in read) return { problems: [{ ...told, line: 1, column: 1, message: `the file ${read.problem}` }] }
  const { values, problems } = parseDotenv(read.text)
  return problems.length === 0 ? { values } : { problems: problems.map((problem) => ({ ...told, ...problem })) }
}

/** Those of `values` that the environment has not set, or left empty, as a container does with what nobody gave it. */
function toStandIns(values: Environment, env: Environment): Environment {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !Object.hasOwn(env, name) || !env[name]))
}

/** An issue of the schema at its place in the file, or nothing where something was said already. */
function toFinding(issue: v.BaseIssue<unknown>, root: SourceNode): readonly Finding[] {
  const path = (issue.path ?? []).map((item) => String(item.key))
  const byKey = issue.path?.at(-1)?.origin === 'key'
  const { at, node } = locate(root, path, byKey)
  if (node?.kind === 'broken') return []
  if (path.length === 0 && node?.kind === 'nothing') return [{ at, path, message: 'the file is empty' }]
  // What is wrong with a key itself names it in the message, made safe to be shown.
  const shown = issue.type === KEY_ISSUE ? path.slice(0, -1) : path
  return [{ at, path: shown, message: sayWhatIsThere(issue.message, node) }]
}

function toAbsolute(config: Config, folder: string): Config {
  const { store } = config
  const { dir } = config.templates
  return {
    ...config,
    store:
      'sqlite' in store
        ? { ...store, sqlite: resolve(folder, store.sqlite) }
        : { ...store, spool: resolve(folder, store.spool) },
    templates: { ...config.templates, ...(dir !== undefined && { dir: resolve(folder, dir) }) },
  }
}

function checkFolder(root: SourceNode, folder: string): readonly Finding[] {
  const dir = member(member(root, 'templates'), 'dir')
  if (dir?.kind !== 'text' || dir.text === '' || isFolder(resolve(folder, dir.text))) return []
  return [
    { at: dir.at, path: ['templates', 'dir'], message: "there is no such folder (paths start at this file's folder)" },
  ]
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    // Missing, or behind a folder that may not be read: either way not there for us.
    return false
  }
}
