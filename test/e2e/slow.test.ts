import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { createWorld, SECRET, toPush, type RelayProcess } from './relay.ts'

const SLOW = 2_000
/** Far below the 5 s after which the first slow ones are cut off, far above what an answer takes. */
const LONG_MS = 1_000
/** Of 50; more than a busy machine holds up by itself, fewer than would be if they waited for slow ones. */
const MAX_LONG = 5

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

describe('slow senders', () => {
  it(`${SLOW} of them, dribbling headers and bodies, keep no honest one waiting`, async () => {
    const relay = await start()
    const slow = await dribble(relay.url, SLOW)
    await expect.poll(() => slow.open(), { timeout: 10_000 }).toBeGreaterThan(SLOW * 0.9)
    const answers: Awaited<ReturnType<RelayProcess['push']>>[] = []
    for (let count = 0; count < 50; count++) answers.push(await relay.push(nowhere(`honest-${count}`)))
    expect(slow.open()).toBeGreaterThan(SLOW / 2)
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    const long = answers.filter(({ ms }) => ms > LONG_MS)
    expect(long.length, JSON.stringify(long)).toBeLessThanOrEqual(MAX_LONG)
    // Each is cut off in the end, and comes back as a new one.
    await expect.poll(() => slow.cut(), { timeout: 10_000 }).toBeGreaterThan(SLOW / 2)
  }, 60_000)

  it('more of them than the process may have files open do not end it, nor what it is there for', async () => {
    const relay = await start({ openFiles: 256 })
    const slow = await dribble(relay.url, 600)
    await expect.poll(() => slow.cut(), { timeout: 10_000 }).toBeGreaterThan(600)
    await slow.stop()
    await expect.poll(() => relay.push(nowhere('after')).then(({ status }) => status, String)).toBe(200)
    expect((await relay.get('/readyz')).status).toBe(200)
    expect((await relay.get('/metrics')).text).toMatch(/relay_rejected_total\{code="too_many_connections"\} [1-9]/)
    expect(await relay.kill('SIGTERM')).toBe(0)
  }, 60_000)
})

async function start(options: { openFiles?: number } = {}): Promise<RelayProcess> {
  const world = await createWorld()
  world.configure((yaml) => yaml.replace(/^ {2}- \{ name: (?:forum|everything-else).*\n/gm, ''))
  return world.start(options)
}

/** A push that no route takes: it is the door that is looked at. */
function nowhere(id: string): object {
  return toPush('i_new', { event_id: id, incident: { incident_id: 'nowhere', channel_name: 'Nowhere' } })
}

/** Slow senders in a thread of their own, so that the honest ones do not wait for this process. */
async function dribble(url: string, count: number) {
  const { port, hostname: host } = new URL(url)
  const thread = new Worker(new URL('./dribble.mjs', import.meta.url), {
    workerData: { port: Number(port), host, count, secret: SECRET },
  })
  let state = { open: 0, cut: 0 }
  thread.on('message', (now: typeof state) => (state = now))
  await once(thread, 'message')
  const stop = (): Promise<number> => thread.terminate()
  stops.push(stop)
  return { open: () => state.open, cut: () => state.cut, stop }
}
