import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, load, said, SMALL } from './config-file.ts'

/** Mistakes on top of a right configuration: the lines it ends with, and all that is said, without `config.yaml:`. */
const ADDED: readonly (readonly [what: string, yaml: string, lines: readonly string[]])[] = [
  [
    'a wrong type',
    'listen: { port: x }',
    ['7:17 listen.port: expected a whole number from 1 to 65535, got the text "x"'],
  ],
  [
    'a number too large',
    'listen: { port: 65536 }',
    ['7:17 listen.port: expected a whole number from 1 to 65535, got 65536'],
  ],
  [
    'a list for a number',
    'listen: { port: [1] }',
    ['7:17 listen.port: expected a whole number from 1 to 65535, got a list'],
  ],
  [
    'commands from other machines',
    'admin: { host: 0.0.0.0 }',
    ['7:16 admin.host: expected an address of this machine such as 127.0.0.1, got the text "0.0.0.0"'],
  ],
  ['text for a map', 'listen: 0.0.0.0:80', ['7:9 listen: expected a map, got text']],
  [
    'a port in the host',
    'listen: { host: "0.0.0.0:80" }',
    ['7:17 listen.host: expected an address or a host name, without http:// or a port, got the text "0.0.0.0:80"'],
  ],
  [
    'every unknown key, with the nearest known',
    'listn: 1\ndelivery: { on_card_delete: ignore, constructor: 1 }',
    [
      '7:1 unknown key "listn", did you mean "listen"?',
      '8:13 delivery: unknown key "on_card_delete", did you mean "on_card_deleted"?',
      '8:37 delivery: unknown key "constructor"',
    ],
  ],
  [
    'a word that is none of the few',
    'delivery: { on_ambiguous: hold_ }',
    ['7:27 delivery.on_ambiguous: expected resend or hold, got the text "hold_", did you mean "hold"?'],
  ],
  [
    'a key given twice',
    'templates: { language: en, language: en }',
    ['7:28 templates: the key "language" is given twice'],
  ],
  [
    'a folder that is not there',
    'templates: { dir: nope }',
    ["7:19 templates.dir: there is no such folder (paths start at this file's folder)"],
  ],
  [
    'variables that are not set',
    'store: { sqlite: "${DATA}/${SLACK_BOT_TOKN}" }',
    [
      '7:18 store.sqlite: the variable DATA is not set',
      '7:18 store.sqlite: the variable SLACK_BOT_TOKN is not set, did you mean "SLACK_BOT_TOKEN"?',
    ],
  ],
  [
    'two stores',
    'store: { sqlite: relay.db, postgres: "postgres://relay:canary-of-a-password@db/relay" }',
    ['7:8 store: set sqlite or postgres, not both'],
  ],
  [
    'no URL of a database, unsaid, as it may hold a password',
    'store: { postgres: "relay:canary-of-a-password@db/relay" }',
    ['7:20 store.postgres: is no URL of a Postgres database: postgres://NAME:PASSWORD@HOST/DATABASE'],
  ],
  [
    'a spool for a file',
    'store: { sqlite: relay.db, spool: spool.db }',
    ['7:8 store: spool is for postgres: a file is never away'],
  ],
  [
    'an open variable',
    'store: { sqlite: "${DATA" }',
    ['7:18 store.sqlite: after ${ comes a variable name, then } or :-default}; write $${ for a literal ${'],
  ],
  [
    'a tag',
    'store: !!map { sqlite: x }',
    ['7:14 store: tags are not supported; put quotes around what should be text'],
  ],
  [
    'an alias inside itself',
    'people: &a { ann@example.com: *a }',
    ['7:31 people.ann@example.com: an alias cannot stand inside what it repeats'],
  ],
  ['an anchor that is not there', 'store: *a', ['7:8 store: there is no such anchor']],
  [
    'an id that is none',
    'people: { ann@example.com: { slack: ann }, bob: {} }',
    [
      '7:37 people.ann@example.com.slack: expected a Slack member id such as U0123ABCD, got the text "ann"',
      '7:44 people: "bob" is no e-mail address',
    ],
  ],
  [
    'one person twice',
    'people: { a@x.org: {}, A@x.org: {} }',
    ['7:33 people.A@x.org: this person is listed twice: case does not count'],
  ],
]

