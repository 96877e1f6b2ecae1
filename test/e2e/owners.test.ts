import { describe, expect, it, vi } from 'vitest'
import { createDatabase, query } from '../postgres/database.ts'
import { createProxy } from '../postgres/proxy.ts'
import { createPostgresWorld, disk, isSame, twiceEach, type PostgresWorld } from './postgres-world.ts'
import type { RelayProcess } from './relay.ts'

// Several relays that wait for the ends of leases, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 })

/** New incidents are shown so soon after the owner of their account was killed. */
const TAKEOVER_MS = 35_000
/** So soon after it was asked to stop. */
const HAND_OVER_MS = 7_000
/** A call is begun only if it ends, at its time-out, before the account's lease. */
const LAST_CALL_MS = 22_000 - 10_000

const ACCOUNTS: Readonly<Record<string, string>> = {
  slack: 'acme-slack',
  'slack-payments': 'acme-slack',
  discord: 'acme-discord',
  forum: 'acme-discord',
}

interface Call {
  readonly account: string
  readonly relay: number
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly reason: string | null
}

/** Every call to chat, by when it was begun. */
function callsOf(relays: readonly RelayProcess[]): readonly Call[] {
  return relays
    .flatMap((relay, index) =>
      [...relay.output().matchAll(/^\{.*"delivery\.attempted"\}$/gm)].map(([line]) => {
        const { time, destination, duration_ms, reason } = JSON.parse(line) as Readonly<Record<string, string | number>>
        const endedAtMs = typeof time === 'number' ? time : Date.parse(String(time))
        return {
          account: ACCOUNTS[String(destination)] ?? '',
          relay: index,
          startedAtMs: endedAtMs - Number(duration_ms),
          endedAtMs,
          reason: reason as string | null,
        }
      }),
    )
    .toSorted((a, b) => a.startedAtMs - b.startedAtMs)
}

/** Who called an account, one after the other. */
function ownersOf(account: string, calls: readonly Call[]): readonly number[] {
  const relays = calls.filter((call) => call.account === account).map(({ relay }) => relay)
  return relays.filter((relay, index) => relay !== relays[index - 1])
}

/** A call that was begun while another replica still had one of the same account under way. */
function overlapping(calls: readonly Call[]): readonly Call[] {
  return calls.filter((call) =>
    calls.some(
      (other) =>
        other.account === call.account &&
        other.relay !== call.relay &&
        other.startedAtMs <= call.startedAtMs &&
        other.endedAtMs > call.startedAtMs,
    ),
  )
}

/** Start relays until each account has one of its own. Gives the owner of Slack first. */
async function startPair(url: string, world: PostgresWorld, firstUrl = url): Promise<[RelayProcess, RelayProcess]> {
  const first = await world.up({ env: { DATABASE_URL: firstUrl } })
  await first.printed(/"acme-slack".*"account\.gained"/)
  await first.printed(/"acme-discord".*"account\.gained"/)
  const second = await world.up()
  // The last by name goes to whoever has fewer.
  await second.printed(/"acme-slack".*"account\.gained"/, 30_000)
  return [second, first]
}

async function settled(url: string): Promise<void> {
  const owed = "SELECT 1 FROM lane WHERE due_at_ms IS NOT NULL UNION ALL SELECT 1 FROM event WHERE state = 'new'"
  while ((await query(url, owed)).length > 0) await new Promise((resolve) => setTimeout(resolve, 200))
}

async function pushAll(relay: RelayProcess, indexes: readonly number[], state: string): Promise<void> {
  const nowMs = Date.now()
  const answers = await Promise.all(indexes.map((index) => relay.push(disk(index, state, nowMs))))
  expect(answers.map(({ status }) => status)).toEqual(indexes.map(() => 200))
}

function repliesIn(world: PostgresWorld): readonly number[] {
  return world.sandbox.slack.channel('payments').messages.map(({ thread }) => thread.length)
}

function tell(what: string, ms: number): void {
  process.stdout.write(`${what}: ${Math.round(ms)} ms\n`)
}

const titles = (indexes: readonly number[], state: string) =>
  twiceEach(indexes.map((index) => `Disk ${index} ${state}`))
const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index)

