import type { Config } from '../config/schema.ts'
import type { Verdict } from '../platform/inspect.ts'
import { StoreError } from '../store/error.ts'
import { askServer } from '../store/postgres/inspect.ts'
import { judgeServer } from './judge-server.ts'

/** One thing about the database that was looked at. */
export interface StoreFinding {
  readonly check: 'server' | 'durability' | 'standby'
  readonly verdict: Verdict
  readonly says: string
  readonly repair?: string
}

/** Look at a database that is a server: whether it can be used, and whether it can lose what it acknowledged. */
export async function inspectStore(store: Config['store']): Promise<readonly StoreFinding[]> {
  if ('sqlite' in store) return []
  try {
    return judgeServer(await askServer(store.postgres))
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    const says = error.message
    const repair = 'start the server, or correct store.postgres; pushes are kept in store.spool meanwhile'
    return [{ check: 'server', verdict: 'wrong', says, ...(error.reason === 'unavailable' && { repair }) }]
  }
}
