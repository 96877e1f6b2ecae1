import type { Engine } from './liquid.ts'
import { toPlainText, type Field, type Link, type Message, type RichText, type Tone } from './message.ts'
import type { Leaf, Tree } from './tree.ts'
import { toSafeUrl } from './url.ts'
import type { CardView } from './view.ts'
import { TONES } from './words.ts'

/**
 * The message a template makes of a view, what comes out empty left out. The
 * summary falls back to the title, then to the first line and the incident's
 * title, so that it is never empty. Throws what the engine throws, and for a
 * message that says nothing.
 */
export function renderTree(
  tree: Tree,
  engine: Engine,
  view: Pick<CardView, 'words'> & { readonly incident: { readonly title: string } },
): Message {
  const rich = (leaf: Leaf | undefined): RichText => (leaf === undefined ? [] : engine.render(leaf, view))
  const line = (leaf: Leaf | undefined): string => toPlainText(rich(leaf)).replace(/\s+/g, ' ').trim()

  const titleText = line(tree.title?.text)
  const titleUrl = toSafeUrl(line(tree.title?.url))
  const title = { text: titleText, ...(titleUrl === undefined ? {} : { url: titleUrl }) }
  const lines = tree.lines.map(rich).filter((text) => text.length > 0)
  const fields = tree.fields.map((field) => ({ name: line(field.name), value: rich(field.value) })).filter(isFilled)
  const quote = toPlainText(rich(tree.quote))
  const links = tree.links.flatMap(({ label, url, primary }) => toLink(line(label), line(url), primary))
  const footer = rich(tree.footer)
  if (titleText === '' && lines.length === 0 && fields.length === 0 && quote === '')
    throw new Error('the message says nothing')

  const firstLine = toPlainText(lines[0] ?? []).replace(/\s+/g, ' ')
  const summary = line(tree.summary) || titleText || [firstLine, view.incident.title].filter(Boolean).join(' · ')
  return {
    tone: tree.tone === undefined ? 'neutral' : toTone(line(tree.tone)),
    summary,
    noun: view.words.phrases.incident,
    ...(titleText === '' ? {} : { title }),
    lines,
    fields,
    ...(quote === '' ? {} : { quote }),
    links,
    ...(footer.length === 0 ? {} : { footer }),
    mentions: [],
  }
}

function isFilled({ name, value }: Field): boolean {
  return name !== '' && value.length > 0
}

function toLink(label: string, address: string, primary: boolean): readonly Link[] {
  const url = toSafeUrl(address)
  return url === undefined || label === '' ? [] : [{ label, url, ...(primary ? { style: 'primary' } : {}) }]
}

function toTone(name: string): Tone {
  const tone = TONES.find((each) => each === name)
  if (tone === undefined) throw new Error('the tone that came out is none')
  return tone
}
