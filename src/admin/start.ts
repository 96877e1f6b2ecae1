import { randomBytes } from 'node:crypto'
import { startHttp } from '../http-server.ts'
import { toBase } from '../address.ts'
import type { Log } from '../ops/log.ts'
import type { Admin } from './calls.ts'
import { removeNote, writeNote } from './note.ts'
import { createAdminServer } from './server.ts'

export interface AdminEndpoint {
  stop(): Promise<void>
}

export interface AdminStartOptions {
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
  readonly storeFile: string
  readonly admin: Admin
  readonly log: Log
}

/** How long an answer under way may take when the relay stops. */
const CLOSE_GRACE_MS = 1_000

/**
 * Open the door for the commands of this machine and leave word beside the
 * database how to knock. Never rejects: a relay that cannot be looked into still
 * relays, and the log says why.
 */
export async function startAdmin({ host, port, storeFile, admin, log }: AdminStartOptions): Promise<AdminEndpoint> {
  const token = randomBytes(32).toString('base64url')
  try {
    const http = await startHttp(createAdminServer({ admin, token, log }), { host, port, log })
    const stop = (): Promise<void> => http.close(CLOSE_GRACE_MS)
    try {
      writeNote(storeFile, { url: toBase({ host, port: http.port }), token })
    } catch (error) {
      await stop()
      throw error
    }
    return {
      async stop() {
        removeNote(storeFile)
        await stop()
      },
    }
  } catch (error) {
    log.error({ err: error }, 'admin.unavailable')
    return { stop: () => Promise.resolve() }
  }
}