test.each(ADDED)('names %s', (_what, yaml, lines) => {
  expect(said(load(`${SMALL}${yaml}\n`))).toEqual(lines.map((line) => `config.yaml:${line}`))
})

/** Whole files: what is said of accounts, destinations and routes, which no line can be added to. */
const REPLACED: readonly (readonly [what: string, from: string, to: string, lines: readonly string[]])[] = [
  ['no secret', '"${FLASHDUTY_SECRET}"', '[]', ['1:23 flashduty.secrets: expected at least one']],
  [
    'a short secret',
    '"${FLASHDUTY_SECRET}"',
    '[0123456789abcdef, 123456]',
    ['1:42 flashduty.secrets.1: has 6 bytes, a secret needs at least 16'],
  ],
  [
    'a secret a header cannot carry',
    '"${FLASHDUTY_SECRET}"',
    '"0123456789 abcdef"',
    ['1:23 flashduty.secrets: holds white space or a character outside ASCII, which a header cannot carry unchanged'],
  ],
  ['an empty token', '"${SLACK_BOT_TOKEN}"', '"${NOTHING:-}"', ['2:46 accounts.slack.token: is empty']],
  ['no token', ', token: "${SLACK_BOT_TOKEN}"', '', ['2:20 accounts.slack: set token or token_file']],
  [
    'secrets and a file of them',
    'secrets: "${FLASHDUTY_SECRET}"',
    'secrets: "${FLASHDUTY_SECRET}", secrets_file: x',
    ['1:46 flashduty.secrets_file: set secrets or secrets_file, not both'],
  ],
  [
    'a file of secrets that is not there',
    'secrets: "${FLASHDUTY_SECRET}"',
    'secrets_file: nope',
    ["1:28 flashduty.secrets_file: the file does not exist (paths start at this file's folder)"],
  ],
  [
    'two tokens',
    'token: "${SLACK_BOT_TOKEN}"',
    'token: xoxb-1, token_file: x',
    ['2:54 accounts.slack.token_file: set token or token_file, not both'],
  ],
  [
    'a token file that is not there',
    'token: "${SLACK_BOT_TOKEN}"',
    'token_file: nope',
    ["2:51 accounts.slack.token_file: the file does not exist (paths start at this file's folder)"],
  ],
  [
    'an empty token file',
    'token: "${SLACK_BOT_TOKEN}"',
    'token_file: blank',
    ["2:51 accounts.slack.token_file: the file is empty (paths start at this file's folder)"],
  ],
  [
    'an app-level token',
    '"${SLACK_BOT_TOKEN}"',
    'xapp-1',
    ['2:46 accounts.slack.token: is an app-level token; the bot token (xoxb-…) is needed'],
  ],
  [
    'plain http to elsewhere',
    '"${SLACK_BOT_TOKEN}"',
    'x, api_url: "http://chat.example.com/"',
    [
      '2:58 accounts.slack.api_url: must be https, or the token would travel in the clear (http is for 127.0.0.1 and localhost)',
    ],
  ],
  [
    'a password in a URL',
    '"${SLACK_BOT_TOKEN}"',
    'x, api_url: "https://u:p@example.com/"',
    ['2:58 accounts.slack.api_url: must not hold a name or a password'],
  ],
  [
    'an unknown platform',
    'platform: slack',
    'platform: Slak',
    ['2:32 accounts.slack.platform: expected slack or discord, got the text "Slak", did you mean "slack"?'],
  ],
  ['no platform', 'platform: slack, ', '', ['2:20 accounts.slack.platform: is required: slack or discord']],
  [
    'a colon without a space',
    'token: "${SLACK_BOT_TOKEN}"',
    'token:hush-hush',
    ['2:20 accounts.slack: set token or token_file', '2:39 accounts.slack: after "token" come a colon and a space'],
  ],
  [
    'an account that does not exist',
    'account: slack',
    'account: slak',
    ['4:19 destinations.sre.account: there is no account "slak", did you mean "slack"?'],
  ],
  [
    "a channel's name",
    'C0123456789',
    '"#sre"',
    ["4:35 destinations.sre.channel: use the channel id, not its name: Slack shows it (C…) in the channel's details"],
  ],
  [
    "another platform's channel",
    '112233445566778899',
    'C0123456789',
    ['5:37 destinations.ops.channel: use the channel id, 17 to 20 digits: Discord copies it in developer mode'],
  ],
  [
    'destinations that do not exist',
    '[sre, ops]',
    '[sre, op, sr e]',
    [
      '6:33 routes.0.to.1: there is no destination "op", did you mean "ops"?',
      '6:37 routes.0.to.2: there is no destination "sr e", did you mean "sre"?',
    ],
  ],
  ['what is missing', 'name: all, ', '', ['6:10 routes.0.name: is required']],
  ['no route at all', '[{ name: all, to: [sre, ops] }]', '', ['6:1 routes: is required']],
  [
    'two routes of one name, one of which nothing can reach',
    '[{ name: all, to: [sre, ops] }]',
    '[{ name: all, to: sre }, { name: all, to: ops, match: { labels: { env: prod } } }]',
    [
      '6:34 routes.1: no event can reach this route: routes.0 takes them all before it and does not continue',
      '6:42 routes.1.name: another route has this name',
    ],
  ],
  [
    'wrong attention',
    'to: [sre, ops] }',
    'to: sre, continue: yes, mention: [S012, bob], attention: { i_ack: loud, i_comm: { show: card, mention: responder }, i_new: { mention: [x] } } }',
    [
      '6:42 routes.0.continue: expected true or false, got the text "yes"',
      '6:63 routes.0.mention.1: expected here, a Slack id (U…, S…) or a Discord id (digits, role:digits), got the text "bob"',
      '6:89 routes.0.attention.i_ack: expected off, card, call, thread or broadcast, got the text "loud"',
      '6:126 routes.0.attention.i_comm.mention: expected none, new_responders, responders or ids, got the text "responder", did you mean "responders"?',
      '6:158 routes.0.attention.i_new.mention.0: expected here, a Slack id (U…, S…) or a Discord id (digits, role:digits), got the text "x"',
    ],
  ],
  [
    'a matcher that holds for nothing',
    'to: [sre, ops] }',
    'to: sre, match: { severity: [], labels: { env: } } }',
    [
      '6:51 routes.0.match.severity: expected at least one',
      '6:70 routes.0.match.labels.env: expected a list, got nothing',
    ],
  ],
]

