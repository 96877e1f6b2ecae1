import { readFileSync } from 'node:fs'

/** How many files and sockets this process may have open; undefined where the system does not say (only Linux does). */
export function openFilesLimit(): number | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8')
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
    return soft === undefined ? undefined : Number(soft)
  } catch {
    // No /proc: another system, or a sandbox without it.
    return undefined
  }
}
