import { expect, it } from 'vitest'
import { createSeldom } from '../../../src/ops/seldom.ts'

it('lets one line a minute through for each reason, and tells how many were held back', () => {
  let nowMs = 0
  const said: string[] = []
  const seldom = createSeldom(() => nowMs)
  const cause = (reason: string): void => seldom(reason, (more) => said.push(`${reason} ${more}`))
  for (let index = 0; index < 1_000; index++) cause('aborted')
  cause('too_large')
  nowMs = 59_999
  cause('aborted')
  nowMs = 60_000
  cause('aborted')
  cause('aborted')
  expect(said).toEqual(['aborted 0', 'too_large 0', 'aborted 1000'])
})

it('is not silenced by a clock that was set back', () => {
  let nowMs = 10_000_000
  let said = 0
  const seldom = createSeldom(() => nowMs)
  seldom('aborted', () => said++)
  nowMs = 0
  seldom('aborted', () => said++)
  expect(said).toBe(2)
})
