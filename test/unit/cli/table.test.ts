import { expect, it } from 'vitest'
import { toAgo, toAhead, toTable, toVisible } from '../../../src/cli/table.ts'

it('lines columns up and lets nothing steer the terminal', () => {
  const rows = [
    ['1', 'dead', 'a\u001b[31m\r\nb'],
    ['22', '', '\u202egpj.exe'],
  ]
  expect(toTable(['ID', 'STATE', 'TITLE'], rows)).toEqual(['ID  STATE  TITLE', '1   dead   a b', '22  -      gpj.exe'])
  expect(toVisible('a\tb\n\u001b]0;x\u0007\r\u202e')).toBe('a\tb\n\\u{1b}]0;x\\u{7}\\u{d}\\u{202e}')
})

it('tells times as a person would', () => {
  expect([toAgo(0, 65_000), toAhead(65_000, 60_000), toAhead(1, 2)]).toEqual(['1 m ago', 'in 5 s', 'now'])
})
