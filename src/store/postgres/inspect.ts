import { StoreError } from '../error.ts'
import { loadDriver } from './driver.ts'
import { toOpenError } from './error.ts'

/** What a server says of itself, as far as it concerns whether a row that was committed can be lost. */
export interface ServerFacts {
  /** Such as 180004. */
  readonly version: number
  /** The role we are there. */
  readonly role: string
  readonly encoding: string
  readonly is_standby: boolean
  readonly is_read_only: boolean
  readonly fsync: string
  readonly full_page_writes: string
  /** As it holds for our role in this database. */
  readonly synchronous_commit: string
  readonly synchronous_standby_names: string
  /** Standbys attached now. Who they are is for privileged roles; how many anyone may see. */
  readonly standbys: number
  /** How long a commit takes, ms: the median of five. Absent if one did not come through, or none may be made. */
  readonly commitMs?: number
}

const FACTS = `
  SELECT current_setting('server_version_num')::int AS version, current_user::text AS role,
    current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS is_standby,
    current_setting('transaction_read_only') = 'on' AS is_read_only, current_setting('fsync') AS fsync,
    current_setting('full_page_writes') AS full_page_writes,
    current_setting('synchronous_commit') AS synchronous_commit,
    current_setting('synchronous_standby_names') AS synchronous_standby_names,
    (SELECT count(*)::int FROM pg_stat_replication) AS standbys`
/** Goes to the log of the server, which a commit waits for, and leaves no trace in any table. */
const COMMIT = "SELECT pg_logical_emit_message(true, 'incident_relay', '')"
const COMMITS = 5

/** Who looks wants to know soon. A commit waits for ever for a synchronous standby that is not there. */
const ANSWER_WITHIN_MS = 5_000

/** Ask the server that `url` names. Rejects with a {@link StoreError} if it cannot be asked. */
export async function askServer(url: string): Promise<ServerFacts> {
  const driver = await loadDriver()
  const limits = { connectionTimeoutMillis: ANSWER_WITHIN_MS, query_timeout: ANSWER_WITHIN_MS }
  const client = new driver.Client({ connectionString: url, application_name: 'incident-relay check', ...limits })
  // Told to whoever asks next.
  client.on('error', () => {})
  try {
    await client.connect()
    const [facts] = (await client.query<Omit<ServerFacts, 'commitMs'>>(FACTS)).rows
    if (facts === undefined) throw new StoreError('bug', 'Postgres gave no row')
    const commitMs = facts.is_standby ? undefined : await timeCommit(() => client.query(COMMIT))
    return { ...facts, ...(commitMs !== undefined && { commitMs }) }
  } catch (error) {
    throw toOpenError(error)
  } finally {
    void client.end().catch(() => {})
  }
}

async function timeCommit(commit: () => Promise<unknown>): Promise<number | undefined> {
  const tookMs: number[] = []
  try {
    for (let count = 0; count < COMMITS; count++) {
      const startedAtMs = performance.now()
      await commit()
      tookMs.push(performance.now() - startedAtMs)
    }
  } catch {
    // It takes none now: what it says of itself tells why.
    return undefined
  }
  return tookMs.toSorted((a, b) => a - b)[COMMITS >> 1]
}
