import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { ConfigSchema } from '../../../src/config/schema.ts'
import { ENV, folder, load, said, SMALL, valid } from './config-file.ts'

const EXAMPLE = resolve(import.meta.dirname, '../../../config.example.yaml')

test('fills in every default', () => {
  expect(valid(SMALL)).toEqual({
    listen: { host: '127.0.0.1', port: 8080 },
    flashduty: { secrets: [ENV.FLASHDUTY_SECRET], late_events: 'skip', body_limit_bytes: 1_048_576 },
    admin: { host: '127.0.0.1', port: 0 },
    store: { sqlite: join(folder, 'data/relay.db'), retention_days: 30 },
    accounts: {
      slack: { platform: 'slack', token: ENV.SLACK_BOT_TOKEN },
      discord: { platform: 'discord', token: ENV.DISCORD_BOT_TOKEN },
    },
    destinations: {
      sre: { account: 'slack', channel: 'C0123456789' },
      ops: { account: 'discord', channel: '112233445566778899' },
    },
    routes: [{ name: 'all', to: ['sre', 'ops'], continue: false, match: {}, attention: {}, mention: [] }],
    delivery: { on_card_deleted: 'recreate', storm_after: 20 },
    people: {},
    templates: { language: 'en' },
  })
})

test('finds a spool beside the file that names a Postgres database', () => {
  const postgres = 'postgres://relay:canary-of-a-password@db/relay'
  const store = (yaml: string) => valid(`${SMALL}store: { postgres: "${postgres}"${yaml} }\n`).store
  expect(store('')).toEqual({ postgres, spool: join(folder, 'data/spool.db'), retention_days: 30 })
  expect(store(', spool: /var/lib/relay/spool.db')).toMatchObject({ spool: '/var/lib/relay/spool.db' })
})

test('compiles routes to what events are held against', () => {
  const yaml = SMALL.replace(
    '[{ name: all, to: [sre, ops] }]',
    `
  - name: payments
    match: { channel: [Payments, 9223372036854775807], severity: Critical, event_type: i_*, labels: { version: 1.10, on: yes }, fields: { n: [1, 0x1F] } }
    to: sre
    continue: true
    attention: { i_comm: off, "i_rslv:Info": { show: card }, default: { mention: none }, i_storm: { mention: [here, U0123] }, i_ack: { mention: U0123 } }
    mention: [S0123, 112233445566778899, role:112233445566778899]
  - { name: rest, to: ops }`,
  )
  expect(valid(yaml).routes).toEqual([
    {
      name: 'payments',
      to: ['sre'],
      continue: true,
      match: {
        channel: ['Payments', '9223372036854775807'],
        severity: ['Critical'],
        eventType: ['i_*'],
        labels: { version: ['1.10'], on: ['yes'] },
        fields: { n: ['1', '0x1F'] },
      },
      attention: {
        i_comm: { loudness: 'off' },
        'i_rslv:Info': { loudness: 'card' },
        default: { mention: 'none' },
        i_storm: { mention: ['here', 'U0123'] },
        i_ack: { mention: ['U0123'] },
      },
      mention: ['group:S0123', '112233445566778899', 'group:112233445566778899'],
    },
    { name: 'rest', to: ['ops'], continue: false, match: {}, attention: {}, mention: [] },
  ])
})

test('keeps every int64 exact, quoted or not', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 10n ** 16n, max: 2n ** 63n - 1n }), fc.boolean(), (id, quoted) => {
      const written = quoted ? `"${id}"` : String(id)
      const yaml = SMALL.replace('112233445566778899', written).replace(
        'name: all',
        `name: all, match: { channel: ${written} }`,
      )
      const config = valid(yaml)
      expect(config.destinations['ops']?.channel).toBe(String(id))
      expect(config.routes[0]?.match.channel).toEqual([String(id)])
    }),
    { numRuns: 200 },
  )
})

test('keeps names that objects have by themselves, and pollutes nothing', () => {
  const yaml = `
flashduty: { secrets: "\${FLASHDUTY_SECRET}" }
accounts: { constructor: { platform: slack, token: x } }
destinations: { __proto__: { account: constructor, channel: C012 }, toString: { account: constructor, channel: C013 } }
people: { __proto__@x.org: { slack: U012 } }
routes:
  - { name: hasOwnProperty, to: [__proto__, toString], match: { labels: { __proto__: a, prototype: b } }, attention: { __proto__: card } }
`
  const { accounts, destinations, routes } = valid(yaml)
  expect(Object.keys(accounts)).toEqual(['constructor'])
  expect(Object.keys(destinations)).toEqual(['__proto__', 'toString'])
  expect(Object.entries(routes[0]?.match.labels ?? {})).toEqual([
    ['__proto__', ['a']],
    ['prototype', ['b']],
  ])
  expect(Object.entries(routes[0]?.attention ?? {})).toEqual([['__proto__', { loudness: 'card' }]])
  expect({}).not.toHaveProperty('loudness')
  expect(said(load(SMALL.replace('account: slack', 'account: constructor')))).toEqual([
    'config.yaml:4:19 destinations.sre.account: there is no account "constructor"',
  ])
})

