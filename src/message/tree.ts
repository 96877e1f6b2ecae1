import type { Template } from 'liquidjs'
import { didYouMean } from '../nearest.ts'
import { compileLeaf } from './check.ts'
import type { Engine } from './liquid.ts'
import type { RecordShape } from './shape.ts'
import { readList, readMap, readText, type Source, type SourceNode } from './source.ts'
import { TONES } from './words.ts'

/** A text of a template file, ready to render. */
export type Leaf = readonly Template[]

/** A template file: the shape of a message, with leaves where a message has text. */
export interface Tree {
  readonly tone?: Leaf
  readonly title?: { readonly text: Leaf; readonly url?: Leaf }
  readonly lines: readonly Leaf[]
  readonly fields: readonly { readonly name: Leaf; readonly value: Leaf }[]
  readonly quote?: Leaf
  readonly links: readonly { readonly label: Leaf; readonly url: Leaf; readonly primary: boolean }[]
  readonly footer?: Leaf
  readonly summary?: Leaf
}

const KEYS = ['tone', 'title', 'lines', 'fields', 'quote', 'links', 'footer', 'summary']

/** Read a template file whose leaves may name what `shape` has. Every mistake is noted; what could not be read is missing. */
export function readTree(source: Source, engine: Engine, shape: RecordShape): Tree {
  const reading = { source, engine, shape }
  const entries = readMap(source, source.root, 'a template', KEYS)
  const parts = new Map(entries?.map(({ key, value }) => [key, value]))
  if (entries?.length === 0) source.report(0, 'a template says at least one thing')
  checkTone(source, parts.get('tone'))
  const tone = readLeaf(reading, parts.get('tone'), '"tone"')
  const title = readTitle(reading, parts.get('title'))
  const lines = readEach(reading, parts.get('lines'), '"lines"', (node) => readLeaf(reading, node, 'a line'))
  const fields = readEach(reading, parts.get('fields'), '"fields"', (node) => readField(reading, node))
  const quote = readLeaf(reading, parts.get('quote'), '"quote"')
  const links = readEach(reading, parts.get('links'), '"links"', (node) => readLink(reading, node))
  const footer = readLeaf(reading, parts.get('footer'), '"footer"')
  const summary = readLeaf(reading, parts.get('summary'), '"summary"')
  return {
    ...(tone && { tone }),
    ...(title && { title }),
    lines,
    fields,
    ...(quote && { quote }),
    links,
    ...(footer && { footer }),
    ...(summary && { summary }),
  }
}

interface Reading {
  readonly source: Source
  readonly engine: Engine
  readonly shape: RecordShape
}

/** Below, `undefined` is a part that is not there. */
type Part = SourceNode | undefined

function readLeaf({ source, engine, shape }: Reading, node: Part, what: string): Leaf | undefined {
  const given = node === undefined ? undefined : readText(source, node, what)
  if (given === undefined) return undefined
  return compileLeaf(engine, given.text, shape, (index, message) => source.report(() => given.place(index), message))
}

function readTitle(reading: Reading, node: Part): Tree['title'] {
  const parts = readParts(reading, node, '"title"', ['text', 'url'], ['text'])
  const text = readLeaf(reading, parts?.get('text'), 'the text of the title')
  const url = readLeaf(reading, parts?.get('url'), 'the url of the title')
  return text && { text, ...(url && { url }) }
}

function readField(reading: Reading, node: SourceNode): Tree['fields'][number] | undefined {
  const parts = readParts(reading, node, 'a field', ['name', 'value'], ['name', 'value'])
  const name = readLeaf(reading, parts?.get('name'), 'the name of a field')
  const value = readLeaf(reading, parts?.get('value'), 'the value of a field')
  return name && value && { name, value }
}

function readLink(reading: Reading, node: SourceNode): Tree['links'][number] | undefined {
  const parts = readParts(reading, node, 'a link', ['label', 'url', 'style'], ['label', 'url'])
  const label = readLeaf(reading, parts?.get('label'), 'the label of a link')
  const url = readLeaf(reading, parts?.get('url'), 'the url of a link')
  const style = parts?.get('style')
  const given = style === undefined ? undefined : readText(reading.source, style, 'the style of a link')
  if (given !== undefined && given.text !== 'primary')
    reading.source.report(given.offset, 'the only style is "primary"')
  return label && url && { label, url, primary: given?.text === 'primary' }
}

function readParts({ source }: Reading, node: Part, what: string, known: readonly string[], needed: readonly string[]) {
  const entries = node === undefined ? undefined : readMap(source, node, what, known)
  const parts = new Map(entries?.map(({ key, value }) => [key, value]))
  const missing = needed.filter((key) => !parts.has(key))
  if (entries !== undefined && missing.length > 0)
    source.report(node?.range[0] ?? 0, `${what} lacks ${missing.join(', ')}`)
  return entries && parts
}

function readEach<T>(
  reading: Reading,
  node: Part,
  what: string,
  read: (node: SourceNode) => T | undefined,
): readonly T[] {
  const items = node === undefined ? undefined : readList(reading.source, node, what)
  return (items ?? []).map(read).filter((each) => each !== undefined)
}

/** A tone that is written out can be checked at once; one that is computed is checked when it is. */
function checkTone(source: Source, node: Part): void {
  const given = node === undefined || node === null ? undefined : source.text.slice(node.range[0], node.range[1])
  if (given === undefined || given.includes('{{') || given.includes('{%')) return
  const tone = given.replace(/^['"]|['"]$/g, '')
  if (!TONES.some((each) => each === tone))
    source.report(node?.range[0] ?? 0, `no tone "${tone}"${didYouMean(tone, TONES)}`)
}
