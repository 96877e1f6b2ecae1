import { randomFillSync } from 'node:crypto'
import { rmSync, statfsSync, statSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Room on the disk that is kept for the day it is full: a file of noise beside
 * the database. Given back, it keeps intake acknowledging until somebody comes.
 */
export interface Reserve {
  /** Delete the file. False if there was none. */
  giveBack(): boolean
  /** Leave the disk as it is from now on. */
  stop(): void
}

export interface ReserveOptions {
  readonly file: string
  /** 0: no reserve. */
  readonly bytes: number
  /** Told when there is a reserve, or none any more. */
  readonly changed: (held: boolean) => void
}

/** So soon after room came back the reserve is laid down again. Looking costs microseconds. */
const LOOK_MS = 3_000
/** Written in pieces: commits of the database find their turn in between. */
const PIECE_BYTES = 1_048_576

/** Lay the reserve down beside the database: now if there is room, else as soon as there is. */
export function createReserve({ file, bytes, changed }: ReserveOptions): Reserve {
  const path = `${file}.reserve`
  let held: boolean | undefined
  let writing: AbortController | undefined
  let stopped = bytes === 0
  const timer = stopped ? undefined : setInterval(look, LOOK_MS).unref()
  if (!stopped) {
    if (sizeOf(path) === bytes) tell(true)
    else look()
  }

  function look(): void {
    if (stopped || held === true || writing !== undefined) return
    // Twice as much, or what was given back would be taken again at once.
    if (freeBytes(path) < 2 * bytes) return tell(false)
    const order = new AbortController()
    writing = order
    void write(path, bytes, order.signal).then(async (isWritten) => {
      writing = undefined
      if (isWritten) return tell(true)
      if (!stopped) await rm(path, { force: true })
      tell(false)
    })
  }

  function tell(isHeld: boolean): void {
    if (held !== isHeld) changed(isHeld)
    held = isHeld
  }

  return {
    giveBack() {
      const had = held === true || writing !== undefined
      writing?.abort()
      if (had) rmSync(path, { force: true })
      tell(false)
      return had
    },
    stop() {
      stopped = true
      writing?.abort()
      clearInterval(timer)
    },
  }
}

/** False if there was no room for it, or it was not wanted any more. */
async function write(path: string, bytes: number, signal: AbortSignal): Promise<boolean> {
  // Noise, as some file systems keep no room for what they can compress.
  const noise = randomFillSync(new Uint8Array(PIECE_BYTES))
  try {
    const handle = await open(path, 'w', 0o600)
    try {
      for (let written = 0; written < bytes && !signal.aborted; written += PIECE_BYTES) {
        await handle.write(noise, 0, Math.min(PIECE_BYTES, bytes - written))
        await handle.datasync()
      }
    } finally {
      await handle.close()
    }
    return !signal.aborted
  } catch {
    // Full after all, or not allowed: the next look tries again.
    return false
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(path))
    return bavail * bsize
  } catch {
    // A file system that does not tell gets no reserve: trying again and again could take the last room from events.
    return 0
  }
}
