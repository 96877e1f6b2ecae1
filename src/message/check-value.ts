import { TypeGuards, type Filter as LiquidFilter, type Token, type Value } from 'liquidjs'
import { didYouMean } from '../nearest.ts'
import type { Filter } from './filters.ts'
import { lookUp } from './lookup.ts'
import { describe, toKind, type RecordShape, type Shape } from './shape.ts'

/** Note a mistake at a place of the leaf's text. */
export type LeafReport = (index: number, message: string) => void

export interface Checking {
  readonly filters: ReadonlyMap<string, Filter>
  readonly report: LeafReport
}

/** Check a `{{ }}`: its parts, and that what comes out can be printed. */
export function checkPrinted(value: Value, checking: Checking, scope: RecordShape): void {
  const shape = checkValue(value, checking, scope)
  if (typeof shape !== 'object') return
  const advice = 'item' in shape ? 'loop over it' : `pick a member: ${Object.keys(shape.members).join(', ')}`
  checking.report(value.initial.postfix[0]?.begin ?? 0, `${describe(shape)} cannot be printed: ${advice}`)
}

/** What a value with its filters comes out as. */
export function checkValue(value: Value, checking: Checking, scope: RecordShape): Shape {
  let shape = checkExpression(value.initial.postfix, checking, scope)
  for (const { name, args, token } of value.filters.flatMap(readFilter)) {
    const shapes = args.map((arg) => shapeOf(arg, checking, scope))
    const filter = checking.filters.get(name)
    if (filter === undefined) {
      checking.report(token.begin, `no filter "${name}"${didYouMean(name, checking.filters.keys())}`)
      shape = 'any'
    } else {
      shape = applyFilter(name, filter, { input: shape, args, shapes, token }, checking)
    }
  }
  return shape
}

interface Application {
  readonly input: Shape
  readonly args: readonly Token[]
  readonly shapes: readonly Shape[]
  readonly token: Token
}

function applyFilter(
  name: string,
  filter: Filter,
  { input, args, shapes, token }: Application,
  { report }: Checking,
): Shape {
  const [min, max] = filter.args
  const literal = args[0] !== undefined && TypeGuards.isQuotedToken(args[0]) ? args[0].content : undefined
  if (args.length < min || args.length > max) {
    report(token.begin, `"${name}" needs ${min === max ? min : `${min} to ${max}`} argument${max === 1 ? '' : 's'}`)
  } else if (filter.oneOf !== undefined && args.length > 0 && !filter.oneOf.includes(literal ?? '')) {
    report(args[0]?.begin ?? token.begin, `"${name}" takes ${filter.oneOf.map((word) => `"${word}"`).join(', ')}`)
  } else if (shapes.some((shape) => typeof shape === 'object')) {
    report(token.begin, `an argument of "${name}" must be a text, a number or a time`)
  } else if (filter.argument !== undefined && !['any', filter.argument].includes(toKind(shapes[0] ?? 'any'))) {
    report(
      args[0]?.begin ?? token.begin,
      `"${name}" needs ${describe(filter.argument)} here, not ${describe(shapes[0] ?? 'any')}`,
    )
  } else if (!takes(filter, input)) {
    report(token.begin, `"${name}" cannot take ${describe(input)}`)
  } else {
    const given = filter.gives(input, literal)
    if (typeof given !== 'object' || !('problem' in given)) return given
    report(token.begin, given.problem)
  }
  return 'any'
}

function takes(filter: Filter, input: Shape): boolean {
  const kind = toKind(input)
  return kind === 'any' || filter.takes.includes(kind)
}

interface FilterCall {
  readonly name: string
  readonly args: readonly Token[]
  readonly token: Token
}

/** The filter as it was written; nothing for the engine's own, which ends every `{{ }}` and has no name. */
function readFilter(filter: LiquidFilter): readonly FilterCall[] {
  if (!/^\w/.test(filter.name)) return []
  const args = filter.args.flatMap((arg) => (Array.isArray(arg) ? (arg[1] ?? []) : arg))
  return [{ name: filter.name, args, token: tokenOf(filter) }]
}

/** Liquid keeps a filter's place to itself; it has been there under this name since its version 10. */
function tokenOf(filter: LiquidFilter): Token {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is there: Liquid's own errors are made from it
  return (filter as unknown as { readonly token: Token }).token
}

/** What an expression comes out as. Its tokens are in postfix order: operands, then their operator. */
function checkExpression(postfix: readonly Token[], checking: Checking, scope: RecordShape): Shape {
  const operands: { readonly shape: Shape; readonly token: Token }[] = []
  for (const token of postfix) {
    if (TypeGuards.isOperatorToken(token)) {
      const needed = token.operator === 'not' ? 1 : 2
      if (operands.length < needed) checking.report(token.begin, `"${token.operator}" lacks a value beside it`)
      operands.splice(-needed)
      operands.push({ shape: 'flag', token })
    } else {
      operands.push({ shape: shapeOf(token, checking, scope), token })
    }
  }
  const [first, second] = operands
  if (second !== undefined) {
    checking.report(
      second.token.begin,
      `"${second.token.getText()}" stands beside another value: an operator is missing`,
    )
  }
  return first?.shape ?? 'any'
}

/** What one value is: a name of the view, or something written out. */
export function shapeOf(token: Token, checking: Checking, scope: RecordShape): Shape {
  if (TypeGuards.isPropertyAccessToken(token)) return lookUp(token, scope, checking.report)
  if (TypeGuards.isQuotedToken(token)) return 'text'
  if (TypeGuards.isNumberToken(token)) return 'number'
  if (!TypeGuards.isRangeToken(token)) return 'any'
  for (const end of [token.lhs, token.rhs]) shapeOf(end, checking, scope)
  return { item: 'number' }
}
