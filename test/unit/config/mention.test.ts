import { expect, test } from 'vitest'
import { toMentionId } from '../../../src/config/mention.ts'

test.each([
  ['here', 'here'],
  ['U0123ABCD', 'U0123ABCD'],
  ['W0123ABCD', 'W0123ABCD'],
  ['S0123ABCD', 'group:S0123ABCD'],
  ['112233445566778899', '112233445566778899'],
  ['role:112233445566778899', 'group:112233445566778899'],
  ['everyone', undefined],
  ['@here', undefined],
  ['C0123ABCD', undefined],
  ['role:S0123', undefined],
  ['u0123abcd', undefined],
  ['U0123\n', undefined],
])('%j means %j', (id, known) => {
  expect(toMentionId(id)).toBe(known)
})
