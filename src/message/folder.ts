import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { LANGUAGES, type Language } from '../incident/language.ts'
import { didYouMean } from '../nearest.ts'
import type { TemplateProblem } from './source.ts'
import { DEFAULT_EVENT, SNOOZE_ENDED_EVENT } from './template.ts'

export interface TemplateFile {
  /** Its path inside the folder: `zh/events/i_ack.yaml`. */
  readonly name: string
  /** The path to show to people. */
  readonly file: string
  readonly text: string
}

/** The files of one language in a folder of templates; absent ones were not there, or were refused. */
export interface TemplateFolder {
  readonly card?: TemplateFile
  readonly board?: TemplateFile
  readonly vocabulary?: TemplateFile
  /** By name without `.yaml`. */
  readonly events: ReadonlyMap<string, TemplateFile>
}

/** Largest template file, bytes. Ours: ten times the largest we ship; the YAML library takes a second for each MiB of mistakes. */
const MAX_FILE_BYTES = 64 * 1024
/** Ours: what a folder of templates may hold at most, so that a folder of something else is not read to its end. */
const MAX_FILES = 500
const FILE_NAMES = ['card.yaml', 'board.yaml', 'vocabulary.yaml'] as const
const EVENT_FILE = /^[a-z0-9_]{1,64}\.yaml$/
const OWN_EVENTS: readonly string[] = [DEFAULT_EVENT, SNOOZE_ENDED_EVENT]

export interface FolderOptions {
  readonly dir: string
  /** The language of the files that stand at the top; those of any language may stand in a folder of its name. */
  readonly language: Language
  /** Offered for misspelt names. */
  readonly knownEvents: readonly string[]
}

/**
 * Read a folder of templates, by language. Names are checked, and every file must be inside the folder once links are
 * followed. Names with a dot in front are left alone: Kubernetes keeps its own there.
 */
export function readFolder(
  { dir, language, knownEvents }: FolderOptions,
  problems: TemplateProblem[],
): Readonly<Record<Language, TemplateFolder>> {
  const refuse: Refuse = (file, message) => problems.push({ file, line: 1, column: 1, message })
  const root = attempt(() => realpathSync(dir))
  if (root === undefined) refuse(dir, 'no such folder')
  const listed = root === undefined ? [] : list(dir, dir, root, refuse)
  const reading = { dir, root: root ?? dir, knownEvents, refuse }
  const top = readFiles(reading, '', listed, LANGUAGES)
  const byLanguage = (each: Language): TemplateFolder => {
    const names = listed.includes(each) ? list(join(dir, each), dir, reading.root, refuse) : []
    const own = readFiles(reading, each, names, [])
    return each === language ? toOne(top, own, refuse) : own
  }
  return { en: byLanguage('en'), zh: byLanguage('zh') }
}

type Refuse = (file: string, message: string) => void

interface Reading {
  readonly dir: string
  readonly root: string
  readonly knownEvents: readonly string[]
  readonly refuse: Refuse
}

/** The files of one folder whose `names` are given; `others` are known there, and read elsewhere. */
function readFiles(
  { dir, root, knownEvents, refuse }: Reading,
  under: string,
  names: readonly string[],
  others: readonly string[],
): TemplateFolder {
  const known = [...FILE_NAMES, 'events', ...others]
  for (const name of names)
    if (!known.includes(name)) refuse(join(dir, under, name), `not a template${didYouMean(name, known)}`)
  const read = (path: string): TemplateFile | undefined => {
    const name = join(under, path)
    const file = join(dir, name)
    const result = readOne(file, root)
    if ('text' in result) return { name: name.replaceAll(sep, '/'), file, text: result.text }
    refuse(file, result.refusal)
    return undefined
  }
  const events = new Map<string, TemplateFile>()
  for (const name of names.includes('events') ? list(join(dir, under, 'events'), dir, root, refuse) : []) {
    const type = name.replace(/\.yaml$/, '')
    if (EVENT_FILE.test(name) && (!type.startsWith('_') || OWN_EVENTS.includes(type))) {
      const file = read(join('events', name))
      if (file !== undefined) events.set(type, file)
    } else {
      const types = [...knownEvents, ...OWN_EVENTS].map((each) => `${each}.yaml`)
      refuse(join(dir, under, 'events', name), `not the name of an event's template${didYouMean(name, types)}`)
    }
  }
  const [card, board, vocabulary] = FILE_NAMES.map((name) => (names.includes(name) ? read(name) : undefined))
  return { ...(card && { card }), ...(board && { board }), ...(vocabulary && { vocabulary }), events }
}

/** Both are for one language: where both have a file, nobody could say which is meant. */
function toOne(top: TemplateFolder, own: TemplateFolder, refuse: Refuse): TemplateFolder {
  const both = (['card', 'board', 'vocabulary'] as const).map((name) => [top[name], own[name]] as const)
  const events = [...own.events].map(([type, file]) => [top.events.get(type), file] as const)
  for (const [one, other] of [...both, ...events])
    if (one !== undefined && other !== undefined)
      refuse(one.file, `is there twice: ${other.name} is for the same language`)
  return { ...top, ...own, events: new Map([...top.events, ...own.events]) }
}

/** Names in a folder, sorted; none if it cannot be listed, which is noted. */
function list(folder: string, dir: string, root: string, refuse: Refuse): readonly string[] {
  const real = attempt(() => realpathSync(folder))
  const names = attempt(() => readdirSync(folder))?.filter((name) => !name.startsWith('.'))
  const isOutside = folder !== dir && real !== undefined && !isInside(root, real)
  if (isOutside || names === undefined || names.length > MAX_FILES) {
    refuse(
      folder,
      isOutside ? OUTSIDE : names === undefined ? 'is no folder that can be read' : `has more than ${MAX_FILES} files`,
    )
    return []
  }
  return names.toSorted()
}

const OUTSIDE = 'leads out of the folder of templates'

function isInside(root: string, real: string): boolean {
  return real.startsWith(root + sep)
}

/** The file's text, or why it is not taken. */
function readOne(file: string, root: string): { readonly text: string } | { readonly refusal: string } {
  const real = attempt(() => realpathSync(file))
  if (real === undefined) return { refusal: 'cannot be read: a link that leads nowhere' }
  if (!isInside(root, real)) return { refusal: OUTSIDE }
  const stat = attempt(() => statSync(real))
  if (stat?.isFile() !== true)
    return { refusal: stat?.isDirectory() === true ? 'is a folder, not a file' : 'is not a file' }
  if (stat.size > MAX_FILE_BYTES) return { refusal: `is larger than ${MAX_FILE_BYTES / 1024} KiB` }
  const bytes = attempt(() => readFileSync(real))
  if (bytes === undefined) return { refusal: 'cannot be read: who runs the relay may not' }
  const text = attempt(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  return text === undefined ? { refusal: 'is not UTF-8: save it in that encoding' } : { text }
}

/** What the call gives, or undefined if it throws: the caller says in one sentence what could not be done. */
function attempt<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch {
    return undefined
  }
}
