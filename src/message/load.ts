import { readFolder, type TemplateFile, type TemplateFolder } from './folder.ts'
import { createEngine, type Engine } from './liquid.ts'
import { BOARD_SHAPE, CARD_SHAPE, REPLY_SHAPE, type RecordShape } from './shape.ts'
import { openSource, type TemplateProblem } from './source.ts'
import {
  createTemplates,
  DEFAULT_EVENT,
  SNOOZE_ENDED_EVENT,
  type Template,
  type TemplateSet,
  type Templates,
} from './template.ts'
import { readTree } from './tree.ts'
import { readVocabulary } from './vocabulary.ts'
import type { Language, Units, Vocabulary } from './words.ts'

export type { TemplateProblem } from './source.ts'

export interface LoadOptions {
  /** The templates that come with the relay. */
  readonly builtinDir: string
  /** The user's own: a file there takes the place of ours of the same name, whole. */
  readonly overlayDir?: string
  readonly language: Language
}

export type Loaded = { readonly templates: Templates } | { readonly problems: readonly TemplateProblem[] }

/** Read and check all templates. Every mistake of every file is in `problems`; there are templates only if there is none. */
export function loadTemplates({ builtinDir, overlayDir, language }: LoadOptions): Loaded {
  const problems: TemplateProblem[] = []
  const ours = readFolder(builtinDir, [], problems)
  const own = overlayDir === undefined ? undefined : readFolder(overlayDir, [...ours.events.keys()], problems)

  const vocabulary = readWords(ours.vocabulary, language, problems)
  const ownVocabulary = readWords(own?.vocabulary, language, problems)
  const engine = createEngine((ownVocabulary ?? vocabulary)?.words.units ?? NO_UNITS)
  const builtin = { ...compile(ours, engine, problems), vocabulary }
  const overlay = { ...(own && compile(own, engine, problems)), ...(ownVocabulary && { vocabulary: ownVocabulary }) }

  const whole = toWhole(builtin)
  if (whole === undefined && problems.length === 0) {
    problems.push({ file: builtinDir, line: 1, column: 1, message: 'this is not the folder of built-in templates' })
  }
  return problems.length > 0 || whole === undefined
    ? { problems }
    : { templates: createTemplates(whole, overlay, engine) }
}

/** Stands in while the vocabulary is being refused: nothing is rendered with it. */
const NO_UNITS: Units = { day: '', hour: '', minute: '', second: '' }

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
  const read = (name: string, { file, text }: TemplateFile, shape: RecordShape): readonly Template[] => {
    const source = openSource(file, text, problems)
    return source === undefined ? [] : [{ name, tree: readTree(source, engine, shape) }]
  }
  const card = folder.card && read('card.yaml', folder.card, CARD_SHAPE)[0]
  const board = folder.board && read('board.yaml', folder.board, BOARD_SHAPE)[0]
  const events = [...folder.events].flatMap(([type, file]) =>
    read(`events/${type}.yaml`, file, REPLY_SHAPE).map((template) => [type, template] as const),
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
