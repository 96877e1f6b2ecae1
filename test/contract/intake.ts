import { EventEmitter, once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { createIntake } from '../../src/flashduty/intake.ts'
import { createWebhook } from '../../src/flashduty/webhook.ts'
import { createHttpApp } from '../../src/http.ts'
import type { HttpAppOptions } from '../../src/http.ts'
import { createLog } from '../../src/ops/log.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { startHttp } from '../../src/http-server.ts'
import type { HttpServer } from '../../src/http-server.ts'
import type { NewEvent, Store } from '../../src/store/store.ts'

export const SECRET = 'a-secret-of-the-webhook-tests'
export const BODY_LIMIT_BYTES = 64 * 1024

export interface Intake {
  readonly url: string
  readonly server: HttpServer
  /** How often the worker was woken. */
  readonly woken: () => number
  readonly log: () => string
  /** The value of one line of /metrics, 0 if it is not there. */
  readonly metric: (line: string) => Promise<number>
  readonly post: (body: unknown, headers?: Record<string, string>) => Promise<Answer>
  /** Write bytes to a new connection. */
  readonly raw: (...parts: readonly string[]) => Raw
}

export interface Answer {
  readonly status: number
  readonly json: unknown
  /** What a success says of the event. */
  readonly result: unknown
}

/** One connection, and all that came back over it. */
export interface Raw {
  readonly socket: Socket
  /** Everything received once the server closed the connection. */
  readonly closed: Promise<string>
  /** Resolves when what was received matches. */
  readonly until: (pattern: RegExp) => Promise<string>
}

export interface IntakeOptions extends Partial<Pick<HttpAppOptions, 'readiness' | 'extra'>> {
  readonly store: Pick<Store, 'accept' | 'quarantine'>
  readonly secrets?: readonly string[]
  readonly nowMs?: () => number
}

/** The webhook, health and metrics on a free port of the loopback, as the relay serves them. */
export async function startIntake(options: IntakeOptions): Promise<Intake> {
  const lines: string[] = []
  let woken = 0
  // No secrets to scrub: a test sees what the code itself would have written.
  const log = createLog({ level: 'debug', secrets: () => [], destination: { write: (line) => void lines.push(line) } })
  const metrics = createMetrics()
  const secrets = options.secrets ?? [SECRET]
  const webhook = createWebhook({
    secrets: () => secrets,
    bodyLimitBytes: () => BODY_LIMIT_BYTES,
    intake: createIntake({
      store: options.store,
      metrics,
      log,
      onStoring: () => void (woken += 1),
      isClockSure: () => true,
    }),
    store: options.store,
    metrics,
    log,
    nowMs: options.nowMs ?? Date.now,
  })
  const app = createHttpApp({ webhook, metrics, log, readiness: () => [], ...options })
  const server = await startHttp(app, { host: '127.0.0.1', port: 0, log, metrics })
  const url = `http://127.0.0.1:${server.port}`

  return {
    url,
    server,
    woken: () => woken,
    log: () => lines.join(''),
    async metric(line) {
      const { body } = await metrics.text()
      return Number(
        body
          .split('\n')
          .find((text) => text.startsWith(`${line} `))
          ?.slice(line.length) ?? 0,
      )
    },
    async post(body, headers = {}) {
      const response = await fetch(`${url}/webhook/flashduty`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-relay-secret': SECRET, ...headers },
        body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
      })
      const json: unknown = await response.json()
      return { status: response.status, json, result: Reflect.get(Object(json), 'result') }
    },
    raw: (...parts) => openRaw(server.port, parts),
  }
}

/** The head of a push, to be followed by its body. */
export function head(headers: string): string {
  return `POST /webhook/flashduty HTTP/1.1\r\nHost: relay\r\nX-Relay-Secret: ${SECRET}\r\n${headers}\r\n\r\n`
}

/** A whole push as bytes on the wire. */
export function wire(event: object): string {
  const body = JSON.stringify(event)
  return head(`Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`) + body
}

/** Something to wait for, and the way to let it happen. */
export function createGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const gate = new EventEmitter()
  return { opened: once(gate, 'open').then(() => undefined), open: () => gate.emit('open') }
}

/** A store that does as told: for what a real one does only on a bad day. */
export function createTold(
  accept: (event: NewEvent) => Promise<void>,
  quarantine = (): Promise<void> => Promise.resolve(),
) {
  const kept: NewEvent[] = []
  const store: IntakeOptions['store'] = {
    async accept(event) {
      await accept(event)
      kept.push(event)
      return { result: 'accepted', conflict: false, latestAtMs: event.effectiveAtMs }
    },
    quarantine,
  }
  return { kept, store }
}

export const NOW_MS = Date.UTC(2026, 2, 14, 3, 30)

/** A small push with `change` in it. */
export function push(change: object = {}): object {
  const incident = { incident_id: 'i1', title: 'a title nobody should log' }
  return { event_id: 'e1', event_type: 'i_new', event_time: NOW_MS, incident, ...change }
}

function openRaw(port: number, parts: readonly string[]): Raw {
  const socket = connect({ port, host: '127.0.0.1' })
  let received = ''
  socket.setEncoding('utf8').on('data', (chunk) => (received += String(chunk)))
  socket.on('error', () => {})
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(received)))
  for (const part of parts) socket.write(part)
  return {
    socket,
    closed,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(received)) resolve(received)
        }
        socket.on('data', look)
        socket.once('close', () => reject(new Error(`closed before ${pattern}; received: ${received}`)))
        look()
      }),
  }
}
