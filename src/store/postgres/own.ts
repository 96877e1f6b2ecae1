import {
  ACCOUNT_LEASE_MS,
  UNTOLD_CALLS,
  type LeaveRequest,
  type LetGo,
  type Owned,
  type OwnRequest,
} from '../ledger.ts'
import { present } from '../sql/rows.ts'
import type { Done, Steps } from '../sql/steps.ts'
import { divide } from './divide.ts'

/** Which part of what is to be done by one of them alone is a replica's: the `place`th of `of` parts, from 0 on. */
export interface Share {
  readonly place: number
  readonly of: number
}

/**
 * A replica says that it is there every 3 s. After two that are missing the others no longer leave anything to it; what it
 * holds is its own until the lease ends.
 */
const SEEN_WITHIN_MS = 8_000
/** Rows of replicas that are no more are nothing but litter. */
const FORGET_AFTER_MS = 60_000

/*
 * Each statement is a transaction of its own, so that a replica which stops in between keeps nobody waiting. What was read
 * may be out of date when it is acted on: then accounts are not shared out evenly, which the next call puts right. Whether
 * an account may be had is decided in the statement that takes it.
 */
const CLOCK = `clock AS MATERIALIZED (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms)`
const BEAT = `
  WITH ${CLOCK}, beat AS (
    INSERT INTO replica (name, seen_at_ms, accounts) SELECT $1, now_ms, $2::text[] FROM clock
    ON CONFLICT (name) DO UPDATE SET seen_at_ms = excluded.seen_at_ms, accounts = excluded.accounts
  ), gone AS (
    DELETE FROM replica WHERE name IN (
      SELECT name FROM replica CROSS JOIN clock WHERE name <> $1 AND seen_at_ms < now_ms - ${FORGET_AFTER_MS}
      ORDER BY name FOR UPDATE OF replica SKIP LOCKED
    )
  )
  SELECT name, accounts FROM replica CROSS JOIN clock
  WHERE name <> $1 AND seen_at_ms > now_ms - ${SEEN_WITHIN_MS} ORDER BY name`
interface ReplicaRow {
  readonly name: string
  readonly accounts: readonly string[]
}
const HELD = `
  WITH ${CLOCK}
  SELECT name, owner, lease_until_ms - now_ms AS left_ms FROM account CROSS JOIN clock
  WHERE owner IS NOT NULL AND lease_until_ms > now_ms`
interface HeldRow {
  readonly name: string
  readonly owner: string
  readonly left_ms: number
}
/** Keep what is ours and take what is free; what somebody else has is left out. Row after row in one order, as several do so. */
const KEEP = `
  WITH ${CLOCK}
  INSERT INTO account AS a (name, owner, turn, lease_until_ms, spent_json, unsure)
  SELECT name, $1, 1, now_ms + ${ACCOUNT_LEASE_MS}, spent_json, 0
  FROM unnest($2::text[], $3::text[]) AS wanted (name, spent_json) CROSS JOIN clock ORDER BY name
  ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, lease_until_ms = excluded.lease_until_ms,
    turn = CASE WHEN a.owner = excluded.owner THEN a.turn ELSE a.turn + 1 END,
    spent_json = CASE WHEN a.owner = excluded.owner THEN coalesce(excluded.spent_json, a.spent_json) ELSE a.spent_json END,
    unsure = CASE
      WHEN a.owner IS NULL THEN a.unsure
      WHEN a.owner <> excluded.owner THEN a.unsure + ${UNTOLD_CALLS}
      WHEN excluded.spent_json IS NULL THEN a.unsure
      ELSE 0
    END
  WHERE a.owner IS NULL OR a.owner = excluded.owner OR a.lease_until_ms <= excluded.lease_until_ms - ${ACCOUNT_LEASE_MS}
  RETURNING name, turn, spent_json, unsure`
interface KeptRow {
  readonly name: string
  readonly turn: number
  readonly spent_json: string | null
  readonly unsure: number
}
const LET_GO = `
  UPDATE account SET owner = NULL, spent_json = gone.spent_json, unsure = 0
  FROM unnest($2::text[], $3::text[]) AS gone (name, spent_json) WHERE account.name = gone.name AND owner = $1`
const FORGET = 'DELETE FROM replica WHERE name = $1'

/** See {@link Ledger.own}, and the replica's share of what is not of an account. Carried out twice it comes to the same. */
export function* own({ replica, accounts, letGo }: OwnRequest): Steps<{ owned: Owned; share: Share }> {
  const names = accounts.map(({ name }) => name)
  const { rows: seen }: Done = yield { sql: BEAT, params: [replica, names] }
  const others = new Map((seen as readonly ReplicaRow[]).map((row) => [row.name, row.accounts]))
  if (letGo.length > 0) yield* giveBack(replica, letGo)
  const { rows: taken }: Done = yield { sql: HELD, params: [] }
  const held = new Map((taken as readonly HeldRow[]).map(({ name, owner }) => [name, owner]))
  const { take, leave: leaving } = divide({ me: replica, accounts: names, others, held })
  const wanted = accounts.filter(({ name }) => held.get(name) === replica || take.includes(name))
  const kept = wanted.length === 0 ? [] : yield* keep(replica, wanted)
  const foreign = (taken as readonly HeldRow[]).filter(({ name, owner }) => owner !== replica && names.includes(name))
  const places = [replica, ...others.keys()].toSorted()
  return {
    owned: {
      accounts: kept.map(({ name, turn, spent_json: spent, unsure }) => {
        return { name, turn, isLeaving: leaving.includes(name), unsure, ...present('spent', spent) }
      }),
      ...(foreign.length > 0 && { freeInMs: Math.min(...foreign.map(({ left_ms: leftMs }) => leftMs)) }),
      isContested: kept.length < wanted.length,
    },
    share: { place: places.indexOf(replica), of: places.length },
  }
}

/** See {@link Ledger.leave}. */
export function* leave({ replica, letGo }: LeaveRequest): Steps<void> {
  yield { sql: FORGET, params: [replica] }
  if (letGo.length > 0) yield* giveBack(replica, letGo)
}

function* keep(replica: string, wanted: OwnRequest['accounts']): Steps<readonly KeptRow[]> {
  const { rows }: Done = yield {
    sql: KEEP,
    params: [replica, wanted.map(({ name }) => name), wanted.map(({ spent }) => spent ?? null)],
  }
  return rows as readonly KeptRow[]
}

function* giveBack(replica: string, letGo: readonly LetGo[]): Steps<void> {
  yield { sql: LET_GO, params: [replica, letGo.map(({ name }) => name), letGo.map(({ spent }) => spent)] }
}
