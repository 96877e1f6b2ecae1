import { connect } from 'node:net'
import type { PoolClient } from 'pg'

/** In place of a protocol version. https://www.postgresql.org/docs/18/protocol-message-formats.html (read 2026-11) */
const CANCEL_REQUEST = 80_877_102
const WITHIN_MS = 1_000

/**
 * Ask the server to end what a connection that is given up has under way. By itself it goes on waiting, for a lock or a
 * standby, and keeps its place among `max_connections`. If it cannot be asked, nobody can help it.
 */
export function cancelUnderWay(client: PoolClient): void {
  const process: unknown = Reflect.get(client, 'processID')
  const key: unknown = Reflect.get(client, 'secretKey')
  if (typeof process !== 'number' || typeof key !== 'number') return
  const message = Buffer.alloc(16)
  for (const [index, word] of [message.length, CANCEL_REQUEST, process, key].entries()) {
    message.writeInt32BE(word, index * 4)
  }
  const { host, port } = client
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
  socket.unref()
  socket.setTimeout(WITHIN_MS, () => socket.destroy())
  socket.on('error', () => {})
  socket.on('connect', () => socket.end(message))
}
