import { createHash } from 'node:crypto'

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * Whether a body is what was stored: SQLite does not notice a bit that changed inside a
 * text. The hash is that of the bytes that came, which may have begun with a mark that
 * was not kept. A hash of another length is no SHA-256 and tells nothing.
 */
export function isAsStored(body: unknown, hash: unknown): boolean {
  if (typeof body !== 'string' || typeof hash !== 'string') return false
  if (hash.length !== 64) return true
  return sha256([body]) === hash || sha256([BYTE_ORDER_MARK, body]) === hash
}

function sha256(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}
