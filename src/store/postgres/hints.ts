import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, ClientConfig } from 'pg'
import type { Driver } from './driver.ts'

/** What another replica wrote is looked for when it says so, and now and then anyway: a hint may be lost. */
export interface Hints {
  /** Something was written that others may want to know of. */
  tell(): void
  /** Something was let go that others may want to have, which they should look for at once. */
  tellFree(): Promise<void>
  stop(): Promise<void>
}

export interface HintsOptions {
  readonly driver: Driver
  readonly config: ClientConfig
  /** Names this replica: it needs no hint of its own. */
  readonly replica: string
  readonly notify: (hint: string) => Promise<void>
  readonly onHint: () => void
  readonly onFree: () => void
}

export const NOTIFY = "SELECT pg_notify('incident_relay', ?)"
const LISTEN = 'LISTEN incident_relay'

/** Follows the name of a replica that let something go. */
const FREE = ' free'

/** A notice makes commits wait for each other, so one stands for all that is written meanwhile; the first goes at once. */
const TELL_EVERY_MS = 50
/** A look is some four queries, so this costs two a second; new work of another replica waits no longer. */
const LOOK_EVERY_MS = 2_000
/** Where hints are known to come through, for those that get lost. */
const LOOK_SELDOM_MS = 10_000
/** A proxy that pools transactions takes LISTEN and never delivers anything: our own hint must come back by then. */
const PROOF_WITHIN_MS = 5_000
const TRY_AGAIN_MS = 30_000
const END_WITHIN_MS = 500

export function createHints({ driver, config, replica, notify, onHint, onFree }: HintsOptions): Hints {
  let isStopped = false
  let isProven = false
  let listener: Client | undefined
  let telling: NodeJS.Timeout | undefined
  let toldAtMs = -Infinity
  let looking = setTimeout(look, LOOK_EVERY_MS).unref()
  let retrying: NodeJS.Timeout | undefined
  void listen()

  function look(): void {
    onHint()
    // A server that went without a word delivers nothing either: our own hint must have come back since the last look.
    if (listener !== undefined && isProven) {
      const proven = listener
      isProven = false
      notify(replica).catch(() => {})
      setTimeout(() => {
        if (!isProven) leave(proven)
      }, PROOF_WITHIN_MS).unref()
      looking = setTimeout(look, LOOK_SELDOM_MS).unref()
      return
    }
    looking = setTimeout(look, LOOK_EVERY_MS).unref()
  }

  async function listen(): Promise<void> {
    const client = new driver.Client({ ...config, keepAlive: true, connectionTimeoutMillis: PROOF_WITHIN_MS })
    listener = client
    client.on('error', () => leave(client))
    client.on('end', () => leave(client))
    client.on('notification', ({ payload = '' }) => {
      if (payload.startsWith(replica)) isProven = true
      else if (payload.endsWith(FREE)) onFree()
      else onHint()
    })
    try {
      await client.connect()
      await client.query(LISTEN)
      await notify(replica)
    } catch {
      // Without hints the looks are enough.
      return leave(client)
    }
    setTimeout(() => {
      if (!isProven) leave(client)
    }, PROOF_WITHIN_MS).unref()
  }

  function leave(client: Client): void {
    if (listener !== client) return
    listener = undefined
    isProven = false
    void client.end().catch(() => {})
    if (!isStopped) retrying = setTimeout(() => void listen(), TRY_AGAIN_MS).unref()
  }

  function tellNow(): void {
    telling = undefined
    toldAtMs = performance.now()
    // A hint that could not be given is made up for by the next look.
    notify(replica).catch(() => {})
  }

  return {
    tell() {
      if (telling !== undefined || isStopped) return
      const waitMs = toldAtMs + TELL_EVERY_MS - performance.now()
      if (waitMs <= 0) tellNow()
      else telling = setTimeout(tellNow, waitMs).unref()
    },
    tellFree: () => notify(replica + FREE).catch(() => {}),
    async stop() {
      isStopped = true
      for (const timer of [telling, looking, retrying]) clearTimeout(timer)
      const client = listener
      listener = undefined
      // Where the way leads nowhere, a goodbye is waited for in vain.
      await Promise.race([client?.end().catch(() => {}), sleep(END_WITHIN_MS, undefined, { ref: false })])
    },
  }
}
