import { expect, it } from 'vitest'
import { nearest } from '../../src/nearest.ts'

it.each([
  ['titel', ['title', 'text'], 'title'],
  ['secret', ['secrets', 'late_events'], 'secrets'],
  ['Slack-Payment', ['slack-payments', 'slack-search'], 'slack-payments'],
  ['to', ['go', 'from'], 'go'],
  ['xyz', ['title', 'text'], undefined],
  ['', ['title'], undefined],
])('%s of %j is %s', (name, known, best) => {
  expect(nearest(name, known)).toBe(best)
})
