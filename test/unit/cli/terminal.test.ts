import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { createProgress } from '../../../src/cli/progress.ts'
import { toTable } from '../../../src/cli/table.ts'
import { cutToWidth, padToWidth, widthOf } from '../../../src/cli/width.ts'

/** A stream that says of itself what a terminal, or a pipe, would. */
function stream(isTTY: boolean, columns = 20) {
  const through = Object.assign(new PassThrough(), { isTTY, columns })
  return { through: through as unknown as NodeJS.WriteStream, written: () => String(through.read() ?? '') }
}

it('a table is no wider than the terminal, and whole where there is none', () => {
  const rows = [['1', '数据库磁盘已满，请立即处理']]
  expect(toTable(['ID', 'TITLE'], rows, 14)).toEqual(['ID  TITLE', '1   数据库磁…'])
  expect(toTable(['ID', 'TITLE'], rows)[1]).toBe('1   数据库磁盘已满，请立即处理')
})

it('wide letters count twice, marks on letters not at all', () => {
  expect(['abc', '磁盘', '🔴 x', 'e\u0301', ''].map(widthOf)).toEqual([3, 4, 4, 1, 0])
  expect([cutToWidth('磁盘满', 6), cutToWidth('磁盘满', 5), cutToWidth('abc', 3)]).toEqual(['磁盘满', '磁盘…', 'abc'])
  expect(padToWidth('磁', 4)).toBe('磁  ')
})

it('progress is one line that is written over on a terminal, and nothing in a pipe', () => {
  let nowMs = 0
  const terminal = stream(true)
  const progress = createProgress(terminal.through, () => nowMs)
  progress.tell('1 of 3')
  nowMs += 10
  progress.tell('2 of 3, too soon to be seen')
  nowMs += 100
  progress.tell('3 of 3, and more than fits the line')
  progress.clear()
  progress.clear()
  expect(terminal.written()).toBe('\r\u001b[K1 of 3\r\u001b[K3 of 3, and more th\r\u001b[K')

  const pipe = stream(false)
  const silent = createProgress(pipe.through, () => nowMs)
  silent.tell('1 of 3')
  silent.clear()
  expect(pipe.written()).toBe('')
})
