import { createHash } from 'node:crypto'

/** What a create carries to be known again. */
export interface Mark {
  readonly key: string
  readonly metadata: { readonly event_type: string; readonly event_payload: { readonly key: string } }
  readonly clientMsgId: string
}

/** What is known of how this workspace treats our metadata; changes as calls show it. */
export interface Metadata {
  /** Whether to send it: a workspace may refuse it. */
  accepted: boolean
  /** Whether messages can be known by it afterwards; undefined until a message of ours was seen. */
  kept: boolean | undefined
}

/** Ours: Slack refuses metadata above a size it does not publish, so ours stays far below 1 kB. */
const MAX_KEY_CHARS = 200

/**
 * The mark of a key in a place: always the same one. The place is the thread of a reply, as Slack takes an id it has
 * seen for the same message: a reply that strayed and was taken away could not be sent to its next card. A key that is long or not plain is marked by its hash. Everybody in the
 * workspace can read metadata, so a key must hold no secret.
 */
export function toMark(key: string, thread = ''): Mark {
  const hash = createHash('sha256').update(key).digest('hex')
  const placed = createHash('sha256').update(`${key}\n${thread}`).digest('hex')
  const short = /^[\x21-\x7e]+$/.test(key) && key.length <= MAX_KEY_CHARS ? key : hash
  return {
    key: short,
    metadata: { event_type: 'incident_relay', event_payload: { key: short } },
    clientMsgId: toUuid(placed),
  }
}

/** RFC 9562 version 8: a UUID whose bits mean what we want. */
function toUuid(hash: string): string {
  const variant = '89ab'[parseInt(hash.slice(16, 17), 16) % 4]
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `${variant}${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-')
}
