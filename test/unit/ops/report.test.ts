import { expect, it } from 'vitest'
import type { Attempt } from '../../../src/delivery/report.ts'
import { createLog } from '../../../src/ops/log.ts'
import { createMetrics } from '../../../src/ops/metrics.ts'
import { createReport } from '../../../src/ops/report.ts'

const KEYS =
  'level time destination platform operation incident_id key attempt outcome reason detail duration_ms waited_ms msg'
const least: Attempt = {
  destination: 'sre',
  platform: 'slack',
  operation: 'edit',
  incidentId: 'i1',
  attempt: 1,
  outcome: 'sent',
  durationMs: 5,
}

it.each<[string, Attempt]>([
  ['that says the least', least],
  [
    'that says all',
    { ...least, key: 'k', outcome: 'retry', reason: 'rate_limited', detail: 'ratelimited', waitedMs: 9 },
  ],
  ['with something nobody foresaw', Object.assign({ title: 'text of an incident' }, least)],
])('tells an attempt %s in one line with the same keys', (_, attempt) => {
  const lines: string[] = []
  const log = createLog({ level: 'debug', secrets: () => [], destination: { write: (line) => void lines.push(line) } })
  createReport(log, createMetrics()).attempted(attempt)
  expect(lines.map((line) => Object.keys(JSON.parse(line) as object))).toEqual([KEYS.split(' ')])
  expect(lines[0]).toContain('"delivery.attempted"')
})
