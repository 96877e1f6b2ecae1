import { Context, Liquid, toValueSync, type Emitter, type Template } from 'liquidjs'
import { createFilters, type Filter } from './filters.ts'
import type { RichText, Span } from './message.ts'
import { isRich, tidySpans, toRich, toSpans } from './spans.ts'
import type { Words } from './words.ts'

/** Parses and renders leaves. What it parsed can be rendered any number of times. */
export interface Engine {
  readonly filters: ReadonlyMap<string, Filter>
  /** Throws a LiquidError whose `token.begin` says where. Unknown filters pass: the check finds all of them. */
  parse(text: string): readonly Template[]
  /** Throws for what only shows at run time: too many steps, too much text. */
  render(leaf: readonly Template[], view: object): RichText
}

/** The only tags: conditions and loops. No assignment, no inclusion, nothing that reads a file or calls a function. */
export const TAGS: readonly string[] = ['if', 'unless', 'case', 'for', 'comment']

/** Steps one leaf may take. Ours: a loop over all labels takes a few hundred; loops inside loops must end. */
const MAX_STEPS = 10_000
/** Text one leaf may make, UTF-16 units. Ours: six times the longest text of a view. */
const MAX_OUTPUT_UNITS = 64_000
/** Length of `(1..n)`. */
const MAX_RANGE = 1_000

/** A Liquid whose leaves come out as spans: what a template says and what a value holds is text, only filters make more. */
export function createEngine(words: Pick<Words, 'units' | 'phrases'>): Engine {
  const filters = createFilters(words)
  const liquid = new Liquid({
    jsTruthy: true,
    strictVariables: true,
    strictFilters: false,
    ownPropertyOnly: true,
    memoryLimit: MAX_RANGE,
    outputEscape: markValue,
  })
  for (const name of Object.keys(liquid.tags)) if (!TAGS.includes(name)) delete liquid.tags[name]
  for (const name of Object.keys(liquid.filters)) delete liquid.filters[name]
  for (const [name, { run }] of filters) liquid.registerFilter(name, (value, ...args) => run(value, ...args))
  return {
    filters,
    parse: (text) => liquid.parse(text),
    render(leaf, view) {
      const context = new Context(view, liquid.options, { sync: true }, { liquid })
      countSteps(context)
      const emitter = createEmitter()
      toValueSync(liquid.renderer.renderTemplates([...leaf], context, emitter))
      return tidySpans(emitter.spans)
    },
  }
}

/** Runs on every `{{ }}`: from then on a value cannot be taken for words of the template. Liquid hands the result on as it is. */
function markValue(value: unknown): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only our emitter gets to see it
  return toRich(toSpans(value)) as unknown as string
}

/** Liquid asks its clock before each step; steps are counted instead, so that a slow machine renders the same. */
function countSteps(context: Context): void {
  let steps = 0
  context.renderLimit.check = () => {
    steps += 1
    if (steps > MAX_STEPS) throw new Error(`more than ${MAX_STEPS} steps`)
  }
}

function createEmitter(): Emitter & { readonly spans: readonly Span[] } {
  const spans: Span[] = []
  let units = 0
  return {
    buffer: '',
    spans,
    write(output: unknown) {
      const added = isRich(output) ? toSpans(output) : toTemplateText(String(output), spans.at(-1))
      for (const span of added) {
        units += 'text' in span ? span.text.length : 0
        if (units > MAX_OUTPUT_UNITS) throw new Error(`more than ${MAX_OUTPUT_UNITS} characters`)
        spans.push(span)
      }
    },
  }
}

/** Words of the template. Its line breaks and indents are there for the author: all white space is one space, and never two in a row. */
function toTemplateText(text: string, before: Span | undefined): RichText {
  const folded = text.replace(/\s+/g, ' ')
  const spaced = before === undefined || (before.kind === 'text' && /\s$/.test(before.text))
  const rest = spaced ? folded.trimStart() : folded
  return rest === '' ? [] : [{ kind: 'text', text: rest }]
}
