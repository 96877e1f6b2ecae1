import { LANGUAGES, type Language } from '../incident/language.ts'
import type { State } from '../incident/state.ts'
import { didYouMean } from '../nearest.ts'
import { readMap, readText, readWholeMap, type Source, type SourceNode } from './source.ts'
import {
  FIELD_NAMES,
  LINK_NAMES,
  OTHER_SEVERITY,
  PHRASE_NAMES,
  TONES,
  UNIT_NAMES,
  type SeverityWords,
  type StateWords,
  type Vocabulary,
} from './words.ts'

const PARTS = ['severity', 'state', 'status', 'progress', 'events', 'fields', 'links', 'phrases', 'units'] as const
const STATES: readonly State[] = ['triggered', 'processing', 'snoozed', 'recovered', 'closed_firing', 'closed']

/** Read a vocabulary.yaml, which is for one language. Every mistake is noted; what could not be read is empty. */
export function readVocabulary(source: Source, language: Language): Vocabulary {
  const languages = readMap(source, source.root, 'the vocabulary', LANGUAGES) ?? []
  const chosen = languages.find(({ key }) => key === language)
  for (const { key, offset } of languages) {
    if (key !== language)
      source.report(offset, `this file is for "${language}": words in ${key} have a file of their own`)
  }
  if (chosen === undefined) source.report(0, `the vocabulary lacks "${language}"`)
  const parts = chosen && readWholeMap(source, chosen.value, `"${language}"`, PARTS)
  const part = (name: (typeof PARTS)[number]): SourceNode | undefined => parts?.get(name)
  return {
    severity: readSeverities(source, part('severity')),
    state: readStates(source, part('state')),
    status: readOpenMap(source, part('status'), '"status"'),
    progress: readOpenMap(source, part('progress'), '"progress"'),
    events: readOpenMap(source, part('events'), '"events"'),
    words: {
      fields: readWords(source, part('fields'), '"fields"', FIELD_NAMES),
      links: readWords(source, part('links'), '"links"', LINK_NAMES),
      phrases: readWords(source, part('phrases'), '"phrases"', PHRASE_NAMES),
      units: readWords(source, part('units'), '"units"', UNIT_NAMES),
    },
  }
}

/** Below, `undefined` is a part that is not there at all: that was noted once and is not noted again. */
type Part = SourceNode | undefined

function readSeverities(source: Source, node: Part): ReadonlyMap<string, SeverityWords> {
  const entries = node === undefined ? undefined : readMap(source, node, '"severity"')
  if (entries?.some(({ key }) => key === OTHER_SEVERITY) === false) {
    source.report(node?.range[0] ?? 0, `"severity" lacks ${OTHER_SEVERITY}`)
  }
  const known = ['icon', 'label', 'tone'] as const
  return new Map(
    (entries ?? []).map(({ key, value }) => {
      const other = key === OTHER_SEVERITY
      const parts = readWholeMap(source, value, `severity "${key}"`, other ? (['icon', 'tone'] as const) : known)
      const label = other ? '' : readWord(source, parts.get('label'), '"label"')
      return [
        key,
        {
          icon: readWord(source, parts.get('icon'), '"icon"'),
          label,
          tone: readTone(source, parts.get('tone'), TONES),
        },
      ]
    }),
  )
}

function readStates(source: Source, node: Part): ReadonlyMap<State, StateWords> {
  if (node === undefined) return new Map()
  const states = [...readWholeMap(source, node, '"state"', STATES)]
  return new Map(
    states.map(([name, value]) => {
      const parts = readWholeMap(source, value, `state "${name}"`, ['icon', 'label', 'tone'])
      const icon = readWord(source, parts.get('icon'), '"icon"')
      const label = readWord(source, parts.get('label'), '"label"')
      return [name, { icon, label, tone: readTone(source, parts.get('tone'), [...TONES, 'severity']) }]
    }),
  )
}

function readTone<T extends string>(source: Source, node: Part, known: readonly T[]): T | 'neutral' {
  const given = node === undefined ? undefined : readText(source, node, '"tone"')
  const tone = known.find((each) => each === given?.text)
  if (given !== undefined && tone === undefined) {
    source.report(given.offset, `no tone "${given.text}"${didYouMean(given.text, known)}`)
  }
  return tone ?? 'neutral'
}

function readWords<Name extends string>(
  source: Source,
  node: Part,
  what: string,
  names: readonly Name[],
): Readonly<Record<Name, string>> {
  const read = node === undefined ? undefined : readWholeMap(source, node, what, names)
  const pairs = names.map((name) => [name, readWord(source, read?.get(name), `"${name}"`)] as const)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- there is a pair for each of the names
  return Object.fromEntries(pairs) as Record<Name, string>
}

function readOpenMap(source: Source, node: Part, what: string): ReadonlyMap<string, string> {
  const entries = node === undefined ? undefined : readMap(source, node, what)
  return new Map(entries?.map(({ key, value }) => [key, readWord(source, value, `"${key}"`)]))
}

function readWord(source: Source, node: Part, what: string): string {
  return node === undefined ? '' : (readText(source, node, what)?.text ?? '')
}