test.each(REPLACED)('names %s', (_what, from, to, lines) => {
  writeFileSync(join(folder, 'blank'), ' \n')
  expect(SMALL).toContain(from)
  expect(said(load(SMALL.replace(from, to)))).toEqual(lines.map((line) => `config.yaml:${line}`))
})

test('reports mistakes of all kinds at once, in the order of the file', () => {
  const yaml = SMALL.replace('"${FLASHDUTY_SECRET}"', '"${NOT_SET}"')
    .replace('platform: slack', 'platform: slak')
    .replace('account: discord', 'account: discrod')
    .replace('to: [sre, ops]', 'too: sre, to: [sre, opps]')
  expect(said(load(`${yaml}listen: { port: none }\nlisten: {}\n`))).toEqual([
    'config.yaml:1:23 flashduty.secrets: the variable NOT_SET is not set',
    'config.yaml:2:32 accounts.slack.platform: expected slack or discord, got the text "slak", did you mean "slack"?',
    'config.yaml:5:19 destinations.ops.account: there is no account "discrod", did you mean "discord"?',
    'config.yaml:6:23 routes.0: unknown key "too", did you mean "to"?',
    'config.yaml:6:43 routes.0.to.1: there is no destination "opps", did you mean "ops"?',
    'config.yaml:7:17 listen.port: expected a whole number from 1 to 65535, got the text "none"',
    'config.yaml:8:1 the key "listen" is given twice',
  ])
})
