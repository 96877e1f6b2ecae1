import { createHash } from 'node:crypto'
import type { WorkKey } from '../store/history.ts'

/** Of 100,000 works open at once, two share this many digits once in two hundred lists; then more digits, or the key, tell them apart. */
const SHOWN_DIGITS = 10
/** Fewer digits are more likely a slip than an id. */
const MIN_DIGITS = 6

/** What stands for a key on a command line: short, the same every time, and safe in every shell. */
export function toWorkId(key: string): string {
  return toDigest(key).slice(0, SHOWN_DIGITS)
}

/** The work each id names: an id, a part of one that starts only one, or a whole key. Else what is wrong, for each that names none. */
export function resolveWorkIds(
  ids: readonly string[],
  open: readonly WorkKey[],
): { readonly found: readonly WorkKey[]; readonly problems: readonly string[] } {
  const digests = open.map((work) => ({ work, digest: toDigest(work.key) }))
  const found: WorkKey[] = []
  const problems: string[] = []
  for (const id of new Set(ids)) {
    const prefix = id.toLowerCase()
    const isPrefix = /^[\da-f]+$/.test(prefix)
    const named = digests.filter(
      ({ work, digest }) => work.key === id || (isPrefix && prefix.length >= MIN_DIGITS && digest.startsWith(prefix)),
    )
    const [only] = named
    if (only !== undefined && named.length === 1) found.push(only.work)
    else if (named.length > 1) problems.push(`${shown(id)} is the start of ${named.length} ids: give more of it`)
    else if (isPrefix && prefix.length < MIN_DIGITS)
      problems.push(`${shown(id)} is too short: at least ${MIN_DIGITS} digits of an id`)
    else problems.push(`${shown(id)} is no id of anything that is pending, waiting, held or dead: see deliveries`)
  }
  return { found, problems }
}

function toDigest(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

/** What was typed, safe to be printed again. */
function shown(id: string): string {
  const text = JSON.stringify(id)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
