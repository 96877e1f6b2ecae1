import type { Answered } from '../admin/calls.ts'
import { ask, type Asking } from './ask.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'
import { toAgo, toAhead, toTable } from './table.ts'

type Work = Answered<'deliveries'>['items'][number]

/** Write what is owed and not done. The exit code. */
export async function listDeliveries(asking: Asking, limit: number): Promise<number> {
  const list = await ask(asking, (admin) => admin.deliveries({ limit }))
  if (asking.json) asking.write(JSON.stringify(list))
  else for (const line of describe(list, asking.terminal.columns)) asking.write(line)
  return EXIT.ok
}

/** Have works tried again, from the beginning and now. The exit code. */
export async function retryDeliveries(asking: Asking, ids: readonly string[], allDead: boolean): Promise<number> {
  if (ids.length === 0 && !allDead) throw new CliError(EXIT.usage, ['name at least one ID, or say --all-dead'])
  return report(asking, await ask(asking, (admin) => admin.retry({ ids: [...ids], allDead })))
}

/** Have works owed no more. The exit code. */
export async function dropDeliveries(asking: Asking, ids: readonly string[]): Promise<number> {
  return report(asking, await ask(asking, (admin) => admin.drop({ ids: [...ids] })))
}

function* describe({ items, total, nowMs }: Answered<'deliveries'>, columns?: number): Generator<string> {
  if (items.length === 0) {
    yield 'Nothing is pending, waiting, held or dead.'
    return
  }
  const heads = ['ID', 'STATE', 'WHAT', 'DESTINATION', 'INCIDENT', 'TRIES', 'SINCE', 'NEXT TRY', 'REASON', 'TITLE']
  yield* toTable(
    heads,
    items.map((work) => toRow(work, nowMs)),
    columns,
  )
  yield ''
  yield `${summary(items)}${total > items.length ? `; ${total - items.length} more are not shown (--limit)` : ''}.`
}

function toRow(work: Work, nowMs: number): readonly string[] {
  const { id, state, kind, destination, incidentId, attempts, sinceMs, nextAtMs, reason, title } = work
  const next = nextAtMs === undefined ? '-' : toAhead(nextAtMs, nowMs)
  return [id, state, kind, destination, incidentId, String(attempts), toAgo(sinceMs, nowMs), next, reason ?? '-', title]
}

/** `2 dead, 1 held, 12 waiting`. */
function summary(items: readonly Work[]): string {
  const counts = new Map<string, number>()
  for (const { state } of items) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ')
}

/** What came of it, in words. */
const RESULTS: Readonly<Record<Answered<'retry' | 'drop'>['changes'][number]['result'], string>> = {
  retried: 'will be tried now',
  dropped: 'dropped',
  replaced: 'there is a newer card, so this one is owed no more',
  under_way: 'is being served at this moment: look again, and try again if it is still there',
  no_card: 'its card is not there: retry the card first',
  unknown: 'is not open any more',
}

const DONE: ReadonlySet<string> = new Set(['retried', 'dropped', 'replaced'])

function report({ json, write }: Asking, { changes, problems }: Answered<'retry' | 'drop'>): number {
  if (json) write(JSON.stringify({ changes, problems }))
  else {
    for (const { id, result } of changes) write(`${id}  ${RESULTS[result]}`)
    if (changes.length === 0 && problems.length === 0) write('Nothing is dead.')
  }
  if (problems.length > 0) throw new CliError(EXIT.failed, [...problems, 'Nothing was changed.'])
  return changes.every(({ result }) => DONE.has(result)) ? EXIT.ok : EXIT.failed
}
