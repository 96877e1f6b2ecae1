import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { SMALL } from './config-file.ts'
import { toSchemaFile, type Json } from './json-schema.ts'

const EXAMPLE = resolve(import.meta.dirname, '../../../config.example.yaml')
const FILE = resolve(import.meta.dirname, '../../../src/config/config.schema.json')
const schema = JSON.parse(toSchemaFile(EXAMPLE)) as Json
const validate = new Ajv({ allErrors: true, strict: false }).compile(schema)
const mistakesIn = (yaml: string): readonly string[] => {
  validate(parse(yaml))
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`)
}

describe('the JSON Schema of the configuration', () => {
  it('is what the schema and the example say: npm run schema', async () => {
    await expect(toSchemaFile(EXAMPLE)).toMatchFileSnapshot(FILE)
  })

  it('is named by the first line of the example', () => {
    const [line] = readFileSync(EXAMPLE, 'utf8').split('\n')
    const named = /^# yaml-language-server: \$schema=(.+)$/.exec(line ?? '')?.[1] ?? ''
    expect(resolve(EXAMPLE, '..', named)).toBe(FILE)
  })

  it('takes the example, a small configuration, and variables anywhere', () => {
    expect(mistakesIn(readFileSync(EXAMPLE, 'utf8'))).toEqual([])
    expect(mistakesIn(SMALL)).toEqual([])
    expect(
      mistakesIn(`${SMALL}listen: { port: "\${PORT}" }\ndelivery: { on_ambiguous: "\${POLICY:-hold}" }\n`),
    ).toEqual([])
    expect(mistakesIn(SMALL.replace(/secrets: "[^"]*"/, 'secrets_file: ./x'))).toEqual([])
    expect(mistakesIn(SMALL.replace(/token: "[^"]*"/, 'token_file: ./x'))).toEqual([])
  })

  it.each<[string, string, string]>([
    ['flashduty: {', 'flashduty: { secret: x,', '/flashduty additionalProperties'],
    ['secrets: "${FLASHDUTY_SECRET}"', '', '/flashduty oneOf'],
    [', token: "${SLACK_BOT_TOKEN}"', '', '/accounts/slack oneOf'],
    ['platform: slack', 'platform: teams', '/accounts/slack oneOf'],
    ['to: [sre, ops]', 'too: [sre, ops]', '/routes/0 required'],
    ['name: all', 'name: all, continue: perhaps', '/routes/0/continue anyOf'],
    ['routes: [', 'listen: { port: 99999 }\nroutes: [', '/listen/port anyOf'],
    ['routes: [', 'listen: { host: "http://x" }\nroutes: [', '/listen/host anyOf'],
    ['routes: [', 'delivery: { on_ambiguous: maybe }\nroutes: [', '/delivery/on_ambiguous anyOf'],
    ['routes: [', 'people: { a@b.c: { slack: ann } }\nroutes: [', '/people/a@b.c/slack anyOf'],
  ])('sees the mistake when %j becomes %j', (from, to, mistake) => {
    expect(SMALL).toContain(from)
    expect(mistakesIn(SMALL.replace(from, () => to))).toContain(mistake)
  })

  it('explains every option that the example explains', () => {
    const silent = namesWithoutWords(schema, [])
    expect(silent).toEqual(['routes.attention.show', 'routes.attention.mention'])
  })
})

function namesWithoutWords(part: Json, path: readonly string[]): readonly string[] {
  const own = Object.entries(part.properties ?? {}).flatMap(([key, child]) => [
    ...(child.description ? [] : [[...path, key].join('.')]),
    ...namesWithoutWords(child, [...path, key]),
  ])
  const inside = [part.items, part.additionalProperties, ...(part.anyOf ?? []), ...(part.oneOf ?? [])]
    .filter((child) => typeof child === 'object')
    .flatMap((child) => namesWithoutWords(child, path))
  return [...new Set([...own, ...inside])]
}
