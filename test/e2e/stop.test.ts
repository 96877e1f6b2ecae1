import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadSqlite } from '../../src/store/sqlite/driver.ts'
import { createWorld, toPush } from './relay.ts'
import { startSenders } from './senders.ts'

const STOPS = 5
const SENDERS = 30

describe('SIGTERM', () => {
  it('under load resets nobody who is connected, and loses nothing that was answered', async () => {
    const world = await createWorld()
    // Events that no route takes: it is the door that is looked at.
    world.configure((yaml) => yaml.replace(/^ {2}- \{ name: (?:forum|everything-else).*\n/gm, ''))
    const incident = { incident_id: 'nowhere', channel_name: 'Nowhere' }
    let answered = 0
    for (let stop = 0; stop < STOPS; stop++) {
      const relay = await world.start()
      const toBody = (id: string): string => JSON.stringify(toPush('i_new', { event_id: `${stop}-${id}`, incident }))
      const { seen, done } = startSenders(relay.url, SENDERS, toBody)
      await expect.poll(() => seen.answers[200] ?? 0, { timeout: 10_000 }).toBeGreaterThan(SENDERS * 3)
      const [code] = await Promise.all([relay.kill('SIGTERM'), done])
      expect(code, relay.output()).toBe(0)
      expect({ reset: seen.reset, others: Object.keys(seen.answers) }).toEqual({ reset: [], others: ['200'] })
      expect(seen.told).toBeGreaterThan(0)
      answered += seen.answers[200] ?? 0
    }
    const open = await loadSqlite()
    const db = open(join(world.folder, 'relay.db'))
    expect(db.prepare('SELECT count(*) AS events FROM event').get()).toEqual({ events: answered })
    db.close()
  }, 60_000)

  it('with a chat call that never ends exits 0 within 15 s, and the card is there once after the next start', async () => {
    const world = await createWorld()
    world.configure((yaml) => yaml.replace('to: [slack-payments, discord]', 'to: [slack-payments]'))
    world.sandbox.faults.add({ platform: 'slack', method: 'chat.postMessage', does: { kind: 'hang', after: true } })
    const relay = await world.start()
    await relay.push(toPush('i_new'))
    await world.until(() => world.sandbox.slack.channel('payments').messages.length === 1)
    const startedAtMs = performance.now()
    expect(await relay.kill('SIGTERM')).toBe(0)
    expect(performance.now() - startedAtMs).toBeLessThan(15_000)

    const again = await world.start()
    await again.push(toPush('i_ack'))
    await world.until(() => world.sandbox.slack.channel('payments').messages[0]?.thread.length === 1, 30_000)
    expect(world.sandbox.slack.channel('payments').messages).toHaveLength(1)
    const waiting = async (): Promise<readonly string[]> =>
      (await again.get('/metrics')).text.match(/^relay_deliveries\{state="(?:sending|ambiguous)"\} .*/gm) ?? []
    await expect.poll(waiting).toEqual(['relay_deliveries{state="sending"} 0', 'relay_deliveries{state="ambiguous"} 0'])
  }, 60_000)

  it('a second time ends at once what the first one waits for', async () => {
    const world = await createWorld()
    world.configure()
    world.sandbox.faults.add({ platform: 'slack', method: 'chat.postMessage', does: { kind: 'hang', after: true } })
    const relay = await world.start()
    await relay.push(toPush('i_new'))
    await world.until(() => world.sandbox.slack.channel('payments').messages.length === 1)
    relay.signal('SIGTERM')
    await expect
      .poll(() =>
        relay.get('/livez').then(
          () => 'answered',
          () => 'refused',
        ),
      )
      .toBe('refused')
    const startedAtMs = performance.now()
    expect(await relay.kill('SIGTERM')).toBe(1)
    expect(performance.now() - startedAtMs).toBeLessThan(5_000)
  })
})
