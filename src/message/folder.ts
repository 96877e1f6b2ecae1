import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { didYouMean } from '../nearest.ts'
import type { TemplateProblem } from './source.ts'
import { DEFAULT_EVENT, SNOOZE_ENDED_EVENT } from './template.ts'

export interface TemplateFile {
  /** The path to show to people. */
  readonly file: string
  readonly text: string
}

/** The files of one folder of templates; absent ones were not there, or were refused. */
export interface TemplateFolder {
  readonly card?: TemplateFile
  readonly board?: TemplateFile
  readonly vocabulary?: TemplateFile
  /** By name without `.yaml`. */
  readonly events: ReadonlyMap<string, TemplateFile>
}

/** Largest template file, bytes. Ours: a hundred times the largest we ship. */
const MAX_FILE_BYTES = 256 * 1024
const ROOT_NAMES = ['card.yaml', 'board.yaml', 'vocabulary.yaml', 'events']
const EVENT_FILE = /^[a-z0-9_]{1,64}\.yaml$/
const OWN_EVENTS: readonly string[] = [DEFAULT_EVENT, SNOOZE_ENDED_EVENT]

/**
 * Read a folder of templates. Names are checked, and every file must be inside
 * the folder once links are followed. Names with a dot in front are left alone:
 * Kubernetes keeps its own there. `knownEvents` are offered for misspelt names.
 */
export function readFolder(dir: string, knownEvents: readonly string[], problems: TemplateProblem[]): TemplateFolder {
  const refuse = (file: string, message: string): void => {
    problems.push({ file, line: 1, column: 1, message })
  }
  const root = attempt(() => realpathSync(dir))
  if (root === undefined) {
    refuse(dir, 'no such folder')
    return { events: new Map() }
  }
  const names = list(dir)
  for (const name of names) {
    if (!ROOT_NAMES.includes(name)) refuse(join(dir, name), `not a template${didYouMean(name, ROOT_NAMES)}`)
  }
  const read = (path: string): TemplateFile | undefined => {
    const file = join(dir, path)
    const result = readOne(file, root)
    if ('text' in result) return { file, text: result.text }
    refuse(file, result.refusal)
    return undefined
  }
  const events = new Map<string, TemplateFile>()
  const eventsDir = join(dir, 'events')
  const inside =
    !names.includes('events') ||
    isInside(
      root,
      attempt(() => realpathSync(eventsDir)),
    )
  if (!inside) refuse(eventsDir, OUTSIDE)
  for (const name of inside ? list(eventsDir) : []) {
    const path = join('events', name)
    const type = name.replace(/\.yaml$/, '')
    if (!EVENT_FILE.test(name) || (type.startsWith('_') && !OWN_EVENTS.includes(type))) {
      const known = [...knownEvents, ...OWN_EVENTS].map((each) => `${each}.yaml`)
      refuse(join(dir, path), `not the name of an event's template${didYouMean(name, known)}`)
      continue
    }
    const file = read(path)
    if (file !== undefined) events.set(type, file)
  }
  const ifThere = (name: string): TemplateFile | undefined => (names.includes(name) ? read(name) : undefined)
  const card = ifThere('card.yaml')
  const board = ifThere('board.yaml')
  const vocabulary = ifThere('vocabulary.yaml')
  return { ...(card && { card }), ...(board && { board }), ...(vocabulary && { vocabulary }), events }
}

/** Names in a folder, sorted; none if it cannot be listed, or is no folder. */
function list(dir: string): readonly string[] {
  const names = attempt(() => readdirSync(dir)) ?? []
  return names.filter((name) => !name.startsWith('.')).toSorted()
}

const OUTSIDE = 'leads out of the folder of templates'

function isInside(root: string, real: string | undefined): boolean {
  return real?.startsWith(root + sep) === true
}

/** The file's text, or why it is not taken. */
function readOne(file: string, root: string): { readonly text: string } | { readonly refusal: string } {
  const real = attempt(() => realpathSync(file))
  if (real === undefined) return { refusal: 'cannot be read' }
  if (!isInside(root, real)) return { refusal: OUTSIDE }
  const stat = attempt(() => statSync(real))
  if (stat?.isFile() !== true) return { refusal: 'is not a file' }
  if (stat.size > MAX_FILE_BYTES) return { refusal: `is larger than ${MAX_FILE_BYTES} bytes` }
  const bytes = attempt(() => readFileSync(real))
  if (bytes === undefined) return { refusal: 'cannot be read' }
  const text = attempt(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  return text === undefined ? { refusal: 'is not UTF-8' } : { text }
}

/** What the call gives, or undefined if it throws: the caller says in one sentence what could not be done. */
function attempt<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch {
    return undefined
  }
}
