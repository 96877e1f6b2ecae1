import { expect, it } from 'vitest'
import { createMetrics } from '../../../src/ops/metrics.ts'

const counts = {
  eventsUnapplied: 3,
  deliveries: { pending: 1, sending: 2, ambiguous: 0, done: 9, superseded: 0, held: 0, dead: 4 },
  lanesDue: 5,
  quarantined: 6,
  oldestWaitingSinceMs: 1_000,
}

it('shows what was counted', async () => {
  const metrics = createMetrics()
  metrics.event('accepted', 'i_new')
  metrics.event('duplicate', 'i_new')
  metrics.rejected('unauthorized')
  metrics.attempted({ platform: 'slack', operation: 'card', outcome: 'retry', reason: 'rate_limited', seconds: 0.3 })
  metrics.gauge('relay_paused', 'Test.', () => 7)
  metrics.watchStore(
    () => Promise.resolve(counts),
    () => 61_000,
  )
  const { contentType, body } = await metrics.text()
  expect(contentType).toMatch(/^text\/plain/)
  for (const line of [
    'relay_events_total{result="accepted"} 1',
    'relay_events_total{result="duplicate"} 1',
    'relay_event_types_total{type="i_new"} 1',
    'relay_rejected_total{code="unauthorized"} 1',
    'relay_attempts_total{platform="slack",operation="card",outcome="retry",reason="rate_limited"} 1',
    'relay_attempt_duration_seconds_count{platform="slack",operation="card",outcome="retry"} 1',
    'relay_paused 7',
    'relay_events_unapplied 3',
    'relay_deliveries{state="dead"} 4',
    'relay_lanes_due 5',
    'relay_quarantined 6',
    'relay_oldest_waiting_seconds 60',
  ]) {
    expect(body.split('\n')).toContain(line)
  }
  expect(body).toContain('process_resident_memory_bytes')
})

it('keeps the number of types bounded, and odd ones out', async () => {
  const metrics = createMetrics()
  metrics.event('accepted', 'i new "odd"\n')
  for (let index = 0; index < 80; index += 1) metrics.event('accepted', `type_${index}`)
  metrics.event('accepted', 'type_0')
  const lines = (await metrics.text()).body.split('\n').filter((line) => line.startsWith('relay_event_types_total{'))
  expect(lines).toHaveLength(51)
  expect(lines).toContain('relay_event_types_total{type="type_0"} 2')
  expect(lines).toContain('relay_event_types_total{type="other"} 31')
})

it('stays readable when the store is not', async () => {
  const metrics = createMetrics()
  metrics.watchStore(
    () => Promise.resolve(counts),
    () => 61_000,
  )
  await metrics.text()
  metrics.watchStore(
    () => Promise.reject(new Error('gone')),
    () => 61_000,
  )
  const { body } = await metrics.text()
  expect(body).toContain('relay_events_unapplied 3\n')
  expect(body).toContain('relay_store_count_failures_total 1\n')
})
