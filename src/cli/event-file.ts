import { text as readAll } from 'node:stream/consumers'
import * as v from 'valibot'
import { readText } from '../config/file.ts'
import { toEnvelope } from '../flashduty/envelope.ts'
import { toEvent } from '../flashduty/event.ts'
import { parseJsonText } from '../flashduty/json.ts'
import { splitPushes } from '../flashduty/pushes.ts'
import type { Event } from '../incident/incident.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'

/** As large as what replay takes would not be looked at by anyone. */
const MAX_FILE_BYTES = 16 * 1024 * 1024

/** One push of a file: an event, or why it is none, in intake's words. */
export type ReadPush = { readonly event: Event; readonly dropped: readonly string[] } | { readonly problem: string }

/**
 * Read the pushes of a file, or of standard input for `-`: one, a list, JSON lines, or what `quarantine show --json`
 * writes. Throws a {@link CliError} if there is nothing of that kind.
 */
export async function readPushes(file: string): Promise<readonly ReadPush[]> {
  const read = file === '-' ? { text: await readAll(process.stdin) } : readText(file, MAX_FILE_BYTES)
  const name = file === '-' ? 'standard input' : file
  const split = 'problem' in read ? read : splitPushes(read.text)
  if ('problem' in split) throw new CliError(EXIT.failed, [`${name} ${split.problem}`])
  return split.pushes.map(readPush)
}

/** A quarantined body as `quarantine show --json` writes it. */
const Quarantined = v.object({ bodyBase64: v.pipe(v.string(), v.base64()) })

function readPush(body: string): ReadPush {
  const parsed = parseJsonText(body)
  if (!parsed.ok) return { problem: parsed.reason }
  const quarantined = v.safeParse(Quarantined, parsed.value)
  if (quarantined.success) return readPush(Buffer.from(quarantined.output.bodyBase64, 'base64').toString())
  const envelope = toEnvelope(parsed.value)
  if (!envelope.ok) return { problem: envelope.reason }
  return toEvent(parsed.value) ?? { problem: 'It is no event.' }
}
