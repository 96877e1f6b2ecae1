import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Circuits } from '../../../src/delivery/circuit.ts'
import { subject, type Outlet } from '../../../src/delivery/held.ts'
import { createLearnt } from '../../../src/delivery/learnt.ts'
import { createOwners, type Owners } from '../../../src/delivery/owners.ts'
import { Pace } from '../../../src/delivery/pace.ts'
import { createStorms } from '../../../src/delivery/storm.ts'
import { platforms } from '../../../src/platform/index.ts'
import type { Platform } from '../../../src/platform/platform.ts'
import type { LeaveRequest, Ledger, Owned, OwnedAccount, OwnRequest } from '../../../src/store/ledger.ts'
import type { Pause } from '../../../src/store/store.ts'
import { TestClock } from '../../contract/test-clock.ts'

const T = 1_763_900_000_000
/** What an account is owned for, and the longest a call takes: none is begun later than the difference. */
const LEASE_MS = 22_000
const CALL_MS = 11_000
const RENEWED_EVERY_MS = 3_000

let platform: Platform
let clock: TestClock
let pace: Pace
let circuits: Circuits
let owners: Owners
let outlets: Map<string, Outlet>
let told: string[]
/** Accounts that have something under way. */
let busy: Set<string>
let pauses: Pause[]
/** What the ledger says next; undefined while it cannot be asked. */
let answer: (Pick<OwnedAccount, 'name'> & Partial<OwnedAccount>)[] | undefined
let asked: OwnRequest[]
let left: LeaveRequest[]
let hint: () => void

beforeEach(async () => {
  const options = { token: 'xoxb-not-used', callTimeoutMs: 1, people: new Map<string, string>(), log: () => {} }
  platform = await platforms.slack(options)
  clock = new TestClock(T)
  outlets = new Map(['bot', 'acme'].map((account) => [`to ${account}`, outletOf(account)]))
  told = []
  busy = new Set()
  pauses = []
  asked = []
  left = []
  pace = new Pace()
  const store = {
    pauses: async () => (answer === undefined ? Promise.reject(new Error('away')) : pauses),
    pause: async (pause: Pause) => void pauses.push(pause),
    shift: async () => {},
    backlog: async () => ({ groups: [], isTold: false }),
    accept: async () => ({ result: 'accepted', conflict: false, latestAtMs: 0 }) as const,
  }
  circuits = new Circuits(store)
  const storms = createStorms({ store, outlets: () => outlets, stormAfter: () => 9, toBoardPush: String, hash: String })
  const ledger: Ledger = {
    async own(request): Promise<Owned> {
      asked.push(request)
      if (answer === undefined) throw new Error('away')
      return { accounts: answer.map((one) => ({ turn: 1, isLeaving: false, unsure: 0, ...one })), isContested: false }
    },
    leave: async (request) => void left.push(request),
    watch: (listener) => (hint = listener),
  }
  owners = createOwners({
    ledger,
    owner: 'me',
    clock,
    outlets: () => outlets,
    pace,
    learnt: createLearnt({ store, clock, outlets: () => outlets, pace, circuits, storms }),
    report: {
      told: (event, { account }) => void told.push(`${event} ${account}`),
      warned: (event, { account }) => void told.push(`${event} ${account}`),
      failed: (event) => void told.push(event),
    },
    isIdle: (account) => !busy.has(account),
    onGain: () => {},
  })
})
afterEach(async () => {
  await owners.leave()
  await platform.stop()
})

function outletOf(account: string): Outlet {
  return { destination: `to ${account}`, account, channel: 'C1', platform }
}

async function own(accounts: typeof answer): Promise<void> {
  answer = accounts
  const before = asked.length
  if (before === 0) await owners.start()
  else {
    hint()
    while (asked.length === before) await turn()
  }
  await quiet()
}

async function quiet(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await turn()
}

