import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createWorld, toPush } from './relay.ts'

const SDK = fileURLToPath(new URL('./collect-spans.mjs', import.meta.url))

it('an OpenTelemetry SDK that was loaded before gets spans, of ids and closed words alone', async () => {
  const world = await createWorld()
  world.configure()
  const relay = await world.start({ preload: SDK })
  await relay.push(toPush('i_new', { incident: { incident_id: 'i1', title: 'nobody should see' } }))
  await relay.push('{}')
  await relay.printed(/span .*"discord"/)
  await relay.printed(/span .*"slack"/)
  const spans = [...relay.output().matchAll(/^span (.*)$/gm)].map(([, json]) => JSON.parse(json ?? '') as object)
  // The kinds of the API: 0 internal, 1 server, 2 client.
  const accepted = { name: 'event.accept', kind: 1, outcome: 'stored', result: 'accepted' }
  expect(spans).toContainEqual({ ...accepted, event_id: toPush('i_new').event_id })
  expect(spans).toContainEqual({ name: 'event.accept', kind: 1, outcome: 'refused', code: 'missing_field' })
  expect(spans).toContainEqual(
    expect.objectContaining({ name: 'event.judge', kind: 0, verdict: 'applied', incident_id: 'i1' }),
  )
  const attempt = {
    name: 'delivery.attempt',
    kind: 2,
    operation: 'card',
    outcome: 'sent',
    attempt: 1,
    incident_id: 'i1',
  }
  expect(spans).toContainEqual({ ...attempt, platform: 'slack', destination: 'slack-payments' })
  expect(relay.output()).not.toContain('nobody should see')
})
