import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { folder, load, said, SMALL } from './config-file.ts'

/** Files that are no configuration. */
const NOT_YAML: readonly (readonly [what: string, content: string | Uint8Array, lines: readonly string[]])[] = [
  [
    'every mistake of syntax',
    'a: "\\q"\nb: [1\nc: \'x\n',
    [
      '1:5 inside "…" a \\ starts an escape, and this is none; use \'…\' for a literal \\',
      '3:1 a ] is missing: close what was opened before, or put quotes around the text',
      '4:1 a text in quotes is not closed: end it with the quote it starts with',
    ],
  ],
  ['tabs', 'listen:\n\thost: x\n', ['2:1 use spaces for indentation, not tabs']],
  ['a second document', `${SMALL}---\nb: 1\n`, ['7:1 one file holds one document: remove the --- and what follows']],
  ['an empty file', '# nothing\n', ['1:1 the file is empty']],
  ['a list', '- a\n', ['1:1 expected a map, got a list']],
  ['another encoding', Uint8Array.of(0x61, 0xff, 0xfe), ['1:1 the file is not UTF-8 text']],
  ['a file of more than 1 MiB', '#'.repeat(1_048_577), ['1:1 the file is larger than 1024 KiB']],
  [
    'keys that are no text',
    '? [a]\n: 1\n',
    [
      '1:1 accounts: is required',
      '1:1 destinations: is required',
      '1:1 flashduty: is required',
      '1:1 routes: is required',
      '1:3 a key must be plain text',
    ],
  ],
]

test.each(NOT_YAML)('says what is wrong with %s', (_what, content, lines) => {
  expect(said(load(content)).toSorted()).toEqual(lines.map((line) => `config.yaml:${line}`))
})

test('says that a file does not exist, or is a folder', () => {
  mkdirSync(join(folder, 'sub'))
  expect(said(loadConfig(join(folder, 'none.yaml'), { env: {} }))).toEqual(['none.yaml:1:1 the file does not exist'])
  expect(said(loadConfig(join(folder, 'sub'), { env: {} }))).toEqual(['sub:1:1 the file is a folder, not a file'])
})

test('hints at the quotes a variable needs inside braces', () => {
  expect(said(load('accounts: { a: { token: ${TOKEN} } }'))[0]).toMatch(
    /^config\.yaml:1:\d+ .*put quotes around "\$\{…\}"\)$/,
  )
})

test('refuses aliases that multiply, in no time', () => {
  const bomb = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]\n`)
  const startedAt = performance.now()
  expect(said(load(`a0: &a0 x\n${bomb.join('')}`)).join('\n')).toContain('holds more than 100,000 values')
  expect(performance.now() - startedAt).toBeLessThan(1000)
})
