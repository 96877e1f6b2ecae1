import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Server as NetServer } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import type { Slots } from './slots.ts'

/** Longer than a busy sender pauses; every stop that finds an idle connection takes this long, and nobody listens meanwhile. */
const QUIET_MS = 500
/** Under load connections keep coming; at some point the door must close. */
const LONGEST_ACCEPT_MS = 200
/** A turn that had something to do takes longer: while it did, somebody may have connected. */
const IDLE_TURN_MS = 0.2

/**
 * Close a server without a reset for anyone who is connected. Node's own `close` cuts idle connections at once, and with
 * them the requests that are on their way; so only the listener is closed, and a connection ends with its next answer,
 * or when all has been quiet. `answering` holds the responses under way. What is left after `graceMs` is cut. If somebody
 * else keeps the listening socket open too (`kept`), connections that we have not taken in wait there for who comes next.
 */
export async function closeGently(
  server: Server,
  answering: Slots<ServerResponse>,
  graceMs: number,
  kept = false,
): Promise<void> {
  if (!kept) await acceptWaiting(server)
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()))
  // After a turn of the event loop: what has arrived by now is read first, and its connection is not idle any more.
  const quiet = setInterval(() => setImmediate(() => server.closeIdleConnections()), QUIET_MS)
  const grace = setTimeout(() => server.closeAllConnections(), graceMs)
  for (const [, outgoing] of answering.entries()) outgoing.shouldKeepAlive = false
  server.prependListener('request', (_: IncomingMessage, outgoing: ServerResponse) => {
    outgoing.shouldKeepAlive = false
    quiet.refresh()
  })
  await closed
  clearInterval(quiet)
  clearTimeout(grace)
  // Ends Node's look-out for slow senders, which only its own close does.
  server.close()
}

/**
 * Take in the connections that the kernel has completed and we have not yet seen: with the listener they would be reset.
 * Returns just after a turn of the event loop that found none and did nothing else either, so that hardly any time is
 * left for another one before the listener is closed.
 */
async function acceptWaiting(server: Server): Promise<void> {
  const enoughAtMs = performance.now() + LONGEST_ACCEPT_MS
  let accepted = 0
  const count = (): void => void accepted++
  server.on('connection', count)
  // The first turn may have looked at the listener before we were called.
  await turn()
  let isBusy: boolean
  do {
    const before = { accepted, atMs: performance.now() }
    await turn()
    isBusy = accepted > before.accepted || performance.now() - before.atMs > IDLE_TURN_MS
  } while (isBusy && performance.now() < enoughAtMs)
  server.off('connection', count)
}
