import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { parseDotenv, toDotenvLine } from '../../../src/config/dotenv.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { formatProblem } from '../../../src/config/problem.ts'
import { SMALL } from './config-file.ts'

const RIGHT = [
  'A=x',
  'A = x y ',
  'A=x # comment',
  'A=x#y',
  "A='a # b' # c",
  'A="a\\nb"',
  'A="a\'b"',
  'A=`q\'"`',
  'export A=1',
  '  A=1',
  'A=',
  "A=''",
  'A=""',
  "A=a'b'",
  'A=a=b==',
  '# A=1\n\nB=2\r\nC=3\r\n',
  'A=$B',
]

describe('a .env file', () => {
  it.each(RIGHT)('%j means what Node makes of it', (text) => {
    expect(parseDotenv(text)).toEqual({ values: { ...parseEnv(text) }, problems: [] })
  })

  it.each([
    ['A=1\nnonsense', 2, 1, 'expected NAME=value'],
    ['  xoxb-canary-pasted-alone', 1, 3, 'expected NAME=value'],
    ['1A=x', 1, 1, 'expected NAME=value'],
    ['A-B=x', 1, 1, 'expected NAME=value'],
    ['\n\nA="x', 3, 3, 'the value of A has an opening quote'],
    ["A='x' y", 1, 3, 'the value of A has an opening quote'],
    ['A=1\nexport A=2', 2, 8, 'A is given twice'],
  ])('%j is wrong in line %i, column %i', (text, line, column, message) => {
    const { problems } = parseDotenv(text)
    expect(problems).toEqual([{ line, column, message: expect.stringContaining(message) }])
    expect(JSON.stringify(problems)).not.toContain('canary')
  })

  it('gets every value back that a line can hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '#', '\\', 'n', '=', '$', '`') }), (value) => {
        const line = toDotenvLine('A', value)
        if (line === undefined) expect(value).toMatch(/'.*`|`.*'/)
        else
          expect([parseDotenv(line), { ...parseEnv(line) }]).toEqual([
            { values: { A: value }, problems: [] },
            { A: value },
          ])
      }),
    )
    expect(toDotenvLine('A', 'a\nb')).toBeUndefined()
  })
})

describe('a configuration with a .env beside it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-dotenv-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'config.yaml')
  writeFileSync(file, SMALL)
  const load = (dotenv: string, env: Record<string, string | undefined> = {}) => {
    writeFileSync(join(folder, '.env'), dotenv)
    return loadConfig(file, { env })
  }
  const ALL =
    'FLASHDUTY_SECRET=canary-webhook-secret\nSLACK_BOT_TOKEN=xoxb-from-file\nDISCORD_BOT_TOKEN=discord-from-file\n'

  it('takes from it what the environment has not set, or left empty', () => {
    const loaded = load(ALL, {
      SLACK_BOT_TOKEN: 'xoxb-from-environment',
      DISCORD_BOT_TOKEN: '',
      FLASHDUTY_SECRET: undefined,
    })
    expect(loaded).toMatchObject({
      config: {
        flashduty: { secrets: ['canary-webhook-secret'] },
        accounts: { slack: { token: 'xoxb-from-environment' }, discord: { token: 'discord-from-file' } },
      },
    })
  })

  it('is not read with a line in it that is wrong, which is named and not quoted', () => {
    const loaded = load(`${ALL}canary token\n`)
    const said = 'problems' in loaded ? loaded.problems.map(formatProblem) : []
    expect(said).toEqual([`${folder}/.env:4:1 expected NAME=value, a comment or an empty line`])
  })

  it('says what it can of one that cannot be read', () => {
    rmSync(join(folder, '.env'))
    mkdirSync(join(folder, '.env'))
    const loaded = loadConfig(file, { env: {} })
    expect('problems' in loaded && loaded.problems.map(formatProblem)).toEqual([
      `${folder}/.env:1:1 the file is a folder, not a file`,
    ])
  })
})
