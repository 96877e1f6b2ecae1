import type { Admin, Answered } from '../admin/calls.ts'
import { readText } from '../config/file.ts'
import { splitPushes } from '../flashduty/pushes.ts'
import { ask, type Asking } from './ask.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'
import { createProgress } from './progress.ts'

/** A text longer than this does not fit one string of the runtime with room for its copies: split the file. */
const MAX_FILE_BYTES = 256 * 1024 * 1024
/** Pushes in one call: few enough that a call takes no longer than a moment. */
const MAX_BATCH = 200
const MAX_BATCH_CHARS = 4 * 1024 * 1024

/** A part of the history; open at its end if `untilMs` is absent. */
export interface Range {
  readonly sinceMs: number
  readonly untilMs?: number
}

/** Send the pushes of a file through intake again; what is known stays as it is. The exit code: 0 if all are stored. */
export async function replayFile(asking: Asking, file: string): Promise<number> {
  const read = readText(file, MAX_FILE_BYTES)
  const split = 'problem' in read ? read : splitPushes(read.text)
  if ('problem' in split) throw new CliError(EXIT.failed, [`${file} ${split.problem}`])
  return ask(asking, async (admin) => {
    const tally = createTally(asking, split.pushes.length)
    for (const batch of toBatches(split.pushes)) tally.add(await admin.replay({ pushes: [...batch] }))
    return tally.end()
  })
}

/** Send the pushes of a part of the stored history through intake again. The exit code. */
export async function replayRange(asking: Asking, range: Range): Promise<number> {
  return ask(asking, async (admin) => {
    const tally = createTally(asking)
    for await (const pushes of stretches(admin, range)) {
      for (const batch of toBatches(pushes)) tally.add(await admin.replay({ pushes: [...batch] }))
    }
    return tally.end()
  })
}

/** Write the pushes of a part of the stored history as a JSON list that `replay` takes. The exit code. */
export async function exportRange(asking: Asking, range: Range): Promise<number> {
  await ask(asking, async (admin) => {
    let before = '['
    for await (const pushes of stretches(admin, range)) {
      for (const push of pushes) {
        asking.write(before + push)
        before = ','
      }
    }
    asking.write(before === '[' ? '[]' : ']')
  })
  return EXIT.ok
}

async function* stretches(admin: Admin, { sinceMs, untilMs }: Range): AsyncGenerator<readonly string[]> {
  let after: number | undefined = 0
  while (after !== undefined) {
    const part: Answered<'received'> = await admin.received({
      sinceMs,
      untilMs: untilMs ?? Number.MAX_SAFE_INTEGER,
      after,
    })
    yield part.pushes
    after = part.next
  }
}

function* toBatches(pushes: readonly string[]): Generator<readonly string[]> {
  let batch: string[] = []
  let chars = 0
  for (const push of pushes) {
    if (batch.length >= MAX_BATCH || (batch.length > 0 && chars + push.length > MAX_BATCH_CHARS)) {
      yield batch
      batch = []
      chars = 0
    }
    batch.push(push)
    chars += push.length
  }
  if (batch.length > 0) yield batch
}

/** `total` is how many there will be, if that is known. */
function createTally({ json, write }: Asking, total?: number) {
  const progress = createProgress(process.stderr, () => Date.now())
  const counts = { accepted: 0, duplicate: 0, stale: 0, refused: 0, failed: 0, unknown: 0 }
  let place = 0
  return {
    add({ results }: Answered<'replay'>): void {
      for (const { result, reason } of results) {
        counts[result] += 1
        place += 1
        if (json || reason === undefined) continue
        progress.clear()
        write(`push ${place}: ${result}: ${reason}`)
      }
      progress.tell(`${place}${total === undefined ? '' : ` of ${total}`} pushes replayed…`)
    },
    end(): number {
      progress.clear()
      const { accepted, duplicate, stale, refused, failed } = counts
      const told = { accepted, duplicate, stale, refused, failed }
      if (json) write(JSON.stringify(told))
      else
        write(
          `${place} pushes: ${Object.entries(told)
            .map(([result, count]) => `${count} ${result}`)
            .join(', ')}.`,
        )
      return refused + failed === 0 ? EXIT.ok : EXIT.failed
    },
  }
}
