import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { splitPushes } from '../../../src/flashduty/pushes.ts'

const spaces = fc.constantFrom('', ' ', '\n', '\r\n\t')
const push = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 })

it('gives the elements of any list back as they are written', () => {
  fc.assert(
    fc.property(
      fc.array(push),
      fc.array(spaces, { minLength: 3, maxLength: 3 }),
      ([...pushes], [before, after, inside]) => {
        const written = pushes.map((value) => JSON.stringify(value, null, inside === '' ? 0 : 1))
        const text = `${before}[${written.map((one) => `${before}${one}${after}`).join(',')}${after}]${before}`
        expect(splitPushes(text)).toEqual({ pushes: written })
      },
    ),
  )
})

it('gives one push, and those of any lines', () => {
  fc.assert(
    fc.property(fc.array(push, { minLength: 1 }), (pushes) => {
      const lines = pushes.map((value) => JSON.stringify(value))
      expect(splitPushes(`\uFEFF${lines.join('\r\n\n')}\n`)).toEqual({ pushes: lines })
    }),
  )
})

it.each([
  ['', 'is empty'],
  [' \n', 'is empty'],
  ['12', 'is neither'],
  ['"[]"', 'is neither'],
  ['[{}', 'is neither'],
])('says what %j is not', (text, problem) => {
  expect(splitPushes(text)).toEqual({ problem: expect.stringContaining(problem) })
})
