import { readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { wipe } from '../contract/store-damage.ts'
import { createWorld, toPush } from './relay.ts'

it('a relay that finds its database damaged goes on: nothing is lost, no card is posted twice', async () => {
  const world = await createWorld()
  world.configure()
  const file = join(world.folder, 'relay.db')
  const first = await world.start()
  await first.push(toPush('i_new'))
  const { slack, discord } = world.sandbox
  const cards = () => [slack.channel('payments').messages.length, discord.channel('incidents').messages.length]
  await world.until(() => cards().every((count) => count === 1))
  expect(await first.kill('SIGTERM')).toBe(0)
  const before = JSON.stringify(slack.channel('payments').messages)
  wipe(file, 'event_by_incident')

  const again = await world.start()
  expect(again.output()).toContain('"store.corrupt"')
  expect((await again.get('/metrics')).text).toContain('relay_store_corruptions_total 1')
  expect(readdirSync(world.folder).filter((name) => name.startsWith('relay.db.corrupt-'))).not.toEqual([])
  expect(await again.push(toPush('i_new'))).toMatchObject({ status: 200, body: { result: 'duplicate' } })
  expect(await again.push(toPush('i_rslv'))).toMatchObject({ status: 200, body: { result: 'accepted' } })
  await world.until(() => JSON.stringify(slack.channel('payments').messages) !== before)
  expect(cards()).toEqual([1, 1])
})

it('a relay of which nothing can be read begins anew', async () => {
  const world = await createWorld()
  world.configure()
  const file = join(world.folder, 'relay.db')
  const first = await world.start()
  await first.push(toPush('i_new'))
  expect(await first.kill('SIGTERM')).toBe(0)
  truncateSync(file, 5_000)
  writeFileSync(`${file}-wal`, Buffer.alloc(10_000, 7))
  const again = await world.start()
  expect(again.output()).toContain('"store.corrupt"')
  expect(await again.push(toPush('i_new'))).toMatchObject({ status: 200, body: { result: 'accepted' } })
})
