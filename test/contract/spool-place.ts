import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect } from 'vitest'
import { openStore, type OpenedStore } from '../../src/open-store.ts'
import type { StoreNotice } from '../../src/store/notice.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { query } from '../postgres/database.ts'

/** A folder with a spool, and what was told of it. */
export interface Place {
  readonly file: string
  readonly notices: StoreNotice[]
  /** A store on the database at `url` and this spool; closed after the test. */
  open(url: string): Promise<OpenedStore>
  told(what: StoreNotice['what']): readonly StoreNotice[]
  /** Resolves when nothing waits in the spool any more. */
  drained(): Promise<void>
  /** What is in the spool, which nobody may have open. */
  look(): Promise<{ readonly events: number; readonly bodies: number; readonly rows: number }>
}

export const EMPTY = { events: 0, bodies: 0, rows: 0 }

const closing: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

/** Run `close` after the test, before what was asked for earlier. */
export function afterwards(close: () => Promise<unknown> | void): void {
  closing.push(close)
}

export function createPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'relay-spool-'))
  afterwards(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'data', 'spool.db')
  const notices: StoreNotice[] = []
  const told = (what: StoreNotice['what']) => notices.filter((notice) => notice.what === what)
  return {
    file,
    notices,
    told,
    async open(url) {
      const onFailure = (error: Error): void => expect.fail(String(error))
      const onNotice = (notice: StoreNotice): void => void notices.push(notice)
      const config = { postgres: url, spool: file, retention_days: 30 }
      const opened = await openStore(config, { onFailure, onNotice, onHint: () => {} })
      afterwards(() => opened.store.close())
      return opened
    },
    drained: () => soon(() => told('drained').length).toBeGreaterThan(0),
    async look() {
      const spool = await openSqlite({ file })
      const { eventsUnapplied, quarantined } = await spool.counts()
      const { events } = await spool.received({ sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER, after: 0 })
      await spool.close()
      return { events: eventsUnapplied, bodies: quarantined, rows: events.length }
    },
  }
}

export const soon = (look: () => unknown) => expect.poll(look, { timeout: 20_000, interval: 20 })

/** The events in a database, in the order in which they were accepted. */
export async function idsIn(url: string): Promise<readonly string[]> {
  const rows = await query(url, 'SELECT id FROM event ORDER BY seq')
  return (rows as readonly { id: string }[]).map(({ id }) => id)
}

export async function timed<T>(asked: Promise<T>): Promise<{ readonly value: T; readonly tookMs: number }> {
  const startedAtMs = performance.now()
  return { value: await asked, tookMs: performance.now() - startedAtMs }
}