test('takes a variable as text only: a value brings in no structure, and digits count as a number', () => {
  const env = { ...ENV, HOST: 'a, port: 1 }', PORT: '9000', ID: '112233445566778899', AGAIN: '${PORT}' }
  const yaml = SMALL.replace('112233445566778899', '"${ID}"').replace(
    'name: all',
    () => 'name: "$${x} ${AGAIN} ${NONE:-b}"',
  )
  const config = valid(`${yaml}listen: { port: "\${PORT}" }\n`, env)
  expect(config.listen.port).toBe(9000)
  expect(config.destinations['ops']?.channel).toBe('112233445566778899')
  expect(config.routes[0]?.name).toBe('${x} ${PORT} b')
  expect(said(load(`${SMALL}listen: { host: "\${HOST}" }\n`, env))).toEqual([
    'config.yaml:7:17 listen.host: expected an address or a host name, without http:// or a port, got the text "${HOST}"',
  ])
})

test('reads tokens from files beside the configuration, trimmed', () => {
  writeFileSync(join(folder, 'token'), ' xoxb-from-file\n')
  const account = valid(SMALL.replace('token: "${SLACK_BOT_TOKEN}"', 'token_file: ./token')).accounts['slack']
  expect(account).toEqual({ platform: 'slack', token: 'xoxb-from-file', token_file: join(folder, 'token') })
})

test('reads secrets from a file, one on each line', () => {
  writeFileSync(join(folder, 'secrets'), '  first-secret-of-the-file\r\n\nsecond-secret-of-the-file\n')
  const { secrets } = valid(SMALL.replace(/secrets: "[^"]*"/, 'secrets_file: ./secrets')).flashduty
  expect(secrets).toEqual(['first-secret-of-the-file', 'second-secret-of-the-file'])
})

test('repeats what an anchor names', () => {
  const yaml = SMALL.replace('sre: {', 'sre: &sre {').replace(
    'ops: { account: discord, channel: 112233445566778899 }',
    'ops: *sre',
  )
  expect(valid(yaml).destinations['ops']).toEqual({ account: 'slack', channel: 'C0123456789' })
})

test('warns of what is allowed but seldom meant', () => {
  const yaml = SMALL.replace(
    '[{ name: all, to: [sre, ops] }]',
    `
  - name: all
    to: sre
    match: { severity: [critical, Warnin, "W*"], event_type: [i_new, i_comment] }
    attention: { i_ak: card, "i_ack:info": card, default: thread }
`,
  )
    .replace('destinations:', 'destinations:\n  twin: { account: slack, channel: C0123456789 }')
    .replace('account: discord', 'account: slack')
    .replace('112233445566778899', 'C09')
  expect(said(load(yaml))).toEqual([
    'config.yaml:2:70 accounts.discord: no destination uses this account',
    'config.yaml:4:3 destinations.twin: no route leads to this destination',
    'config.yaml:5:3 destinations.sre: is the channel of "twin": incidents routed to both get two cards',
    'config.yaml:6:3 destinations.ops: no route leads to this destination',
    'config.yaml:10:35 routes.0.match.severity.1: the source documents no such severity, did you mean "Warning"?',
    'config.yaml:10:70 routes.0.match.event_type.1: the source documents no such event type, did you mean "i_comm"?',
    'config.yaml:11:24 routes.0.attention.i_ak: the source documents no such event type, did you mean "i_ack"?',
    'config.yaml:11:44 routes.0.attention.i_ack:info: the source documents no such severity, did you mean "Info"?',
  ])
})

test('the example is valid and mentions every option', () => {
  const loaded = loadConfig(EXAMPLE, { env: ENV })
  expect(said(loaded)).toEqual([])
  const words = new Set(readFileSync(EXAMPLE, 'utf8').match(/\b\w+(?=:)/g))
  const options = [...new Set(optionsOf(ConfigSchema))]
  expect(options).toContain('on_card_deleted')
  expect(options).toContain('token_file')
  expect(options.filter((option) => !words.has(option))).toEqual([])
})

test('never throws, whatever the file holds', () => {
  const piece = fc.constantFrom(
    ...SMALL.split(/(?<=[\s{}[\],:])/),
    '&a ',
    '*a',
    '!!x ',
    '? ',
    '- ',
    '|\n',
    '"',
    "'",
    '\t',
    '---\n',
    '%YAML 1.1\n',
    '${',
    '__proto__: ',
    '\0',
    '\u{1f600}',
    '<<: ',
  )
  const soup = fc
    .array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 60 })
    .map((parts) => parts.join(''))
  const edited = fc
    .tuple(fc.nat(SMALL.length), fc.nat(20), soup)
    .map(([at, cut, add]) => SMALL.slice(0, at) + add + SMALL.slice(at + cut))
  fc.assert(
    fc.property(fc.oneof(soup, edited), (yaml) => {
      const loaded = load(yaml)
      const list = 'problems' in loaded ? loaded.problems : loaded.warnings
      if ('problems' in loaded) expect(list).not.toHaveLength(0)
      for (const line of said(loaded)) expect(line).toMatch(/^config\.yaml:[1-9]\d*:[1-9]\d* [^\n\r]+$/)
    }),
    { numRuns: 600 },
  )
})

