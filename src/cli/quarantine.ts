import { ask, type Asking } from './ask.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'
import { toTable, toVisible } from './table.ts'

/** Write which bodies are kept that were no event. The exit code. */
export async function listQuarantine(asking: Asking, limit: number): Promise<number> {
  const { items } = await ask(asking, (admin) => admin.quarantined({ limit }))
  const { json, write, terminal } = asking
  if (json) write(JSON.stringify({ items }))
  else if (items.length === 0) write('Nothing is in quarantine.')
  else {
    const rows = items.map(({ id, receivedAtMs, code, bytes, reason }) => {
      return [String(id), new Date(receivedAtMs).toISOString(), code, String(bytes), reason]
    })
    const heads = ['ID', 'RECEIVED', 'CODE', 'BYTES', 'REASON']
    for (const line of toTable(heads, rows, terminal.columns)) write(line)
  }
  return EXIT.ok
}

/** Write one kept body, as it came as far as a terminal can bear it; `--json` has every byte. The exit code. */
export async function showQuarantined(asking: Asking, id: number): Promise<number> {
  const { entry } = await ask(asking, (admin) => admin.quarantinedBody({ id }))
  if (entry === undefined) throw new CliError(EXIT.failed, [`there is no ${id} in quarantine: see quarantine list`])
  if (asking.json) asking.write(JSON.stringify(entry))
  else {
    const { receivedAtMs, code, reason, bytes, bodyBase64 } = entry
    asking.write(`received  ${new Date(receivedAtMs).toISOString()}, ${bytes} bytes`)
    asking.write(`refused   ${code}: ${reason}`)
    asking.write('')
    asking.write(toVisible(Buffer.from(bodyBase64, 'base64').toString()))
  }
  return EXIT.ok
}

/** Have kept bodies read again. The exit code: 0 if all of them are events now. */
export async function replayQuarantined(asking: Asking, ids: readonly number[]): Promise<number> {
  const { results } = await ask(asking, (admin) => admin.requeue({ ids: [...ids] }))
  if (asking.json)
    asking.write(JSON.stringify({ results: results.map((result, index) => ({ id: ids[index], ...result })) }))
  else {
    for (const [index, { result, eventId, reason }] of results.entries()) {
      const event = eventId === undefined ? '' : `: event ${toVisible(eventId)}, out of quarantine`
      asking.write(`${ids[index]}  ${result}${event}${reason === undefined ? '' : `: ${reason}`}`)
    }
  }
  return results.every(({ eventId }) => eventId !== undefined) ? EXIT.ok : EXIT.failed
}
