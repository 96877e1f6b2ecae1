import { hash, timingSafeEqual } from 'node:crypto'

/** Whether a header's value is one of our secrets. Takes as long for a near miss as for nonsense. */
export type SecretCheck = (presented: string | undefined) => boolean

/**
 * A check against every one of `secrets`, which may be several while one replaces another. Without any, nothing passes.
 * They are asked for anew each time, and digested when they are another list than before.
 */
export function createSecretCheck(secrets: () => readonly string[]): SecretCheck {
  let known: readonly string[] = []
  let digests: readonly Buffer[] = []
  return (presented) => {
    const current = secrets()
    if (current !== known) {
      known = current
      digests = known.filter((secret) => secret !== '').map((secret) => digest(Buffer.from(secret)))
    }
    // Node reads header bytes as latin1; this gives the bytes back.
    const given = digest(Buffer.from(presented ?? '', 'latin1'))
    let matches = 0
    for (const expected of digests) matches += timingSafeEqual(expected, given) ? 1 : 0
    return matches > 0
  }
}

function digest(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer')
}
