import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { loadSqlite } from '../../src/store/sqlite/driver.ts'
import { createWorld, SECRET, toPush } from './relay.ts'

const LAUNCHER = fileURLToPath(new URL('./keep-socket.mjs', import.meta.url))
const RESTARTS = Number(process.env['RESTARTS'] ?? 3)
/** Half of them keep their connections, half make a new one for every push. */
const SENDERS = 10

it('a restart on a socket that somebody keeps open refuses and resets nobody', async () => {
  const world = await createWorld()
  // Events that no route takes: it is the door that is looked at.
  world.configure((yaml) => yaml.replace(/^ {2}- \{ name: (?:forum|everything-else).*\n/gm, ''))
  const relay = await world.start({ through: [process.execPath, LAUNCHER, String(RESTARTS + 1)] })
  const pids = (): readonly number[] => [...relay.output().matchAll(/^pid=(\d+)$/gm)].map(([, pid]) => Number(pid))
  const sending = startSending(relay.url)
  const { seen } = sending
  try {
    for (let restart = 0; restart < RESTARTS; restart++) {
      const before = seen.ok
      await expect.poll(() => seen.ok, { timeout: 60_000 }).toBeGreaterThan(before + SENDERS * 3)
      process.kill(pids().at(-1) ?? 0, 'SIGTERM')
      await relay.printed(new RegExp(`(ended=0[^]*){${restart + 1}}"relay\\.started"`), 60_000)
    }
    await sending.stop()
    expect(seen.others).toEqual([])
    expect(relay.output()).toMatch(/"inherited":true,"port":\d+.*"relay\.started"/)
    process.kill(pids().at(-1) ?? 0, 'SIGTERM')
    expect(await relay.ended).toBe(0)
  } finally {
    for (const pid of pids().filter(isRunning)) process.kill(pid, 'SIGKILL')
  }
  expect(pids()).toHaveLength(RESTARTS + 1)
  const open = await loadSqlite()
  const db = open(join(world.folder, 'relay.db'))
  expect(db.prepare('SELECT count(*) AS events FROM event').get()).toEqual({ events: seen.ok })
  db.close()
  if (process.env['RESTARTS'] !== undefined)
    process.stdout.write(`${JSON.stringify({ ...seen, restarts: RESTARTS })}\n`)
}, 240_000)

interface Seen {
  ok: number
  /** Answered 408: where nobody got the processor for 5 s, a push takes too long to arrive. Neither refused nor cut. */
  late: number
  /** Whatever else came of a push: another status, or an error's code, and when. */
  readonly others: string[]
  /** The longest wait for an answer. */
  longestMs: number
}

function startSending(url: string) {
  const seen: Seen = { ok: 0, late: 0, others: [], longestMs: 0 }
  let stopped = false
  const done = Array.from({ length: SENDERS }, async (_, sender) => {
    const agent = sender % 2 === 0 ? new Agent({ keepAlive: true, maxSockets: 1 }) : new Agent()
    for (let number = 0; !stopped; number++) {
      const startedAtMs = performance.now()
      const answer = await push(url, agent, `${sender}-${number}`)
      const tookMs = Math.round(performance.now() - startedAtMs)
      if (answer === 200) seen.ok++
      else if (answer === 408) seen.late++
      else seen.others.push(`${answer} after ${tookMs} ms`)
      seen.longestMs = Math.max(seen.longestMs, tookMs)
    }
    agent.destroy()
  })
  return {
    seen,
    stop: async () => {
      stopped = true
      await Promise.all(done)
    },
  }
}

function push(url: string, agent: Agent, id: string): Promise<number | string> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'x-relay-secret': SECRET }
    const outgoing = request(`${url}/webhook/flashduty`, { method: 'POST', agent, headers }, (incoming) =>
      incoming.resume().on('end', () => resolve(incoming.statusCode ?? 0)),
    )
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    const incident = { incident_id: 'nowhere', channel_name: 'Nowhere' }
    outgoing.end(JSON.stringify(toPush('i_new', { event_id: id, incident })))
  })
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    // It has ended, as it should have.
    return false
  }
}