test('never says a secret, wherever the mistake is', () => {
  const env = { ...ENV, FLASHDUTY_SECRET: 'canary-short' }
  const literal = SMALL.replace('"${SLACK_BOT_TOKEN}"', 'canary-literal-token').replace(
    '"${FLASHDUTY_SECRET}"',
    'canary-literal-secret',
  )
  const garble = fc.constantFrom(
    ' ',
    ':',
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    "'",
    '\n',
    '- ',
    '? ',
    '&',
    '*',
    '!',
    '#',
    'x',
    '',
  )
  fc.assert(
    fc.property(fc.constantFrom(SMALL, literal), fc.nat(SMALL.length), fc.nat(3), garble, (yaml, at, cut, add) => {
      const lines = said(load(yaml.slice(0, at) + add + yaml.slice(at + cut), env)).join('\n')
      expect(lines).not.toMatch(/canary-(?:short|slack|discord|webhook|literal)/)
    }),
    { numRuns: 600 },
  )
})

test.each([
  ['in place of an account', 'accounts: { a: xoxb-canary-1 }'],
  ['in place of all accounts', 'accounts: canary-1234567890\n'],
  ['under a wrong key', 'accounts: { a: { platform: slack, secret: canary-1234567890 } }'],
  ['under a key without its space', 'accounts: { a: { platform: slack, token:canary-1234567890 } }'],
  ['under a key without its colon', 'accounts: { a: { platform: slack, token canary-1234567890 } }'],
  ['behind an equals sign', 'accounts: { a: { platform: slack, token=canary-1234567890 } }'],
  ['as a map', 'flashduty: { secrets: { canary-1234567890: 1 } }'],
  ['in another place too', 'flashduty: { secrets: [canary-1234567890, x] }\nlisten: { port: canary-1234567890 }'],
  ['as a name', 'flashduty: { secrets: [canary-1234567890] }\ndestinations: { canary-1234567890: 1 }'],
  ['shaped like a token', 'listen: { port: xoxb-canary-12345 }'],
  [
    'from a variable',
    'listen: { port: "${CANARY}" }\nroutes: [{ name: "${CANARY}", to: "${CANARY}", match: { severity: "${CANARY}" } }]',
  ],
  ['in an unclosed quote', 'accounts: { a: { token: "canary-1234567890 } }'],
])('never says a secret %s', (_where, yaml) => {
  const lines = said(load(yaml, { CANARY: 'canary-from-env' }))
  expect(lines).not.toHaveLength(0)
  expect(lines.join('\n')).not.toContain('canary')
})

/** The keys of every map with fixed keys in a schema. */
function optionsOf(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(optionsOf)
  if (typeof schema !== 'object' || schema === null) return []
  const parts = ['wrapped', 'item', 'value', 'options', 'pipe'].flatMap((part) => {
    const inner: unknown = Object.getOwnPropertyDescriptor(schema, part)?.value
    return optionsOf(inner)
  })
  const entries: unknown = Object.getOwnPropertyDescriptor(schema, 'entries')?.value
  if (typeof entries !== 'object' || entries === null) return parts
  return [...parts, ...Object.entries(entries).flatMap(([key, entry]) => [key, ...optionsOf(entry)])]
}
