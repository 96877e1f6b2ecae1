import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * What became of reading a body.
 *
 * - `too_large`  it is, or says it will be, over the limit; the rest is unread.
 * - `aborted`    the client went away before the end.
 */
export type Body =
  { readonly kind: 'read'; readonly bytes: Buffer } | { readonly kind: 'too_large' } | { readonly kind: 'aborted' }

/** How long, and how much, a refused client may go on sending before we hang up: it should get to read our answer. */
const LINGER_MS = 500
const LINGER_BYTES = 8 * 1024 * 1024

/** Read a request's body, holding no more than `limitBytes` of it. Never rejects. */
export function readBody(incoming: IncomingMessage, limitBytes: number): Promise<Body> {
  if (Number(incoming.headers['content-length'] ?? 0) > limitBytes) return Promise.resolve({ kind: 'too_large' })
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const finish = (body: Body): void => {
      incoming.off('data', onData).off('end', onEnd).off('close', onClose)
      incoming.pause()
      resolve(body)
    }
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes > limitBytes) finish({ kind: 'too_large' })
      else chunks.push(chunk)
    }
    const onEnd = (): void =>
      finish({ kind: 'read', bytes: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks) })
    const onClose = (): void => finish({ kind: 'aborted' })
    incoming.on('data', onData).on('end', onEnd).on('close', onClose)
    // Without a listener an aborted upload is an uncaught error; `close` follows and tells us.
    incoming.on('error', () => {})
    if (incoming.destroyed) onClose()
  })
}

/**
 * Answer before the body was read, and close the connection: the client has the
 * whole answer at once, while what it still sends is thrown away for a moment.
 * Closing at once would reset the connection and could take the answer with it.
 */
export function refuse(incoming: IncomingMessage, outgoing: ServerResponse, status: number, answer: object): void {
  const body = Buffer.from(JSON.stringify(answer))
  outgoing.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, connection: 'close' })
  outgoing.write(body)
  let bytes = 0
  const hangUp = (): void => {
    clearTimeout(timer)
    incoming.off('data', count)
    outgoing.end()
  }
  const count = (chunk: Buffer): void => {
    bytes += chunk.length
    if (bytes > LINGER_BYTES) hangUp()
  }
  const timer = setTimeout(hangUp, LINGER_MS)
  timer.unref()
  incoming
    .on('error', () => {})
    .on('data', count)
    .once('end', hangUp)
    .once('close', hangUp)
}
