import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { EXIT } from '../../src/cli/exit.ts'
import { WEBHOOK_PATH } from '../../src/flashduty/webhook.ts'
import { DOCUMENTED_TYPES, toAttention } from '../../src/incident/attention.ts'
import { incident } from './incident/fixture.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const readme = readFileSync(`${ROOT}README.md`, 'utf8')
const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { scripts: Record<string, string> }

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

  it('tells how loud each event type is by default, as it is', () => {
    const rows = readme.split('\n').filter((line) => line.startsWith('| `i_'))
    for (const eventType of DOCUMENTED_TYPES) {
      const row = rows.find((line) => line.includes(`\`${eventType}\``))
      const context = { eventType, incident: incident({ progress: 'Processing' }), changes: {}, ageMs: 60_000 }
      const { loudness, mention } = toAttention(context, {})
      expect(row, eventType).toContain(loudness)
      if (mention !== 'none') expect(row, eventType).toContain(String(mention).replace('_', ' '))
    }
  })

  it('shows a Slack manifest with the scopes the relay needs, and where events go', () => {
    const manifest = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
    expect(parse(manifest)).toMatchObject({
      oauth_config: { scopes: { bot: ['chat:write', 'channels:history', 'groups:history'] } },
    })
    expect(readme).toContain(`https://YOUR-HOST${WEBHOOK_PATH}`)
  })
})
