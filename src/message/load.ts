import { LANGUAGES, type Language } from '../incident/language.ts'
import { didYouMean, nearest } from '../nearest.ts'
import { readFolder, type TemplateFile, type TemplateFolder } from './folder.ts'
import { createEngine, type Engine } from './liquid.ts'
import { BOARD_SHAPE, CARD_SHAPE, REPLY_SHAPE, type RecordShape } from './shape.ts'
import { openSource, type TemplateProblem } from './source.ts'
import {
  createTemplates,
  DEFAULT_EVENT,
  inLanguages,
  SNOOZE_ENDED_EVENT,
  type Template,
  type TemplateSet,
  type Templates,
} from './template.ts'
import { readTree } from './tree.ts'
import { readVocabulary } from './vocabulary.ts'
import type { Vocabulary, Words } from './words.ts'

export type { TemplateProblem } from './source.ts'

export interface LoadOptions {
  /** The templates that come with the relay. */
  readonly builtinDir: string
  /** The user's own: a file there takes the place of ours of the same name, whole. */
  readonly overlayDir?: string
  /** What is spoken where nobody asks for another, and what the files at the top of `overlayDir` are for. */
  readonly language: Language
}

export type Loaded =
  | {
      readonly templates: Templates
      /** What is allowed but is seldom meant. */
      readonly doubts: readonly TemplateProblem[]
    }
  | { readonly problems: readonly TemplateProblem[] }

/** Ours at the top. */
const BUILTIN_LANGUAGE: Language = 'en'

/**
 * Read the templates of every language, and check all but those that come with the relay in a language that may never
 * be spoken: making them ready takes a tenth of a second, and waits until they are asked for. Every mistake of every
 * file is in `problems`; there are templates only if there is none.
 */
export function loadTemplates({ builtinDir, overlayDir, language }: LoadOptions): Loaded {
  const problems: TemplateProblem[] = []
  const ours = readFolder({ dir: builtinDir, language: BUILTIN_LANGUAGE, knownEvents: [] }, problems)
  const knownEvents = [...ours[BUILTIN_LANGUAGE].events.keys()]
  const own = overlayDir === undefined ? undefined : readFolder({ dir: overlayDir, language, knownEvents }, problems)
  const ready = new Map<Language, Templates | undefined>()
  const load = (each: Language): Templates | undefined => {
    if (!ready.has(each)) ready.set(each, loadOne(ours[each], own?.[each], each, problems))
    return ready.get(each)
  }
  for (const each of LANGUAGES) if (each === language || hasFiles(own?.[each])) load(each)
  const fallback = load(language)
  if (problems.length === 0 && fallback !== undefined) {
    const doubts = own === undefined ? [] : findDoubts(own, knownEvents)
    return { templates: inLanguages(load, fallback), doubts }
  }
  const message = 'this is not the folder of built-in templates'
  return { problems: problems.length > 0 ? problems : [{ file: builtinDir, line: 1, column: 1, message }] }
}

function hasFiles(folder: TemplateFolder | undefined): boolean {
  return folder !== undefined && (Object.keys(folder).length > 1 || folder.events.size > 0)
}

/** Any type may have a file, as the source may send new ones; but a name that is nearly a known one is a slip. */
function findDoubts(
  folders: Readonly<Record<Language, TemplateFolder>>,
  knownEvents: readonly string[],
): readonly TemplateProblem[] {
  return Object.values(folders)
    .flatMap(({ events }) => [...events])
    .filter(([type]) => !knownEvents.includes(type) && nearest(type, knownEvents) !== undefined)
    .map(([type, { file }]) => {
      const message = `the source documents no event type "${type}"${didYouMean(type, knownEvents)}`
      return { file, line: 1, column: 1, message }
    })
}

/** The templates of one language; undefined if ours do not say everything, or if a vocabulary has mistakes. */
function loadOne(
  ours: TemplateFolder,
  own: TemplateFolder | undefined,
  language: Language,
  problems: TemplateProblem[],
): Templates | undefined {
  const vocabulary = readWords(ours.vocabulary, language, problems)
  const ownVocabulary = readWords(own?.vocabulary, language, problems)
  const engine = createEngine((ownVocabulary ?? vocabulary)?.words ?? NO_WORDS)
  const builtin = { ...compile(ours, engine, problems), vocabulary }
  const overlay = { ...(own && compile(own, engine, problems)), ...(ownVocabulary && { vocabulary: ownVocabulary }) }
  const whole = toWhole(builtin)
  return whole && createTemplates(whole, overlay, engine)
}

/** Stands in while the vocabulary is being refused: nothing is rendered with it. */
const NO_WORDS: Pick<Words, 'units' | 'phrases'> = {
  units: { day: '', hour: '', minute: '', second: '' },
  phrases: { incident: '', someone: '', no_title: '', late: '', replaces_lost: '', comma: '' },
}

function readWords(
  file: TemplateFile | undefined,
  language: Language,
  problems: TemplateProblem[],
): Vocabulary | undefined {
  const source = file && openSource(file.file, file.text, problems)
  return source && readVocabulary(source, language)
}

function compile(
  folder: TemplateFolder,
  engine: Engine,
  problems: TemplateProblem[],
): Partial<Pick<TemplateSet, 'card' | 'board' | 'events'>> {
  const read = ({ name, file, text }: TemplateFile, shape: RecordShape): readonly Template[] => {
    const source = openSource(file, text, problems)
    return source === undefined ? [] : [{ name, tree: readTree(source, engine, shape) }]
  }
  const card = folder.card && read(folder.card, CARD_SHAPE)[0]
  const board = folder.board && read(folder.board, BOARD_SHAPE)[0]
  const events = [...folder.events].flatMap(([type, file]) =>
    read(file, REPLY_SHAPE).map((template) => [type, template] as const),
  )
  return { ...(card && { card }), ...(board && { board }), events: new Map(events) }
}

/** Ours must be able to say everything. */
function toWhole({
  card,
  board,
  events,
  vocabulary,
}: Partial<Omit<TemplateSet, 'vocabulary'>> & { vocabulary: Vocabulary | undefined }) {
  const speaks = events?.has(DEFAULT_EVENT) === true && events.has(SNOOZE_ENDED_EVENT)
  return card !== undefined && board !== undefined && vocabulary !== undefined && speaks
    ? { card, board, events, vocabulary }
    : undefined
}
