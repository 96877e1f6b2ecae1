import { fileURLToPath } from 'node:url'
import type { Environment } from '../config/environment.ts'
import { loadConfig } from '../config/load.ts'
import type { ConfigProblem } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import type { Settings } from '../live.ts'
import type { Language } from '../incident/language.ts'
import type { Loaded } from '../message/load.ts'

export const BUILTIN_TEMPLATES = fileURLToPath(new URL('../../templates/', import.meta.url))

export type LoadedSettings =
  | { readonly settings: Settings; readonly warnings: readonly ConfigProblem[] }
  | { readonly problems: readonly ConfigProblem[] }

/** Read a configuration and the templates it names: both can be used, or every mistake. Never rejects. */
export async function loadSettings(file: string, env: Environment): Promise<LoadedSettings> {
  const loaded = loadConfig(file, { env })
  return 'problems' in loaded ? loaded : withTemplates(loaded)
}

/** A configuration that was read, and the templates it names. Never rejects. */
export async function withTemplates({
  config,
  warnings,
}: {
  readonly config: Config
  readonly warnings: readonly ConfigProblem[]
}): Promise<LoadedSettings> {
  const read = await readTemplates(config.templates.dir, config.templates.language)
  if ('problems' in read) return { problems: read.problems.map((problem) => ({ ...problem, path: '' })) }
  const doubts = read.doubts.map((doubt) => ({ ...doubt, path: '' }))
  return { settings: { config, templates: read.templates }, warnings: [...warnings, ...doubts] }
}

/** The built-in templates, with those of a folder in their place where it has any. */
export async function readTemplates(overlayDir: string | undefined, language: Language): Promise<Loaded> {
  // A relay is ready before it needs them, and sooner without them.
  const { loadTemplates } = await import('../message/load.ts')
  return loadTemplates({
    builtinDir: BUILTIN_TEMPLATES,
    language,
    ...(overlayDir !== undefined && { overlayDir }),
  })
}
