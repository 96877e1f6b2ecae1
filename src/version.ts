import { createRequire } from 'node:module'

/** The release, as package.json has it. */
export const VERSION = readVersion()

function readVersion(): string {
  const file: unknown = createRequire(import.meta.url)('../package.json')
  return typeof file === 'object' && file !== null && 'version' in file ? String(file.version) : 'unknown'
}
