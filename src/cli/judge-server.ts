import type { ServerFacts } from '../store/postgres/inspect.ts'
import type { StoreFinding } from './inspect-store.ts'

/** The oldest release the relay was tried with. */
const OLDEST_TRIED = 15

/**
 * What a server's settings mean for a push that was acknowledged: what can be lost, when, and what to change.
 * @see https://www.postgresql.org/docs/18/runtime-config-wal.html (read 2026-11)
 */
export function judgeServer(facts: ServerFacts): readonly StoreFinding[] {
  return [...judgeUse(facts), ...judgeCrash(facts), ...judgeFailover(facts)]
}

function* judgeUse(facts: ServerFacts): Generator<StoreFinding> {
  const check = 'server'
  const major = Math.floor(facts.version / 10_000)
  const release = `Postgres ${major}.${facts.version % 10_000}`
  if (facts.is_standby) {
    const repair = 'name the primary in store.postgres'
    yield { check, verdict: 'wrong', says: `${release} is a read-only standby: nothing can be stored there`, repair }
  } else if (facts.is_read_only) {
    const repair = `set default_transaction_read_only = off for the role ${facts.role}`
    yield { check, verdict: 'wrong', says: `${release} takes no writes from this role`, repair }
  } else if (facts.commitMs === undefined) {
    const repair =
      'see that a standby of synchronous_standby_names is attached, as commits wait for it, and room on the disk'
    yield { check, verdict: 'wrong', says: `${release} answers, but a commit does not come through within 5 s`, repair }
  } else {
    yield { check, verdict: 'ok', says: `${release}; a commit takes ${facts.commitMs.toFixed(1)} ms` }
  }
  if (facts.encoding !== 'UTF8') {
    const repair = "give the relay a database with ENCODING 'UTF8'"
    yield { check, verdict: 'wrong', says: `the database's encoding is ${facts.encoding}`, repair }
  }
  if (major < OLDEST_TRIED) {
    yield { check, verdict: 'hint', says: `the relay was not tried with releases before ${OLDEST_TRIED}` }
  }
}

function* judgeCrash(facts: ServerFacts): Generator<StoreFinding> {
  const check = 'durability'
  const isSafe = facts.fsync === 'on' && facts.synchronous_commit !== 'off'
  if (facts.fsync !== 'on') {
    const says = "fsync is off: when the server's machine crashes, any push can be lost, and the database with it"
    yield { check, verdict: 'wrong', says, repair: 'set fsync = on in postgresql.conf and reload' }
  }
  if (facts.synchronous_commit === 'off') {
    const says = 'synchronous_commit is off: when the server crashes, pushes acknowledged in its last second are lost'
    yield { check, verdict: 'wrong', says, repair: turnOn(facts) }
  }
  if (facts.full_page_writes !== 'on') {
    const says =
      'full_page_writes is off: a power cut can damage the database, unless its file system writes pages whole'
    yield { check, verdict: 'hint', says, repair: 'set full_page_writes = on in postgresql.conf and reload' }
  }
  if (isSafe) yield { check, verdict: 'ok', says: "an acknowledged push is on the server's disk" }
}

function* judgeFailover(facts: ServerFacts): Generator<StoreFinding> {
  const check = 'standby'
  if (facts.is_standby || facts.synchronous_commit === 'off') return
  const { synchronous_standby_names: names, synchronous_commit: level } = facts
  if (names === '' && facts.standbys === 0) {
    const says =
      "no standby is attached: with the server's disk goes what was acknowledged, unless the storage itself is kept twice"
    yield { check, verdict: 'unseen', says }
  } else if (names === '') {
    const says = `no commit waits for a standby (${facts.standbys} attached): a fail-over can lose pushes acknowledged just before it`
    yield { check, verdict: 'hint', says, repair: 'name the standbys in synchronous_standby_names' }
  } else if (level === 'local') {
    const says = 'synchronous_commit is local: a fail-over can lose pushes acknowledged just before it'
    yield { check, verdict: 'hint', says, repair: turnOn(facts) }
  } else if (level === 'remote_write') {
    const says =
      'synchronous_commit is remote_write: a push can be lost if the primary is lost while the machine of the standby crashes'
    yield { check, verdict: 'hint', says, repair: turnOn(facts) }
  } else {
    yield { check, verdict: 'ok', says: 'a commit waits until a standby has it: a fail-over to that one loses no push' }
  }
}

function turnOn({ role }: ServerFacts): string {
  return `set synchronous_commit = on for the server, or for the relay alone: ALTER ROLE ${role} SET synchronous_commit = on`
}
