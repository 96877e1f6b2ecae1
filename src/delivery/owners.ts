import * as v from 'valibot'
import { ACCOUNT_LEASE_MS, UNTOLD_CALLS, type Ledger, type OwnedAccount } from '../store/ledger.ts'
import type { Clock } from './clock.ts'
import { LONGEST_CALL_MS, type Outlet } from './held.ts'
import type { Learnt } from './learnt.ts'
import type { Pace, Spent, Subject } from './pace.ts'
import type { Report } from './report.ts'

export interface OwnersOptions {
  /** Undefined where no other process has the store: then all accounts are ours. */
  readonly ledger: Ledger | undefined
  /** Names this process. */
  readonly owner: string
  readonly clock: Clock
  /** Everything the configuration leads to. */
  readonly outlets: () => ReadonlyMap<string, Outlet>
  readonly pace: Pace
  readonly learnt: Pick<Learnt, 'resume' | 'forget' | 'hasten'>
  readonly report: Pick<Report, 'told' | 'warned' | 'failed'>
  /** Nothing is under way through the account. */
  readonly isIdle: (account: string) => boolean
  /** There is an account more to serve. */
  readonly onGain: () => void
}

/** The accounts that this process may use, of those it could. */
export interface Owners {
  /** Where the destinations lead that may be served. The same map until something changes. */
  outlets(): ReadonlyMap<string, Outlet>
  /** Whether a call that is made now ends while the account is ours. */
  mayCall(account: string): boolean
  /** A call is counted against its budgets. */
  took(subject: Subject): void
  /** A lane of the account was let go. */
  ended(account: string): void
  /** Own what there is to own, from now on. Resolves when that is known for the first time. */
  start(): Promise<void>
  /** Take nothing more, and let go of what has nothing under way: at once, so that others need not wait for the rest. */
  leave(): Promise<void>
}

/** Seven times before the lease is over, and three before no call is made any more. */
const RENEW_EVERY_MS = 3_000
/** After the ledger could not be asked, which is tried for a second each time. */
const RECOVERY_MS = 1_000
/** Another took what we wanted: what is left is looked at when it is through. */
const CONTEST_MS = 100
/** A lease that is over by the server's clock. */
const PAST_MS = 20
/** So many calls make it worth to tell: telling takes some ms, and meanwhile as many more may be made. */
const TELL_AFTER_CALLS = UNTOLD_CALLS / 2
/** Whoever takes over from a holder that went without a word meets none of its calls that is younger. */
const FORGOTTEN_AFTER_MS = ACCOUNT_LEASE_MS - LONGEST_CALL_MS

interface Holding {
  readonly turn: number
  readonly untilMs: number
  readonly isLeaving: boolean
}

/** See {@link Owners}. */
export function createOwners(options: OwnersOptions): Owners {
  const { ledger, outlets, learnt } = options
  if (ledger !== undefined) return ownByLedger({ ...options, ledger })
  const nothing = (): void => {}
  return {
    outlets,
    mayCall: () => true,
    took: nothing,
    ended: nothing,
    start: () => learnt.resume(),
    leave: async () => {},
  }
}

/**
 * Own accounts by the ledger: one process has an account at a time, so that its budgets are kept however many there are.
 * What is known of an account is taken over before anything is claimed, and forgotten when it is lost.
 */
