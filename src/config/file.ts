import { readFileSync, statSync } from 'node:fs'

/** Read a small UTF-8 file, byte order mark removed, or say in words why not. Never quotes what it holds. */
export function readText(path: string, maxBytes: number): { readonly text: string } | { readonly problem: string } {
  try {
    const stats = statSync(path)
    if (stats.isDirectory()) return { problem: 'is a folder, not a file' }
    if (!stats.isFile()) return { problem: 'is not a regular file' }
    const bytes = stats.size > maxBytes ? undefined : readFileSync(path)
    if (bytes === undefined || bytes.length > maxBytes) return { problem: `is larger than ${maxBytes / 1024} KiB` }
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    return { problem: why(error) }
  }
}

function why(error: unknown): string {
  if (!(error instanceof Error)) return 'cannot be read'
  const code = 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist'
  if (code === 'EACCES' || code === 'EPERM') return 'cannot be read: permission denied'
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not UTF-8 text'
  return `cannot be read${typeof code === 'string' ? `: ${code}` : ''}`
}