describe('several relays', () => {
  it('call an account from one of them at a time, within its budgets, while some come and some go', async () => {
    const url = await createDatabase()
    const world = await createPostgresWorld(url, { limits: true })
    const first = await world.up()
    await pushAll(first, upTo(12), 'full')
    const second = await world.up()
    const third = await world.up()
    await second.printed(/"account\.gained"/, 30_000)
    await pushAll(third, upTo(12), 'mended')
    await pushAll(second, upTo(6, 20), 'full')
    expect(await first.kill('SIGTERM')).toBe(0)
    const wanted = new Map([...titles(upTo(12), 'mended'), ...titles(upTo(6, 20), 'full')])
    await world.until(() => isSame(world.cards(), wanted), 90_000)
    await settled(url)
    const calls = callsOf([first, second, third])
    expect(overlapping(calls)).toEqual([])
    // Whoever let an account go did not have it again.
    for (const account of new Set(Object.values(ACCOUNTS))) {
      const owners = ownersOf(account, calls)
      expect(owners).toEqual([...new Set(owners)])
      expect(owners.length).toBeGreaterThan(1)
    }
    expect(calls.filter(({ reason }) => reason === 'rate_limited')).toEqual([])
    expect(repliesIn(world)).toEqual(world.sandbox.slack.channel('payments').messages.map((_, at) => (at < 12 ? 1 : 0)))
  })

  it('show new incidents 35 s after the owner of their account was killed', async () => {
    const url = await createDatabase()
    const world = await createPostgresWorld(url)
    const [owner, other] = await startPair(url, world)
    await pushAll(other, upTo(3), 'full')
    await world.until(() => isSame(world.cards(), titles(upTo(3), 'full')), 30_000)
    await pushAll(owner, upTo(3), 'mended')
    await owner.kill('SIGKILL')
    const killedAtMs = performance.now()
    await pushAll(other, upTo(2, 10), 'full')
    const shown = () => world.cards().get('Disk 10 full') === 2 && world.cards().get('Disk 11 full') === 2
    await world.until(shown, TAKEOVER_MS + 10_000)
    const tookOverMs = performance.now() - killedAtMs
    tell('new incidents shown after kill -9', tookOverMs)
    expect(tookOverMs).toBeLessThan(TAKEOVER_MS)
    await world.until(
      () => isSame(world.cards(), new Map([...titles(upTo(3), 'mended'), ...titles(upTo(2, 10), 'full')])),
      60_000,
    )
  })

  it('hand an account over within seconds when its owner is asked to stop', async () => {
    const url = await createDatabase()
    const world = await createPostgresWorld(url)
    const [owner, other] = await startPair(url, world)
    await pushAll(other, upTo(5), 'full')
    const stoppedAtMs = Date.now()
    const ended = owner.kill('SIGTERM')
    await pushAll(other, upTo(5, 10), 'full')
    // It had the account once before, until the other one came.
    await other.printed(/(?:"acme-slack"[^\n]*"account\.gained"[^\n]*\n[\s\S]*){2}/)
    const line =
      /.*"acme-slack".*"account\.gained".*/.exec(other.output().split('\n').toReversed().join('\n'))?.[0] ?? ''
    const handedOverMs = Date.parse((JSON.parse(line) as { time: string }).time) - stoppedAtMs
    await world.until(() => isSame(world.cards(), titles([...upTo(5), ...upTo(5, 10)], 'full')), 60_000)
    expect(await ended).toBe(0)
    tell('hand-over after SIGTERM', handedOverMs)
    expect(handedOverMs).toBeLessThan(HAND_OVER_MS)
  })

  it('send nothing from one that is cut off from Postgres, and all of it from the others', async () => {
    const url = await createDatabase()
    const world = await createPostgresWorld(url)
    const proxy = await createProxy(url)
    const cutOff = await world.up({ env: { DATABASE_URL: proxy.url } })
    const other = await world.up()
    await other.printed(/"account\.gained"/, 30_000)
    await pushAll(cutOff, upTo(10), 'full')
    proxy.hang()
    const hungAtMs = Date.now()
    await pushAll(other, upTo(10), 'mended')
    await world.until(() => isSame(world.cards(), titles(upTo(10), 'mended')), 100_000)
    const late = callsOf([cutOff]).filter(({ startedAtMs }) => startedAtMs > hungAtMs + LAST_CALL_MS)
    expect(late).toEqual([])
    proxy.goOn()
    await settled(url)
    expect(isSame(world.cards(), titles(upTo(10), 'mended'))).toBe(true)
    expect(repliesIn(world)).toEqual(upTo(10).map(() => 1))
    await proxy.close()
  })

  it('double nothing when one stands still for longer than its leases and then goes on', async () => {
    const url = await createDatabase()
    const world = await createPostgresWorld(url)
    const [still, other] = await startPair(url, world)
    await pushAll(still, upTo(12), 'full')
    await world.until(() => world.cards().size > 2, 30_000)
    still.signal('SIGSTOP')
    await pushAll(other, upTo(12), 'mended')
    // That the other could show them all means that every lease was over.
    await world.until(() => isSame(world.cards(), titles(upTo(12), 'mended')), 100_000)
    still.signal('SIGCONT')
    await pushAll(other, upTo(2, 20), 'full')
    const wanted = new Map([...titles(upTo(12), 'mended'), ...titles(upTo(2, 20), 'full')])
    await world.until(() => isSame(world.cards(), wanted), 60_000)
    await settled(url)
    expect(isSame(world.cards(), wanted)).toBe(true)
    expect(repliesIn(world).slice(0, 12)).toEqual(upTo(12).map(() => 1))
  })
})
