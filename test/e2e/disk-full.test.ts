import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createWorld, toPush, type RelayProcess } from './relay.ts'
import { mountSmallDisk } from './small-disk.ts'

const MIB = 1_048_576

it('on a full disk the relay lives on its reserve, then refuses, and recovers by itself', async () => {
  const world = await createWorld()
  const disk = await mountSmallDisk(world.folder, 64)
  world.configure((yaml) => yaml.replace('./relay.db', './disk/relay.db'))
  const { through } = disk
  let relay = await world.start({ through })
  const reserve = join(disk.outside, 'relay.db.reserve')
  await expect.poll(() => metric(relay, 'relay_store_reserve'), POLL).toBe(1)
  expect(statSync(reserve)).toMatchObject({ size: 16 * MIB, mode: 0o100600 })
  expect(statSync(reserve).blocks * 512).toBe(16 * MIB)

  const told = { acknowledged: [] as string[], refused: [] as string[] }
  let count = 0
  const push = async (): Promise<number> => {
    const id = `event-${count++}`
    const { status } = await relay.push(toBig(id))
    told[status === 200 ? 'acknowledged' : 'refused'].push(id)
    return status
  }
  await push()

  const fill = join(disk.outside, 'fill')
  fillUp(fill)
  while (!relay.output().includes('store.running_on_the_reserve')) expect(await push()).toBe(200)
  expect(await metric(relay, 'relay_store_reserve')).toBe(0)
  expect((await relay.get('/readyz')).status).toBe(200)
  const onReserve = told.acknowledged.length
  while ((await push()) === 200) expect(count).toBeLessThan(2_000)
  // 16 MiB of events of 50 kB, which the database writes twice.
  expect(told.acknowledged.length - onReserve).toBeGreaterThan(100)
  // What was refused may have been the batch it was in: until an event alone has no room either.
  const readiness = async () => ((await push()) === 200 ? undefined : relay.get('/readyz'))
  await expect.poll(readiness, POLL).toMatchObject({ status: 503, text: expect.stringContaining('full') })

  rmSync(fill)
  const backAtMs = performance.now()
  await expect.poll(push, POLL).toBe(200)
  await expect.poll(async () => (await relay.get('/readyz')).status, POLL).toBe(200)
  expect(performance.now() - backAtMs).toBeLessThan(5_000)
  await expect.poll(() => metric(relay, 'relay_store_reserve'), POLL).toBe(1)

  expect(await relay.kill('SIGKILL')).toBe(null)
  relay = await world.start({ through })
  for (const id of told.acknowledged) {
    expect(await relay.push(toBig(id)), id).toMatchObject({ status: 200, body: { result: 'duplicate' } })
  }
  expect(told.refused.length).toBeGreaterThan(0)
}, 90_000)

const POLL = { timeout: 10_000, interval: 100 }

/** Of incidents that go nowhere: this is about the disk. */
function toBig(id: string): object {
  const incident = { incident_id: id, title: id, description: 'x'.repeat(50_000) }
  return { ...toPush('i_new', { event_id: id, incident }) }
}

/** Leave no byte. */
function fillUp(file: string): void {
  const fd = openSync(file, 'w')
  for (const size of [MIB, 4096, 1]) {
    try {
      for (;;) writeSync(fd, Buffer.alloc(size))
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' })
    }
  }
  closeSync(fd)
}

async function metric(relay: RelayProcess, name: string): Promise<number> {
  const { text } = await relay.get('/metrics')
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
}
