import { fileURLToPath } from 'node:url'
import type { Environment } from '../config/environment.ts'
import { loadConfig } from '../config/load.ts'
import type { ConfigProblem } from '../config/problem.ts'
import type { Settings } from '../live.ts'
import { loadTemplates } from '../message/load.ts'
import type { Language } from '../incident/language.ts'

export const BUILTIN_TEMPLATES = fileURLToPath(new URL('../../templates/', import.meta.url))

export type LoadedSettings =
  | { readonly settings: Settings; readonly warnings: readonly ConfigProblem[] }
  | { readonly problems: readonly ConfigProblem[] }

/** Read a configuration and the templates it names: both can be used, or every mistake. Never throws. */
export function loadSettings(file: string, env: Environment): LoadedSettings {
  const loaded = loadConfig(file, { env })
  if ('problems' in loaded) return loaded
  const { config, warnings } = loaded
  const read = readTemplates(config.templates.dir, config.templates.language)
  if ('problems' in read) return { problems: read.problems.map((problem) => ({ ...problem, path: '' })) }
  const doubts = read.doubts.map((doubt) => ({ ...doubt, path: '' }))
  return { settings: { config, templates: read.templates }, warnings: [...warnings, ...doubts] }
}

/** The built-in templates, with those of a folder in their place where it has any. */
export function readTemplates(overlayDir: string | undefined, language: Language) {
  return loadTemplates({
    builtinDir: BUILTIN_TEMPLATES,
    language,
    ...(overlayDir !== undefined && { overlayDir }),
  })
}
