import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, ftruncateSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Disk } from './group.ts'

const SOURCE = fileURLToPath(new URL('./child/powercut.c', import.meta.url))
const UNDO = '.undo'

/** A disk whose power fails with the process: what was not synced is gone. Undefined where there is no C compiler. */
export function createPowerCuts(folder: string): Disk | undefined {
  const library = join(folder, 'powercut.so')
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl'], { stdio: 'pipe' })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  return {
    env: (world) => ({ LD_PRELOAD: library, CRASH_DATABASE: join(world, 'relay.db') }),
    cut(world) {
      for (const name of readdirSync(world).filter((one) => one.endsWith(UNDO))) {
        const file = join(world, name.slice(0, -UNDO.length))
        if (existsSync(file)) undo(file, readFileSync(join(world, name)))
        rmSync(join(world, name))
      }
    },
  }
}

/** Take the writes back, the newest first. The last record may be cut short: its write was never made. */
function undo(file: string, log: Buffer): void {
  const records: { offset: number; size: number; bytes: Buffer }[] = []
  for (let at = 0; at + 24 <= log.length;) {
    const [offset, size, count] = [0, 8, 16].map((field) => Number(log.readBigInt64LE(at + field)))
    if (offset === undefined || size === undefined || count === undefined || at + 24 + count > log.length) break
    records.push({ offset, size, bytes: log.subarray(at + 24, at + 24 + count) })
    at += 24 + count
  }
  const open = openSync(file, 'r+')
  for (const { offset, size, bytes } of records.toReversed()) {
    if (bytes.length > 0) writeSync(open, bytes, 0, bytes.length, offset)
    ftruncateSync(open, size)
  }
  closeSync(open)
}