/** The time goes on, in steps in which everything is done that is due. */
async function pass(ms: number): Promise<void> {
  const endMs = clock.nowMs + ms
  while (clock.nowMs < endMs) {
    clock.moveTo(Math.min(endMs, Math.max(clock.nowMs + 1, clock.nextMs ?? endMs)))
    await quiet()
  }
}

const served = () => [...owners.outlets().keys()]
const edit = (account: string) => subject(outletOf(account), 'edit')
const spentOf = (request: OwnRequest | undefined, account: string) =>
  request?.accounts.find(({ name }) => name === account)?.spent

describe('accounts of which others may own some', () => {
  it('are served as soon as they are owned, and no other', async () => {
    expect(served()).toEqual([])
    await own([{ name: 'bot' }])
    expect(served()).toEqual(['to bot'])
    expect([owners.mayCall('bot'), owners.mayCall('acme')]).toEqual([true, false])
    expect(asked[0]?.accounts).toEqual([{ name: 'bot' }, { name: 'acme' }])
    await own([{ name: 'bot' }, { name: 'acme' }])
    expect(served()).toEqual(['to bot', 'to acme'])
    expect(told).toEqual(['account.gained bot', 'account.gained acme'])
  })

  it('are asked for again long before the lease is over', async () => {
    await own([{ name: 'bot' }])
    await pass(60_000)
    expect(served()).toEqual(['to bot'])
    expect(asked.length).toBe(1 + 60_000 / RENEWED_EVERY_MS)
    expect(told).toEqual(['account.gained bot'])
  })

  it('are not called when a call might outlive the lease, and are as before if nobody else had them', async () => {
    await own([{ name: 'bot' }])
    for (let call = 0; call < 48; call++) pace.take(edit('bot'), clock.nowMs)
    answer = undefined
    await pass(LEASE_MS - CALL_MS)
    expect([served(), owners.mayCall('bot')]).toEqual([[], true])
    await pass(1)
    expect([served(), owners.mayCall('bot')]).toEqual([[], false])
    await pass(LEASE_MS)
    answer = [{ name: 'bot' }]
    await pass(RENEWED_EVERY_MS)
    expect([served(), owners.mayCall('bot')]).toEqual([['to bot'], true])
    expect(pace.readyAtMs(edit('bot'), clock.nowMs)).toBe(T + 60_500)
    expect(told).toEqual(['account.gained bot', 'account.renewal_failed'])
  })

  it('are begun with all that the owner before knew', async () => {
    const before = new Pace()
    for (let call = 0; call < 48; call++) before.take(edit('bot'), T - 30_000)
    const hold = before.hold(subject(outletOf('bot'), 'card'), T + 70_000)
    pauses = [
      { scope: 'destination:to bot', reason: 'not_in_channel', untilMs: T + 50_000, failures: 3 },
      { scope: 'destination:to acme', reason: 'not_in_channel', untilMs: T + 50_000, failures: 3 },
      { scope: `pace:${hold?.bucket}`, reason: 'rate_limited', untilMs: T + 70_000, failures: 1 },
    ]
    await own([{ name: 'bot', spent: JSON.stringify(before.spent('bot', T)) }])
    expect(pace.readyAtMs(edit('bot'), T)).toBe(T + 30_500)
    expect(pace.readyAtMs(edit('acme'), T)).toBe(T)
    expect(pace.readyAtMs(subject(outletOf('bot'), 'card'), T)).toBe(T + 70_000)
    expect(circuits.openUntilMs(outletOf('bot'), T)).toBe(T + 50_000)
    expect(circuits.openUntilMs(outletOf('acme'), T)).toBeUndefined()
  })

  it('count calls that the owner before may have made and could not tell of', async () => {
    await own([{ name: 'bot', unsure: 8 }])
    for (let call = 0; call < 39; call++) pace.take(edit('bot'), T)
    expect(pace.readyAtMs(edit('bot'), T)).toBe(T)
    pace.take(edit('bot'), T)
    expect(pace.readyAtMs(edit('bot'), T)).toBe(T + 60_500)
  })

  it('are begun with nothing where what was told cannot be read', async () => {
    await own([
      { name: 'bot', spent: '{"calls":7}' },
      { name: 'acme', spent: 'no JSON' },
    ])
    expect(served()).toEqual(['to bot', 'to acme'])
  })

  it('are not served before what is known of them could be read', async () => {
    pauses = [{ scope: 'account:bot', reason: 'invalid_auth', untilMs: T + 50_000, failures: 3 }]
    answer = undefined
    await owners.start()
    expect(served()).toEqual([])
    await own([{ name: 'bot' }])
    expect(served()).toEqual(['to bot'])
    expect(circuits.openUntilMs(outletOf('bot'), T)).toBe(T + 50_000)
  })

  it('are left when another is to have them: nothing more is begun, and they go when nothing is under way', async () => {
    await own([{ name: 'bot' }, { name: 'acme' }])
    busy.add('bot')
    await own([{ name: 'bot', isLeaving: true }, { name: 'acme' }])
    expect([served(), owners.mayCall('bot')]).toEqual([['to acme'], true])
    expect(asked.at(-1)?.letGo).toEqual([])
    pace.take(edit('bot'), clock.nowMs)
    busy.delete('bot')
    answer = [{ name: 'acme' }]
    owners.ended('bot')
    await quiet()
    expect(asked.at(-1)?.letGo).toEqual([{ name: 'bot', spent: expect.stringContaining(String(T)) }])
    expect(told).toContain('account.let_go bot')
    expect(pace.readyAtMs(edit('bot'), T)).toBe(T)
  })

  it('are forgotten when another took them, and new when they come back', async () => {
    await own([{ name: 'bot' }])
    for (let call = 0; call < 48; call++) pace.take(edit('bot'), T)
    await own([])
    expect(told).toContain('account.taken bot')
    expect(served()).toEqual([])
    await own([{ name: 'bot', turn: 3 }])
    expect(pace.readyAtMs(edit('bot'), T)).toBe(T)
    // Another had it between two of our questions.
    for (let call = 0; call < 48; call++) pace.take(edit('bot'), T)
    await own([{ name: 'bot', turn: 5 }])
    expect(pace.readyAtMs(edit('bot'), T)).toBe(T)
  })

  it('are told of before many calls are untold that count for long', async () => {
    await own([{ name: 'bot' }])
    const call = (operation: 'card' | 'edit') => {
      pace.take(subject(outletOf('bot'), operation), clock.nowMs)
      owners.took(subject(outletOf('bot'), operation))
    }
    const before = asked.length
    for (let calls = 0; calls < 20; calls++) call('card')
    for (let calls = 0; calls < 3; calls++) call('edit')
    await quiet()
    expect(asked).toHaveLength(before)
    call('edit')
    await quiet()
    expect(asked).toHaveLength(before + 1)
    expect(spentOf(asked.at(-1), 'bot')).toContain('edit')
    for (let calls = 0; calls < 3; calls++) call('edit')
    await quiet()
    expect(asked).toHaveLength(before + 1)
  })

  it('go at once when this process leaves, but for those with calls under way, which go after them', async () => {
    await own([{ name: 'bot' }, { name: 'acme' }])
    busy.add('bot')
    await owners.leave()
    expect(left.at(-1)?.letGo.map(({ name }) => name)).toEqual(['acme'])
    expect(owners.mayCall('bot')).toBe(true)
    busy.delete('bot')
    await owners.leave()
    expect(left.at(-1)?.letGo.map(({ name }) => name)).toEqual(['bot'])
  })

  it('go when the configuration no longer names them', async () => {
    await own([{ name: 'bot' }, { name: 'acme' }])
    outlets.delete('to bot')
    answer = [{ name: 'acme' }]
    await pass(RENEWED_EVERY_MS)
    expect(asked.at(-1)).toMatchObject({ accounts: [{ name: 'acme' }], letGo: [{ name: 'bot' }] })
  })
})
