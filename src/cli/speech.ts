import type { Environment } from '../config/environment.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import type { Language } from '../incident/language.ts'
import type { Templates } from '../message/template.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'
import { readTemplates } from './settings.ts'

/**
 * The built-in wording, with a folder's own in its place, in every language; in `language` where nobody asks for another.
 * Rejects with a {@link CliError} that has every mistake, `file:line:column` first.
 */
export async function toSpeech(overlayDir: string | undefined, language: Language): Promise<Templates> {
  const read = await readTemplates(overlayDir, language)
  if (!('problems' in read)) return read.templates
  const problems = read.problems.map((problem) => formatProblem({ ...problem, path: '' }))
  throw new CliError(EXIT.config, problems)
}

/** The wording a configuration names; the built-in English one without a configuration. Rejects with a {@link CliError}. */
export async function loadSpeech(file: string | undefined, env: Environment): Promise<Templates> {
  if (file === undefined) return toSpeech(undefined, 'en')
  const loaded = loadConfig(file, { env })
  if ('problems' in loaded) throw new CliError(EXIT.config, loaded.problems.map(formatProblem))
  return toSpeech(loaded.config.templates.dir, loaded.config.templates.language)
}
