import { Connection } from './connection.ts'
import { createPushes } from './push.ts'
import { percentile } from './stats.ts'

/**
 * What to send.
 *
 * - `closed`  each connection sends its next push when the last was answered, until `ms` are over or `count` are sent.
 * - `open`    `perSecond` pushes a second for `ms`, whether or not the earlier ones were answered.
 * - `fresh`   `connections` new connections at one instant, one push on each.
 */
export type Order = { readonly port: number; readonly seed: number; readonly connections: number } & (
  | {
      readonly kind: 'closed'
      readonly ms: number
      readonly count?: number
      readonly eventsPerIncident?: number
      readonly gapMs?: number
    }
  | { readonly kind: 'open'; readonly ms: number; readonly perSecond: number }
  | { readonly kind: 'fresh' }
)

export interface LoadResult {
  readonly answers: number
  /** Answers other than 200, and requests without an answer. */
  readonly bad: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly worstMs: number
}

/** Carry out an order. Open-loop latencies count from when a push was to be sent if it had to wait for a free connection. */
export async function load(order: Order): Promise<LoadResult> {
  const pushes = createPushes({
    seed: order.seed,
    atMs: Date.now(),
    ...('eventsPerIncident' in order && { eventsPerIncident: order.eventsPerIncident }),
  })
  const latencies: number[] = []
  let bad = 0
  let sent = 0
  const open = (): Connection => new Connection(order.port, pushes.create())

  function send(connection: Connection, fromMs: number, then: () => void): void {
    pushes.write(connection.request, sent++)
    connection.send((status) => {
      latencies.push(performance.now() - fromMs)
      if (status !== 200) bad++
      then()
    })
  }

  const ready = order.kind === 'fresh' ? [] : Array.from({ length: order.connections }, open)
  await Promise.all(ready.map((connection) => connection.connected()))
  const startedAtMs = performance.now()
  await run()
  const seconds = (performance.now() - startedAtMs) / 1000
  for (const connection of ready) connection.close()
  return {
    answers: latencies.length,
    bad,
    perSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    worstMs: percentile(latencies, 1),
  }

  function run(): Promise<unknown> {
    switch (order.kind) {
      case 'closed':
        return Promise.all(ready.map((connection) => sendInTurn(connection, order)))
      case 'open':
        return sendOnTime(order)
      case 'fresh':
        return Promise.all(Array.from({ length: order.connections }, sendFresh))
    }
  }

  function sendInTurn(
    connection: Connection,
    { ms, count = Infinity, gapMs }: Order & { kind: 'closed' },
  ): Promise<void> {
    return new Promise((resolve) => {
      const next = (): void => {
        if (performance.now() - startedAtMs >= ms || sent >= count) resolve()
        else send(connection, performance.now(), gapMs === undefined ? next : () => setTimeout(next, gapMs))
      }
      next()
    })
  }

  function sendFresh(): Promise<void> {
    return new Promise((resolve) => {
      const fromMs = performance.now()
      const connection = open()
      ready.push(connection)
      send(connection, fromMs, resolve)
    })
  }

  function sendOnTime({ ms, perSecond }: Order & { kind: 'open' }): Promise<void> {
    const total = Math.round((ms * perSecond) / 1000)
    const free = [...ready]
    const waiting: number[] = []
    let firstWaiting = 0
    let due = 0
    return new Promise((resolve) => {
      const give = (connection: Connection, fromMs: number): void =>
        send(connection, fromMs, () => {
          const since = waiting[firstWaiting]
          if (since === undefined) free.push(connection)
          else {
            firstWaiting++
            give(connection, since)
          }
          if (latencies.length === total) resolve()
        })
      const tick = (): void => {
        const nowMs = performance.now()
        const untilNow = Math.min(total, Math.floor(((nowMs - startedAtMs) * perSecond) / 1000))
        for (; due < untilNow; due++) {
          const connection = free.pop()
          if (connection === undefined) waiting.push(startedAtMs + (due * 1000) / perSecond)
          else give(connection, nowMs)
        }
        if (due < total) setTimeout(tick, 1)
      }
      tick()
    })
  }
}
