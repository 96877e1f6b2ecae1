import pg from 'pg'
import type { Holding } from './takeover.ts'

/** What the relays remember, asked past all of them. Everything rejects while the server is away. */
export interface Database {
  /** Who has charge of what, now. */
  holdings(): Promise<readonly Holding[]>
  /** How much is left to do, by what it is; empty if nothing is. */
  debts(): Promise<Readonly<Record<string, number>>>
  /** Events that were skipped, as they came after a newer one of their incident: by id. */
  late(): Promise<ReadonlySet<string>>
  /** Incidents of which something is left to do, or was given up. */
  unfinished(): Promise<readonly string[]>
  /** All that is known of an incident, for whoever has to find out what went wrong. */
  about(incidentId: string): Promise<Readonly<Record<string, readonly unknown[]>>>
  end(): Promise<void>
}

const ANSWER_WITHIN_MS = 5_000

/** The accounts of test/crash/world.ts. */
const ACCOUNT_OF = "CASE destination WHEN 'slack' THEN 'acme-slack' ELSE 'acme-discord' END"
/** A lane whose channel or account is broken is left alone for as long as that takes, whoever held it. */
const LANES = `
  SELECT destination || ' ' || incident_id AS thing, owner, 'account ' || ${ACCOUNT_OF} AS needs FROM lane
  WHERE owner IS NOT NULL AND due_at_ms IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM pause
    WHERE scope IN ('destination:' || destination, 'account:' || ${ACCOUNT_OF}, 'down:' || ${ACCOUNT_OF}))`
const HAS_ACCOUNTS = "SELECT to_regclass('account') IS NOT NULL AS has"
const ACCOUNTS = `SELECT 'account ' || name AS thing, owner FROM account WHERE owner IS NOT NULL`
/** The names are those of the metrics; `held` and `dead` wait for a person, and nothing here needs one. */
const DEBTS = `
  SELECT 'unapplied' AS what, count(*)::int AS count FROM event WHERE state = 'new'
  UNION ALL SELECT 'lanes_due', count(*)::int FROM lane WHERE due_at_ms IS NOT NULL
  UNION ALL SELECT state, count(*)::int FROM delivery WHERE state NOT IN ('done', 'superseded') GROUP BY state`
const LATE = "SELECT id FROM event WHERE state = 'stale'"
const UNFINISHED = `
  SELECT incident_id FROM event WHERE state = 'new'
  UNION SELECT incident_id FROM lane WHERE due_at_ms IS NOT NULL
  UNION SELECT incident_id FROM delivery WHERE state NOT IN ('done', 'superseded')`
const ABOUT = {
  events: 'SELECT seq, id, type, effective_at_ms, received_at_ms, state FROM event WHERE incident_id = $1 ORDER BY seq',
  lanes: 'SELECT * FROM lane WHERE incident_id = $1',
  deliveries:
    'SELECT key, destination, kind, generation, seq, event_id, state, attempts, due_at_ms, sent_at_ms, unclear_at_ms, ref_json, reason, fold_key FROM delivery WHERE incident_id = $1 ORDER BY destination, seq',
} as const

export function createDatabase(url: string): Database {
  let client: pg.Client | undefined
  let before: Promise<unknown> = Promise.resolve()

  /** One after the other, as a connection can do. */
  async function ask<Row extends object>(text: string, params: readonly unknown[] = []): Promise<readonly Row[]> {
    const asked = before.then(() => askNow<Row>(text, params))
    before = asked.catch(() => {})
    return asked
  }

  async function askNow<Row extends object>(text: string, params: readonly unknown[]): Promise<readonly Row[]> {
    client ??= await connect()
    try {
      return (await client.query<Row>(text, [...params])).rows
    } catch (error) {
      forget()
      throw error
    }
  }

  async function connect(): Promise<pg.Client> {
    const made = new pg.Client({ connectionString: url, query_timeout: ANSWER_WITHIN_MS })
    made.on('error', () => {
      if (client === made) forget()
    })
    try {
      await made.connect()
      return made
    } catch (error) {
      void made.end().catch(() => {})
      throw error
    }
  }

  function forget(): void {
    const old = client
    client = undefined
    void old?.end().catch(() => {})
  }

  return {
    async holdings() {
      const lanes = await ask<Holding>(LANES)
      const [has] = await ask<{ has: boolean }>(HAS_ACCOUNTS)
      return has?.has === true ? [...lanes, ...(await ask<Holding>(ACCOUNTS))] : lanes
    },
    async debts() {
      const rows = await ask<{ what: string; count: number }>(DEBTS)
      return Object.fromEntries(rows.filter(({ count }) => count > 0).map(({ what, count }) => [what, count]))
    },
    late: async () => new Set((await ask<{ id: string }>(LATE)).map(({ id }) => id)),
    unfinished: async () => (await ask<{ incident_id: string }>(UNFINISHED)).map((row) => row.incident_id),
    async about(incidentId) {
      const about: Record<string, readonly unknown[]> = {}
      for (const [table, text] of Object.entries(ABOUT)) about[table] = await ask(text, [incidentId])
      return about
    },
    async end() {
      await client?.end().catch(() => {})
    },
  }
}
