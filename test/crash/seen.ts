import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The points that the processes of a world have passed. The last line of one that was killed may be cut short. */
export function readSeen(folder: string): readonly string[] {
  const file = join(folder, 'seen.txt')
  if (!existsSync(file)) return []
  return [...new Set(readFileSync(file, 'utf8').split('\n'))].filter((line) => /:(before|after)$/.test(line))
}
