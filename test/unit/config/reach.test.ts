import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hides } from '../../../src/config/reach.ts'
import { matchesPattern } from '../../../src/incident/pattern.ts'
import type { Route, RouteMatch } from '../../../src/incident/route.ts'

const route = (match: RouteMatch, goesOn = false): Route => ({
  name: 'r',
  to: ['a'],
  continue: goesOn,
  match,
  attention: {},
  mention: [],
})

const CASES: readonly (readonly [earlier: RouteMatch, later: RouteMatch, hidden: boolean])[] = [
  [{}, {}, true],
  [{}, { channel: ['a'] }, true],
  [{ channel: ['a'] }, {}, false],
  [{ channel: ['a', 'b'] }, { channel: ['B'] }, true],
  [{ channel: ['a'] }, { channel: ['a', 'b'] }, false],
  [{ labels: { env: ['prod*'] } }, { labels: { env: ['prod-eu', 'prod-us*'] } }, true],
  [{ labels: { env: ['prod*'] } }, { labels: { env: ['pro*'] } }, false],
  [{ labels: { env: ['prod'] } }, { labels: { region: ['eu'] } }, false],
  [{ labels: { env: ['*'] } }, { labels: { env: ['prod'], region: ['eu'] }, severity: ['Info'] }, true],
  [{ eventType: ['i_?'] }, { eventType: ['i_*'] }, false],
  [{ fields: { constructor: ['x'] } }, { fields: {} }, false],
]

test.each(CASES)('%j before %j: hidden is %j', (earlier, later, hidden) => {
  expect(hides(route(earlier), route(later))).toBe(hidden)
  expect(hides(route(earlier, true), route(later))).toBe(false)
})

test('is never wrong about a pattern it calls covered', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 5 })
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 })
  fc.assert(
    fc.property(pattern, pattern, text, (wide, narrow, value) => {
      fc.pre(hides(route({ severity: [wide] }), route({ severity: [narrow] })) && matchesPattern(narrow, value))
      expect(matchesPattern(wide, value)).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