function ownByLedger(options: OwnersOptions & { readonly ledger: Ledger }): Owners {
  const { ledger, owner: replica, clock, pace, learnt, report } = options
  const holdings = new Map<string, Holding>()
  /** Calls made since they were last told of, where they count for longer than the next holder would wait anyway. */
  const untold = new Map<string, number>()
  let served: { from: ReadonlyMap<string, Outlet>; untilMs: number; outlets: ReadonlyMap<string, Outlet> } | undefined
  let isStopping = false
  let isFailing = false
  let bell = new AbortController()
  let loop: Promise<void> = Promise.resolve()

  /** Ask, and give when to ask again. */
  async function renew(): Promise<number> {
    const askedAtMs = clock.now()
    const known = new Set([...options.outlets().values()].map(({ account }) => account))
    const gone = [...holdings.keys()].filter((name) => isLeaving(name, known) && options.isIdle(name))
    const telling = new Map(untold)
    const accounts = [...new Set([...known, ...holdings.keys()])]
      .filter((name) => known.has(name) || !gone.includes(name))
      .map((name) => ({ name, ...(holdings.has(name) && !gone.includes(name) && { spent: toSpent(name) }) }))
    const letGo = gone.map((name) => ({ name, spent: toSpent(name) }))
    const owned = await ledger.own({ replica, accounts, letGo })
    for (const name of gone) lose(name, 'account.let_go')
    for (const [name, calls] of telling) untold.set(name, (untold.get(name) ?? 0) - calls)
    await take(owned.accounts, askedAtMs + ACCOUNT_LEASE_MS)
    if (await learnt.hasten()) options.onGain()
    const waitMs = owned.isContested ? CONTEST_MS : Math.min(RENEW_EVERY_MS, (owned.freeInMs ?? Infinity) + PAST_MS)
    // What is to be let go and has nothing under way is let go now.
    const isOver = [...holdings.keys()].some((name) => isLeaving(name, known) && options.isIdle(name))
    return isOver ? askedAtMs : clock.now() + waitMs
  }

  async function take(accounts: readonly OwnedAccount[], untilMs: number): Promise<void> {
    const kept = new Set(accounts.map(({ name }) => name))
    for (const name of holdings.keys()) if (!kept.has(name)) lose(name, 'account.taken')
    for (const account of accounts) {
      const { name, turn, isLeaving: mustLeave } = account
      const before = holdings.get(name)
      const isNew = before?.turn !== turn
      // Nobody else had it, but it was not served for a while.
      const isBack = before !== undefined && clock.now() > endOf(before)
      if (isNew) await prepare(account)
      set(name, { turn, untilMs, isLeaving: mustLeave })
      if (isNew) report.told('account.gained', { account: name })
      if (isNew || isBack) options.onGain()
    }
  }

  /** If it fails, the account is not served, and is new again next time. */
  async function prepare({ name, spent, unsure }: OwnedAccount): Promise<void> {
    if (holdings.has(name)) lose(name, 'account.taken')
    learnt.forget(name)
    await learnt.resume([name])
    if (spent !== undefined) pace.takeOver(readSpent(spent))
    const budgets = windowsOf(name)
    for (let call = 0; call < unsure; call++) pace.take({ account: name, channel: '', budgets }, clock.now())
    untold.delete(name)
  }

  /** The windows that are counted for the whole account, whatever the operation. */
  function windowsOf(account: string): Subject['budgets'] {
    const outlet = [...options.outlets().values()].find((one) => one.account === account)
    const all = Object.values(outlet?.platform.budgets ?? {}).flat()
    return all.filter(
      ({ kind, scope, name }, at) =>
        kind === 'window' &&
        scope === 'account' &&
        at === all.findIndex((one) => one.scope === scope && one.name === name),
    )
  }

  function lose(name: string, event: 'account.let_go' | 'account.taken'): void {
    set(name, undefined)
    learnt.forget(name)
    if (event === 'account.let_go') report.told(event, { account: name })
    else report.warned(event, { account: name })
  }

  function set(name: string, holding: Holding | undefined): void {
    served = undefined
    if (holding === undefined) holdings.delete(name)
    else holdings.set(name, holding)
  }

  function isLeaving(name: string, known: ReadonlySet<string>): boolean {
    return holdings.get(name)?.isLeaving === true || !known.has(name)
  }

  function toSpent(name: string): string {
    return JSON.stringify(pace.spent(name, clock.now()))
  }

  async function run(): Promise<void> {
    while (!isStopping) {
      bell = new AbortController()
      const atMs = await renew().then(succeeded, failed)
      await clock.waitUntil(atMs, bell.signal)
    }
  }

  function succeeded(atMs: number): number {
    isFailing = false
    return atMs
  }

  function failed(error: unknown): number {
    // Once, however long it lasts: the worker tells each time.
    if (!isFailing) report.failed('account.renewal_failed', error)
    isFailing = true
    return clock.now() + RECOVERY_MS
  }

  function endOf({ untilMs }: Holding): number {
    return untilMs - LONGEST_CALL_MS
  }

  ledger.watch(() => bell.abort())

  return {
    outlets() {
      const from = options.outlets()
      const nowMs = clock.now()
      if (served?.from === from && nowMs < served.untilMs) return served.outlets
      const mine = [...holdings].filter(([, holding]) => !holding.isLeaving && endOf(holding) > nowMs)
      const names = new Set(mine.map(([name]) => name))
      const outlets = new Map([...from].filter(([, { account }]) => names.has(account)))
      served = { from, untilMs: Math.min(Infinity, ...mine.map(([, holding]) => endOf(holding))), outlets }
      return outlets
    },
    mayCall(account) {
      const holding = holdings.get(account)
      return holding !== undefined && clock.now() <= endOf(holding)
    },
    took({ account, budgets }) {
      if (!budgets.some(({ perMs }) => perMs > FORGOTTEN_AFTER_MS)) return
      const calls = (untold.get(account) ?? 0) + 1
      untold.set(account, calls)
      if (calls === TELL_AFTER_CALLS) bell.abort()
    },
    ended(account) {
      if (holdings.get(account)?.isLeaving === true && options.isIdle(account)) bell.abort()
    },
    async start() {
      bell = new AbortController()
      const atMs = await renew().then(succeeded, failed)
      loop = clock.waitUntil(atMs, bell.signal).then(run)
    },
    async leave() {
      isStopping = true
      bell.abort()
      await loop
      const letGo = [...holdings.keys()].filter(options.isIdle).map((name) => ({ name, spent: toSpent(name) }))
      for (const { name } of letGo) lose(name, 'account.let_go')
      // If it cannot be told, the leases end by themselves.
      await ledger.leave({ replica, letGo }).catch(() => {})
    },
  }
}

const SpentJson = v.object({
  calls: v.record(v.string(), v.array(v.number())),
  fullAtMs: v.record(v.string(), v.number()),
  longestMs: v.number(),
})

/** Another release may write it otherwise: then nothing is known. */
function readSpent(json: string): Spent {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), SpentJson), json)
  return read.success ? read.output : { calls: {}, fullAtMs: {}, longestMs: 0 }
}
