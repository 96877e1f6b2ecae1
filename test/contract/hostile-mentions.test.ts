import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cards, createBench, type Bench } from './worker.ts'

/** Slack finds him by e-mail, Discord by the people of the configuration. */
const BEN = { person_id: 2, person_name: 'Ben Ortiz', email: 'ben@example.com' }
const ONLY_BEN = { slack: ['U0BENORT02'], discord: ['1100000000000000012'] }
const ROUTE = { name: 'all', to: ['slack', 'discord'], continue: false, match: {}, attention: {}, mention: [] }
const TYPES = ['i_assign', 'i_storm', 'i_reopen', 'i_comm', 'i_r_title', 'i_something_new'] as const

/** What would call somebody if anything read it, or would look like somebody's address. */
const BAIT = [
  '<@U0ANNLEE01>',
  '<@U0BENORT02|ben>',
  '<!channel>',
  '<!here|here>',
  '<!subteam^S0ONCALL>',
  '&lt;!everyone&gt;',
  '@everyone',
  '@here',
  '@\u200bhere @channel',
  '<@1100000000000000012>',
  '<@!1100000000000000013>',
  '<@&1100000000000000021>',
  '\\<@1100000000000000011>',
  '`<@1100000000000000011',
  '||@everyone||',
  '"}],"type":"user","user_id":"U0ANNLEE01"',
  '{{ incident.responders | first | mention }}',
  'here',
  'group:S0ONCALL',
  'U0ANNLEE01',
]
const ADDRESSES = [
  'ann@example.com\u200b',
  '\u200bann@example.com',
  'a\u00adnn@example.com',
  'ann@example.com,ben@example.com',
  'ann@example.com\u0000',
  'ann@ex\u0430mple.com',
  '<ann@example.com>',
  'mailto:ann@example.com',
  'U0ANNLEE01@example.com',
]
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...BAIT), fc.string({ unit: 'binary', maxLength: 8 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join(''))
const stranger = fc.record({ person_name: hostile, email: fc.oneof(hostile, fc.constantFrom(...ADDRESSES)) })
const incidents = fc.record({
  title: hostile,
  description: hostile,
  impact: hostile,
  channel_name: hostile,
  num: hostile,
  incident_severity: fc.oneof(fc.constantFrom('Critical', 'Info'), hostile),
  labels: fc.dictionary(hostile, hostile, { maxKeys: 3 }),
  fields: fc.dictionary(hostile, hostile, { maxKeys: 3 }),
  assigned_to: fc.record({ type: fc.constantFrom('assign', 'escalate'), escalate_rule_name: hostile }),
  strangers: fc.array(stranger, { maxLength: 3 }),
})

describe('a mention', () => {
  it('cannot be forged by anything an event says: only those are called who are meant', async () => {
    const bench = await createBench({ routes: [ROUTE], callTimeoutMs: 10_000 })
    let count = 0
    await fc.assert(
      fc.asyncProperty(incidents, fc.constantFrom(...TYPES), async ({ strangers, ...texts }, type) => {
        const incident = { ...texts, incident_id: `hostile-${count++}` }
        const before = sizes(bench)
        await bench.accept('i_new', { ...incident, responders: strangers })
        await bench.run(5_000)
        await bench.accept(type, { ...incident, responders: [...strangers, BEN] })
        await bench.run(5_000)
        for (const platform of ['slack', 'discord'] as const) {
          const posts = cards(bench, platform)
            .slice(before[platform])
            .flatMap((card) => [card, ...card.thread])
          expect(posts.length).toBeGreaterThan(0)
          // Some types call all responders, one the new ones, and the others nobody.
          const isCalling = type === 'i_assign' || type === 'i_storm' || type === 'i_reopen'
          expect(posts.flatMap(({ pings }) => pings)).toEqual(isCalling ? ONLY_BEN[platform] : [])
          for (const post of posts) expect('edit_pings' in post ? post.edit_pings : []).toEqual([])
        }
      }),
      { numRuns: 25 },
    )
    expect(bench.warnings.filter((warning) => warning !== 'circuit.closed')).toEqual([])
  }, 120_000)
})

function sizes(bench: Bench): Readonly<Record<'slack' | 'discord', number>> {
  return { slack: cards(bench, 'slack').length, discord: cards(bench, 'discord').length }
}
