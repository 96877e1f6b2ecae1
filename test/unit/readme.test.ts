import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { EXIT } from '../../src/cli/exit.ts'
import { WEBHOOK_PATH } from '../../src/flashduty/webhook.ts'
import { DOCUMENTED_TYPES, SNOOZE_ENDED, toAttention, type AttentionContext } from '../../src/incident/attention.ts'
import { incident } from './incident/fixture.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const readme = readFileSync(`${ROOT}README.md`, 'utf8')
const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { scripts: Record<string, string> }

/** Without them nobody is looked up by e-mail, and all else works. */
const LOOK_UP_SCOPES = ['users:read', 'users:read.email']

const LATER = { incident: incident({ progress: 'Processing' }), changes: {}, ageMs: 60_000 }
const up = { severity: { from: 'Warning', to: 'Critical', direction: 'up' } } as const

/** Every case the README tells of, in its words and its order, and an example of it. */
const DEFAULTS: ReadonlyMap<string, Partial<AttentionContext>> = new Map<string, Partial<AttentionContext>>([
  ['`i_new`', {}],
  ['`i_assign`', {}],
  ['`i_assign` within 2 s of the beginning', { ageMs: 2_000 }],
  ['`i_assign` that escalates', { incident: incident({ assignment: { type: 'escalate' } }) }],
  ['`i_storm` `i_reopen`', {}],
  ['`i_unack` if nobody is left on it', { incident: incident({ progress: 'Triggered' }) }],
  ['`i_r_severity` if it goes up', { changes: up }],
  ['a snooze that ran out (the relay’s own timer)', { eventType: SNOOZE_ENDED }],
  ['`i_rslv`', {}],
  ['`i_unack` `i_r_severity` otherwise', {}],
  ['`i_ack` `i_snooze` `i_wake` `i_custom` `i_merge` `i_comm`', {}],
  ['`i_r_title` `i_r_desc` `i_r_impact` `i_r_rc` `i_r_rsltn` `i_r_field`', {}],
  ['any other type', {}],
])

describe('the README', () => {
  it('names commands that exist', () => {
    const named = [...readme.matchAll(/npm (?:run )?([a-z]+)\b/g)].map(([, name]) => name ?? '')
    expect(named).toEqual(expect.arrayContaining(['start', 'test', 'relay', 'build']))
    for (const name of named) expect(['ci', ...Object.keys(scripts)]).toContain(name)
  })

  it('links to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path ?? '')
    expect(links.length).toBeGreaterThan(3)
    for (const path of links) expect(existsSync(ROOT + path), path).toBe(true)
  })

  it('tells every exit code', () => {
    for (const code of Object.values(EXIT)) expect(readme).toMatch(new RegExp(`(Exit codes: |· |\\n)${code} `))
  })

  it('tells how loud each event is by default and whom it calls, as it is', () => {
    const named = [...DEFAULTS.keys()].flatMap((what) => what.match(/`\w+`/g) ?? [])
    expect([...new Set(named)].toSorted()).toEqual(DOCUMENTED_TYPES.map((type) => `\`${type}\``).toSorted())
    const expected = [...DEFAULTS].map(([what, example]) => {
      const types = what.match(/`\w+`/g)?.map((type) => type.slice(1, -1)) ?? [example.eventType ?? 'i_unheard_of']
      const rows = types.map((eventType) => {
        const { loudness, mention } = toAttention({ ...LATER, eventType, ...example }, {})
        const called = mention === 'none' ? '' : String(mention).replace('_', ' ')
        return [what, loudness, eventType === 'i_new' ? `${called}, and the route's \`mention\`` : called]
      })
      expect(new Set(rows.map(String)).size, what).toBe(1)
      return rows[0]
    })
    const [, table = ''] = /### Attention\n[^|]*((?:\|.*\n)+)/.exec(readme) ?? []
    const cells = table.split('\n').map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    expect(cells.slice(2, -1)).toEqual(expected)
  })

  it('shows a Slack manifest with the scopes the relay needs, and where events go', () => {
    const manifest = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
    const scopes = ['chat:write', 'channels:history', 'groups:history', ...LOOK_UP_SCOPES]
    expect(parse(manifest)).toMatchObject({ oauth_config: { scopes: { bot: scopes, bot_optional: LOOK_UP_SCOPES } } })
    expect(readme).toContain(`https://YOUR-HOST${WEBHOOK_PATH}`)
  })
})
