import { createHash } from 'node:crypto'

/** What Discord and we know a create by again. */
export interface Keys {
  /** Discord makes no second message with it for a few minutes. At most 25 characters. */
  readonly nonce: string
  /** Ten hexadecimal digits that stay in the message. */
  readonly marker: string
}

/** Both are made from the key alone, so that every attempt has the same. */
export function toKeys(key: string): Keys {
  const digest = createHash('sha256').update(key).digest()
  return { nonce: digest.toString('base64url').slice(0, 22), marker: digest.toString('hex').slice(0, 10) }
}
