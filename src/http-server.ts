import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HttpBindings } from '@hono/node-server'
import { getRequestListener, RequestError } from '@hono/node-server'
import { closeGently } from './http-close.ts'
import type { Log } from './ops/log.ts'
import type { Metrics } from './ops/metrics.ts'
import type { InheritedSocket } from './inherited-socket.ts'
import { openFilesLimit } from './open-files.ts'
import { Slots } from './slots.ts'

export interface ServeOptions {
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
  /** A socket that somebody else opened, listens on and keeps, such as systemd: instead of `host` and `port`. */
  readonly inherited?: InheritedSocket
  readonly log: Log
  readonly metrics?: Pick<Metrics, 'rejected'>
}

/** A Hono app, or anything that answers like one. */
export interface Answering {
  fetch(request: Request, bindings: HttpBindings): Response | Promise<Response>
}

export interface HttpServer {
  /** The one we listen on. */
  readonly port: number
  /** How many connections were taken in so far. */
  readonly accepted: number
  /**
   * Stop listening and let connections end by themselves: whatever is under way,
   * and the next request of one that is kept alive, is answered with `Connection:
   * close`. Idle ones are closed once nobody has asked anything for half a second,
   * and after `graceMs` whatever is left is cut, streams too.
   */
  close(graceMs: number): Promise<void>
}

/**
 * A sender that takes longer is broken or hostile, and waits no longer than 2 s itself. Less would hit honest ones: the
 * time runs from the connection on, so those who connect ahead of need would be cut off, and if this process stands still
 * for a moment it is over before what has come is read. Only receiving is limited: an answer may stream for ever.
 */
const TIMEOUTS = {
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  connectionsCheckingInterval: 500,
  // Longer than any client keeps idle connections: if we close first, its next push races our close and may be lost.
  keepAliveTimeout: 95_000,
  maxHeaderSize: 16_384,
} as const satisfies ServerOptions

/** Bursts of new connections overflow Node's 511; the sender's retransmit then costs a second. */
const BACKLOG = 4_096
/** Slow senders hold a connection for 5 s at most; with fewer places they could crowd out honest ones. */
const MAX_CONNECTIONS = 4_096
/** Kept back for the store, its temporary files, and the calls to chat: these must go on when strangers fill the port. */
const OWN_FILES = 128

/** Serve an app over HTTP. Rejects, with what to do about it, if the address cannot be had. */
export async function startHttp(app: Answering, options: ServeOptions): Promise<HttpServer> {
  const { log, metrics } = options
  const server = createServerFor(app, log)
  const answering = new Slots<ServerResponse>()

  let accepted = 0
  server.on('connection', () => accepted++)
  server.maxConnections = maxConnections(openFilesLimit())
  server.prependListener('request', (_: IncomingMessage, outgoing: ServerResponse) => {
    const slot = answering.add(outgoing)
    outgoing.once('close', () => answering.take(slot))
  })
  server.on('checkContinue', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    // Only who starts to read wants the body: a refusal goes out without asking for it.
    incoming.once('resume', () => {
      if (!outgoing.headersSent) outgoing.writeContinue()
    })
    server.emit('request', incoming, outgoing)
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    metrics?.rejected(answerClientError(error, socket, answering))
  })
  server.on('drop', () => metrics?.rejected('too_many_connections'))

  await listen(server, options)
  server.on('error', (error) => log.error({ err: error }, 'http.server_error'))

  return {
    port: portOf(server),
    get accepted() {
      return accepted
    },
    close: (graceMs) => closeGently(server, answering, graceMs, options.inherited !== undefined),
  }
}

/** With few open files allowed, half of them: the rest is ours. */
function maxConnections(openFiles: number | undefined): number {
  if (openFiles === undefined) return MAX_CONNECTIONS
  return Math.min(MAX_CONNECTIONS, Math.max(openFiles - OWN_FILES, Math.floor(openFiles / 2)))
}

function createServerFor(app: Answering, log: Log): Server {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server below speaks HTTP/1 only
  const listener = getRequestListener((request, bindings) => app.fetch(request, bindings as HttpBindings), {
    hostname: 'localhost',
    errorHandler: (error) => {
      if (error instanceof RequestError) return Response.json(toAnswer('bad_request'), { status: 400 })
      log.error({ err: error }, 'http.failed')
      return Response.json(toAnswer('internal'), { status: 500 })
    },
  })
  return createServer(TIMEOUTS, (incoming, outgoing) => void listener(incoming, outgoing))
}

function listen(server: Server, { host, port, inherited }: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(toListenError(error, host, port)))
    server.listen({ ...(inherited ?? { host, port }), backlog: BACKLOG }, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

function toListenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const what: Readonly<Record<string, string>> = {
    EADDRINUSE: 'it is in use; stop the other process, or choose another address, say --listen 127.0.0.1:8081',
    EACCES: 'this user may not use it; choose a port above 1023',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'this host name is not known',
  }
  const reason = what[error.code ?? ''] ?? error.message
  return new Error(`Cannot listen on ${host}:${port}: ${reason}.`, { cause: error })
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const CLIENT_ERRORS: Readonly<Record<string, { status: string; code: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', code: 'request_timeout' },
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', code: 'headers_too_large' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: '413 Payload Too Large', code: 'too_large' },
}

/** Answer what the HTTP parser refused, unless an answer is under way there already. Gives the code for the metric. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex, answering: Slots<ServerResponse>): string {
  if (error.code === 'ECONNRESET') {
    socket.destroy()
    return 'connection_reset'
  }
  const { status, code } = CLIENT_ERRORS[error.code ?? ''] ?? { status: '400 Bad Request', code: 'bad_request' }
  if (!socket.writable || isAnswered(socket, answering)) {
    socket.destroy()
    return code
  }
  const body = JSON.stringify(toAnswer(code))
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`
  socket.end(head + body, () => socket.destroy())
  return code
}

/** Asked a thousand times at once when as many slow senders are cut off. */
function isAnswered(socket: Duplex, answering: Slots<ServerResponse>): boolean {
  return answering.find((outgoing) => outgoing.socket === socket)?.headersSent ?? false
}

function toAnswer(code: string): object {
  const reasons: Readonly<Record<string, string>> = {
    request_timeout: 'The request took too long to arrive.',
    headers_too_large: 'The request headers are too large.',
    internal: 'The relay failed to answer this request.',
  }
  return { ok: false, code, reason: reasons[code] ?? 'This is not a valid HTTP request.' }
}
