import {
  ForTag,
  LiquidError,
  Output,
  Tokenizer,
  toValueSync,
  TypeGuards,
  Value,
  type Template,
  type TopLevelToken,
} from 'liquidjs'
import { didYouMean } from '../nearest.ts'
import { checkPrinted, checkValue, shapeOf, type Checking, type LeafReport } from './check-value.ts'
import { TAGS, type Engine } from './liquid.ts'
import { LOOP_SHAPE, type RecordShape } from './shape.ts'

const TAG_PARTS = ['else', 'elsif', 'when', ...TAGS.map((tag) => `end${tag}`)]
const LOOP_OPTIONS = ['limit', 'offset', 'reversed']

/**
 * Parse a leaf and check it against everything it may name. Undefined, and every
 * mistake noted that can be told apart, if it is not as it should be.
 */
export function compileLeaf(
  engine: Engine,
  text: string,
  shape: RecordShape,
  note: LeafReport,
): readonly Template[] | undefined {
  let mistakes = 0
  const report: LeafReport = (index, message) => {
    mistakes += 1
    note(index, message)
  }
  let leaf: readonly Template[]
  try {
    leaf = engine.parse(text)
  } catch (error) {
    // Liquid stops at the first tag it does not know: look for the others too.
    checkTags(text, report)
    if (mistakes === 0) report(toIndex(error), toSentence(error))
    return undefined
  }
  walk(leaf, { filters: engine.filters, report }, shape)
  return mistakes > 0 ? undefined : leaf
}

function checkTags(text: string, report: LeafReport): void {
  let inComment = false
  for (const token of toTokens(text)) {
    if (!TypeGuards.isTagToken(token)) continue
    const name = token.name
    if (name === 'endcomment') inComment = false
    if (!inComment && !TAGS.includes(name) && !TAG_PARTS.includes(name)) {
      report(token.begin, `no tag "${name}"${didYouMean(name, [...TAGS, ...TAG_PARTS])}`)
    }
    if (name === 'comment') inComment = true
  }
}

/** None if even this fails: then the error of the parser says what is wrong. */
function toTokens(text: string): readonly TopLevelToken[] {
  try {
    return new Tokenizer(text).readTopLevelTokens()
  } catch {
    return []
  }
}

function walk(templates: readonly Template[], checking: Checking, scope: RecordShape): void {
  for (const template of templates) {
    if (template instanceof Output) {
      checkPrinted(template.value, checking, scope)
    } else if (template instanceof ForTag) {
      walkLoop(template, checking, scope)
    } else {
      for (const argument of template.arguments?.() ?? []) {
        if (argument instanceof Value) checkValue(argument, checking, scope)
        else shapeOf(argument, checking, scope)
      }
      walk(childrenOf(template), checking, scope)
    }
  }
}

function walkLoop(loop: ForTag, checking: Checking, scope: RecordShape): void {
  const list = shapeOf(loop.collection, checking, scope)
  const isList = list === 'any' || (typeof list === 'object' && 'item' in list)
  if (!isList)
    checking.report(
      loop.collection.begin,
      `"${loop.collection.getText()}" is not a list: there is nothing to loop over`,
    )
  const item = typeof list === 'object' && 'item' in list ? list.item : 'any'
  for (const [name, argument] of Object.entries(loop.hash.hash)) {
    if (!LOOP_OPTIONS.includes(name))
      checking.report(loop.token.begin, `"for" has no "${name}"${didYouMean(name, LOOP_OPTIONS)}`)
    if (argument !== undefined) shapeOf(argument, checking, scope)
  }
  walk(loop.templates, checking, { members: { ...scope.members, [loop.variable]: item, forloop: LOOP_SHAPE } })
  walk(loop.elseTemplates, checking, scope)
}

function childrenOf(template: Template): readonly Template[] {
  return template.children === undefined ? [] : toValueSync(template.children(false, true))
}

function toIndex(error: unknown): number {
  return LiquidError.is(error) ? error.token.begin : 0
}

/** Liquid's own sentence without the position it appends: ours is the file's. */
function toSentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/, line:\d+, col:\d+$/, '')
}
