import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createWorld, toPush } from './relay.ts'

it('speaks the language of the route, and another after SIGHUP, from the next event on', async () => {
  const world = await createWorld()
  world.configure((yaml) => yaml.replace('everything-else,', 'everything-else, language: zh,'))
  const relay = await world.start()
  await relay.push(event('i_new', 'one'))
  await relay.push(toPush('i_new', { event_id: 'payments', incident: { incident_id: 'two' } }))
  const said = (channel: string): string => JSON.stringify(world.sandbox.slack.channel(channel).messages)
  await world.until(() => said('incidents').includes('故障详情') && said('payments').includes('Acknowledge'))
  expect(said('payments')).not.toContain('故障详情')
  await relay.push(event('i_ack', 'ack'))
  await world.until(() => said('incidents').includes('认领了故障'))

  const dir = join(world.folder, 'words')
  mkdirSync(join(dir, 'zh', 'events'), { recursive: true })
  const own = (text: string): void => writeFileSync(join(dir, 'zh', 'events', 'i_comm.yaml'), text)
  own("lines: ['{{ event.by.name }} 留言 {{ incident.titel }}']\n")
  const words = 'templates: { dir: ./words, language: en }\n'
  world.configure((yaml) => yaml.replace('everything-else,', 'everything-else, language: zh,').concat(words))
  relay.signal('SIGHUP')
  await relay.printed(/"problem":"[^"]*zh\/events\/i_comm\.yaml:1:\d+ no \\"incident\.titel\\", did you mean/)
  await relay.push(event('i_comm', 'before'))
  await world.until(() => said('incidents').includes('添加了评论'))

  own("lines: ['{{ event.by.name }} 留言']\n")
  relay.signal('SIGHUP')
  await relay.printed(/"config\.reloaded"/)
  await relay.push(event('i_comm', 'after'))
  await world.until(() => said('incidents').includes('留言'))

  world.configure()
  relay.signal('SIGHUP')
  await relay.printed(/"config\.reloaded"[^]*"config\.reloaded"/)
  expect(said('incidents')).toContain('故障详情')
  await relay.push(event('i_r_title', 'title', { title: 'another title' }))
  await world.until(() => said('incidents').includes('another title') && said('incidents').includes('Acknowledge'))
  expect(said('incidents')).not.toContain('故障详情')
})

let atMs = Date.now()

/** An event of one incident in a channel that no route names. */
function event(type: string, id: string, change: object = {}): object {
  const incident = { incident_id: 'one', channel_name: 'Other', title: 'the title', ...change }
  return toPush(type, { event_id: id, event_time: (atMs += 1), incident })
}
