import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { check } from '../../../src/cli/check.ts'
import { ENV, folder, load, SMALL } from './config-file.ts'

async function checked(yaml: string): Promise<{ code: number; lines: string }> {
  load(yaml)
  const lines: string[] = []
  const code = await check({ file: join(folder, 'config.yaml'), env: ENV, write: (line) => lines.push(line) })
  return { code, lines: lines.join('\n').replaceAll(folder, '') }
}

test('says what it found, in the order of the routes, and no secret', async () => {
  const yaml = SMALL.replace(
    '[{',
    '[{ name: first, to: sre, continue: true, match: { channel: [A, 7], labels: { env: "prod*" } } }, {',
  )
  const { code, lines } = await checked(`${yaml}people:\n`)
  expect(code).toBe(0)
  expect(lines).toContain('store         /data/relay.db')
  expect(lines).toContain('slack: slack')
  expect(lines).toContain('ops: 112233445566778899 on discord (discord)')
  expect(lines).toMatch(
    /1\. first: channel is A or 7, label env is prod\* -> sre, then on to the next\n {2}2\. all: everything -> sre, ops\n/,
  )
  expect(lines).toMatch(/\/config\.yaml is valid\.$/)
  expect(lines).not.toContain('canary')
})

test('says where a database is without what opens it, and where pushes are kept meanwhile', async () => {
  const { code, lines } = await checked(
    `${SMALL}store: { postgres: "postgres://relay:canary-of-a-password@db:5433/incidents" }\n`,
  )
  expect(code).toBe(0)
  expect(lines).toContain('store         Postgres at db:5433, database incidents\nspool         /data/spool.db\n')
  expect(lines).not.toContain('canary')
})

test('says every mistake and gives exit code 78', async () => {
  const { code, lines } = await checked(SMALL.replace('[sre, ops]', '[sre, opps]').replace('C0123456789', 'sre'))
  expect(code).toBe(78)
  expect(lines).toContain('/config.yaml:4:35 destinations.sre.channel: use the channel id')
  expect(lines).toContain('/config.yaml:6:33 routes.0.to.1: there is no destination "opps"')
  expect(lines).toMatch(/: 2 mistakes\.$/)
})

test('a warning is said and is no mistake', async () => {
  const { code, lines } = await checked(SMALL.replace('[sre, ops]', '[sre]'))
  expect(code).toBe(0)
  expect(lines).toContain('warning: /config.yaml:5:3 destinations.ops: no route leads to this destination')
  expect(lines).toMatch(/is valid, with 1 warning\.$/)
})

test('says the mistakes of the templates too', async () => {
  mkdirSync(join(folder, 'mine'))
  writeFileSync(join(folder, 'mine/card.yaml'), 'title: "{{ titel }}"\n')
  const { code, lines } = await checked(`${SMALL}templates: { dir: mine }\n`)
  expect(code).toBe(78)
  expect(lines).toMatch(/^\/mine\/card\.yaml:1:\d+ /m)
})
