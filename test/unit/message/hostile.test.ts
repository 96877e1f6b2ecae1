import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Incident } from '../../../src/incident/incident.ts'
import { DOCUMENTED_TYPES } from '../../../src/incident/attention.ts'
import type { Message, Span } from '../../../src/message/message.ts'
import { builtin, INCIDENT, START_MS } from './sample.ts'

const templates = builtin()

/** Marks what came from outside; every string of an incident carries it. */
const MARK = '☣'
const hostile = fc
  .tuple(
    fc.constantFrom(
      '<!channel>',
      '@everyone',
      '<@U1>',
      '[x](http://evil)',
      '{{ incident.title }}',
      '{% raw %}',
      '`',
      '*',
      '&lt;!here&gt;',
      '',
    ),
    fc.string({ unit: 'binary', maxLength: 30 }),
  )
  .map(([bait, noise]) => `${MARK}${bait}${noise}`)

const person = fc.record({ name: hostile, email: hostile })
const named = fc.array(fc.record({ name: hostile, value: hostile }), { maxLength: 4 })
const times = fc.option(fc.integer(), { nil: 0 })
const incidents: fc.Arbitrary<Incident> = fc.record({
  id: hostile,
  title: hostile,
  severity: fc.oneof(hostile, fc.constantFrom('Critical', 'Info')),
  status: fc.oneof(hostile, fc.constant('Ok')),
  progress: fc.oneof(hostile, fc.constantFrom('Triggered', 'Processing', 'Closed')),
  num: hostile,
  description: hostile,
  impact: hostile,
  rootCause: hostile,
  resolution: hostile,
  startedAtMs: times,
  snoozedUntilMs: times,
  closedAtMs: times,
  alertCount: fc.integer(),
  channelName: hostile,
  detailUrl: hostile,
  labels: named,
  fields: named,
  closer: person,
  responders: fc.array(person, { maxLength: 4 }),
  assignment: fc.record({ type: fc.constantFrom('assign', 'escalate'), policy: hostile, layer: fc.nat() }),
})

function spansOf(message: Message): readonly Span[] {
  return [...message.lines, ...message.fields.map(({ value }) => value), message.footer ?? []].flat()
}

describe('whatever an incident holds', () => {
  it('its words are plain text: no link, no mention, nothing parsed again', () => {
    const types = fc.oneof(fc.constantFrom(...DOCUMENTED_TYPES, 'relay_snooze_ended'), hostile)
    fc.assert(
      fc.property(incidents, types, person, hostile, (incident, type, by, old) => {
        const event = { id: 'e', type, incident, person: by }
        const text = { from: old, to: old }
        const changes = {
          title: text,
          severity: { ...text, direction: 'up' as const },
          fields: [{ name: old, ...text }],
          joined: [by],
          left: [by],
        }
        const said = [
          templates.reply({ event, changes, effectiveAtMs: START_MS, nowMs: START_MS, late: true }),
          templates.card({
            incident,
            last: { id: 'e', type, atMs: START_MS, person: by },
            nowMs: START_MS,
            replacesLost: true,
          }),
        ]
        for (const { message, fellBack } of said) {
          expect(fellBack).toBeUndefined()
          expect(spansOf(message).filter(({ kind }) => kind === 'link' || kind === 'mention')).toEqual([])
          expect(message.title?.url).toBeUndefined()
          expect(message.links).toEqual([])
          expect(message.summary).not.toBe('')
        }
        expect(said[1]?.message.title?.text).toContain(MARK)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    'javascript:alert(1)',
    'https://user:secret@example.com/',
    'slack://open',
    'http://',
    '//example.com',
    'data:text/html,x',
    ' ',
  ])('links to nothing but http and https: %s', (detailUrl) => {
    const last = { id: 'e', type: 'i_new', atMs: START_MS }
    const { message } = templates.card({
      incident: { ...INCIDENT, detailUrl },
      last,
      nowMs: START_MS,
      replacesLost: false,
    })
    expect([message.title?.url, ...message.links]).toEqual([undefined])
  })

  it('an address cannot break out of markup', () => {
    const detailUrl = 'https://example.com/a|b>c"d e`f{g}#<h>'
    const last = { id: 'e', type: 'i_new', atMs: START_MS }
    const { message } = templates.card({
      incident: { ...INCIDENT, detailUrl },
      last,
      nowMs: START_MS,
      replacesLost: false,
    })
    expect(message.title?.url).toMatch(/^https:\/\/example\.com\/[^\s<>|"`{}]+$/)
  })

  it('a megabyte in every place makes a message of a sane size', () => {
    const huge = `z${'\u0301'.repeat(500_000)} ${'<!channel> '.repeat(50_000)}`
    const many = Array.from({ length: 10_000 }, (_, index) => ({ name: `l${index}`, value: huge }))
    const people = Array.from({ length: 1_000 }, () => ({ name: huge }))
    const incident = {
      ...INCIDENT,
      title: huge,
      description: huge,
      labels: many,
      fields: many,
      responders: people,
      impact: huge,
    }
    const last = { id: 'e', type: huge, atMs: START_MS, person: { name: huge } }
    const { message, fellBack } = templates.card({ incident, last, nowMs: START_MS, replacesLost: false })
    expect(fellBack).toBeUndefined()
    expect(JSON.stringify(message).length).toBeLessThan(40_000)
  })
})
