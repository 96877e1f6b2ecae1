import { cleanLine } from '../message/text.ts'
import type { Called, Told, ToldDestination, ToldRoute } from './explain-told.ts'

/** One event of `count` in lines for a person. Nothing in them can steer a terminal. */
export function toLines(told: Told | { readonly problem: string }, index: number, count: number): readonly string[] {
  return [...lines(told, index, count)].map(
    (line) => line && line.slice(0, indentOf(line)) + cleanLine(line, MAX_LINE_CHARS),
  )
}

/** Titles and labels may be as long as a push; what is beyond is in --json. */
const MAX_LINE_CHARS = 300

function* lines(told: Told | { readonly problem: string }, index: number, count: number): Generator<string> {
  if (index > 0) yield ''
  const place = count === 1 ? '' : `${index + 1}. `
  if ('problem' in told) {
    yield `${place}no event: ${told.problem}`
    return
  }
  const { event, verdict, dropped, routes, destinations } = told
  yield `${place}${event.type} of incident ${event.incident}: ${event.title} (${event.severity}, ${event.progress})`
  if (verdict === 'stale') yield '  is older than an event before it: the card stays as it is'
  if (dropped.length > 0) yield `  could not be used: ${dropped.join(', ')}`
  yield '  routes'
  for (const [at, route] of routes.entries())
    yield `    ${at + 1}. ${route.name}: ${fateOf(route, routes.slice(0, at))}`
  if (destinations.length === 0) yield '  goes nowhere: no route takes it'
  else yield '  destinations'
  for (const destination of destinations) yield* linesOf(destination)
}

function fateOf({ fate, because, unmet }: ToldRoute, before: readonly ToldRoute[]): string {
  if (fate === 'takes') return `takes it, because ${because.join(', ')}`
  if (fate === 'passes') return `passes, because ${unmet}`
  const taker = before.findLast((route) => route.fate === 'takes')
  return `is not asked, because ${taker?.name} takes it and does not continue`
}

function* linesOf(to: ToldDestination): Generator<string> {
  const by = to.route === undefined ? ', since it has a card there' : ''
  yield `    ${to.name} (${to.channel} on ${to.platform})${by}`
  yield `      ${to.loudness}, by ${to.from}${to.language === 'en' ? '' : `; told in ${to.language}`}`
  if (to.edits) yield '      edits the card'
  for (const { kind, broadcast, calls } of to.posts) {
    const what = kind === 'card' ? 'posts a card' : 'says a line in the thread'
    yield `      ${what}${broadcast ? ', shown in the channel too' : ''}${calls.length === 0 ? '; calls nobody' : '; calls'}`
    for (const called of calls) yield `        ${inWords(called)}`
  }
  if (!to.edits && to.posts.length === 0) yield '      does nothing'
}

function inWords({ who, as, why }: Called): string {
  if (as === undefined) return `${who}: not called, ${why}`
  return who === as ? who : `${who} as ${as}`
}

function indentOf(line: string): number {
  return line.search(/\S/)
}
