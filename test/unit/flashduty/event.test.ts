import { readdirSync, readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readEvent, toEvent } from '../../../src/flashduty/event.ts'
import type { ReadEvent } from '../../../src/flashduty/event.ts'
import type { Event, Incident } from '../../../src/incident/incident.ts'

const SAMPLES = new URL('../../events/', import.meta.url)
const sample = (type: string): string => readFileSync(new URL(`${type}.json`, SAMPLES), 'utf8')
const types = readdirSync(SAMPLES).map((file) => file.replace('.json', ''))

const read = (push: unknown): ReadEvent => {
  const event = toEvent(push)
  if (event === undefined) throw new Error('not an event')
  return event
}
const withIncident = (incident: object): ReadEvent =>
  read({ event_id: 'e1', event_type: 'i_new', incident: { incident_id: 'i1', ...incident } })
const incidentOf = (incident: object): Incident => withIncident(incident).event.incident

/** Labels and custom fields in no order: theirs is the source's. */
const byName = (event: Event): unknown => ({
  ...event,
  incident: { ...event.incident, labels: new Set(event.incident.labels), fields: new Set(event.incident.fields) },
})

describe('the samples', () => {
  it.each(types)('%s is understood whole', (type) => {
    const { event, dropped } = readEvent(sample(type)) ?? { event: undefined, dropped: ['everything'] }
    expect(dropped).toEqual([])
    expect(event).toMatchObject({
      type,
      incident: { id: '69b4d0f3a1c2e84d5f60b7a9', channelName: 'Payments', num: '60B7A9' },
    })
    expect(event?.timeMs).toBeGreaterThan(Date.UTC(2026, 2, 14))
  })

  it('i_new becomes', () => {
    const ann = { id: '2870041177504', name: 'Ann Lee', email: 'ann@example.com' }
    const createdAtMs = Date.UTC(2026, 2, 14, 3, 2, 11)
    const expected: Event = {
      id: '00304ad1bcfae8c27f5d47e9127c879e',
      type: 'i_new',
      timeMs: createdAtMs + 137,
      person: ann,
      incident: {
        id: '69b4d0f3a1c2e84d5f60b7a9',
        title: 'Checkout p99 latency above 2 s',
        severity: 'Warning',
        status: 'Warning',
        progress: 'Triggered',
        num: '60B7A9',
        createdAtMs,
        updatedAtMs: createdAtMs,
        startedAtMs: createdAtMs,
        lastAlertAtMs: createdAtMs,
        alertCount: 0,
        channelId: '2915530446504',
        channelName: 'Payments',
        accountName: 'Example',
        detailUrl: 'https://console.example.com/incident/detail/69b4d0f3a1c2e84d5f60b7a9',
        groupMethod: 'n',
        labels: [
          { name: 'check', value: 'checkout latency high' },
          { name: 'env', value: 'prod-eu' },
          { name: 'service', value: 'checkout' },
        ],
        fields: [],
        creator: ann,
        responders: [{ ...ann, assignedAtMs: createdAtMs }],
        assignment: { type: 'assign', policy: 'Payments on call', layer: 0 },
      },
    }
    expect(readEvent(sample('i_new'))?.event).toStrictEqual(expected)
  })

  it('do not depend on the order of members', () => {
    const shuffled = (value: unknown, seed: number): unknown => {
      if (Array.isArray(value)) return value.map((item) => shuffled(item, seed))
      if (typeof value !== 'object' || value === null) return value
      const entries = Object.entries(value).map(([name, item]) => [name, shuffled(item, seed)] as const)
      return Object.fromEntries(entries.toSorted(([a], [b]) => ((a.length * seed) % 7) - ((b.length * seed) % 7)))
    }
    const push: unknown = JSON.parse(sample('i_r_field'))
    const whole = byName(read(push).event)
    for (const seed of [1, 2, 3, 4, 5]) expect(byName(read(shuffled(push, seed)).event)).toEqual(whole)
  })
})

describe('one odd field', () => {
  const odd = [
    null,
    [],
    {},
    '',
    0,
    -1,
    Infinity,
    Number.NaN,
    true,
    false,
    'x'.repeat(100_000),
    '\u0000',
    '{{incident.nothing}}',
    [[[]]],
    JSON.parse('{"__proto__":1}') as unknown,
    1.5,
    '12',
  ]
  const push: { incident: object; person: object } = JSON.parse(sample('i_r_field'))
  const core = new Set(['event_id', 'event_type', 'incident', 'incident_id'])

  const paths = [
    ...Object.keys(push).map((name) => [name]),
    ...Object.keys(push.incident).map((name) => ['incident', name]),
    ...Object.keys(push.person).map((name) => ['person', name]),
    ...['person_id', 'person_name', 'email', 'assigned_at', 'acknowledged_at'].map((name) => [
      'incident',
      'responders',
      '0',
      name,
    ]),
    ...['type', 'escalate_rule_name', 'layer_idx'].map((name) => ['incident', 'assigned_to', name]),
  ].filter((path) => !core.has(path.at(-1) ?? ''))

  it.each(paths.map((path) => [path.join('.'), path] as const))('%s costs itself at most', (_, path) => {
    const whole = read(push).event
    for (const value of [...odd, undefined]) {
      const { event } = read(replaced(push, path, value))
      expect(event.incident.title).not.toBe('')
      expect(differing(whole, event).length).toBeLessThanOrEqual(1)
      expect(differing(whole.incident, event.incident).length).toBeLessThanOrEqual(1)
    }
  })

  it('is reported by path, without its value or a name the source chose', () => {
    const { dropped } = withIncident({
      title: 7,
      description: '{{incident.desc}}',
      start_time: 'yesterday',
      detail_url: 'javascript:alert(1)',
      labels: { 'my secret label': {} },
      responders: [7, { person_name: 'Ann', assigned_at: true }],
      impact: null,
      close_time: 0,
      resolution: '',
    })
    expect(dropped.toSorted()).toEqual([
      'incident.description: a {{…}} of the custom request body was not filled in',
      'incident.detail_url',
      'incident.labels.*',
      'incident.responders.*',
      'incident.responders.*.assigned_at',
      'incident.start_time',
      'incident.title',
    ])
  })
})

function replaced(at: unknown, path: readonly string[], value: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return value
  if (Array.isArray(at)) return at.map((item, index) => (String(index) === name ? replaced(item, rest, value) : item))
  return { ...Object(at), [name]: replaced(Reflect.get(Object(at), name), rest, value) }
}

function differing(a: object, b: object): string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].filter((name) => !isDeepStrictEqual(Reflect.get(a, name), Reflect.get(b, name)))
}

it('makes an event of any JSON object with a core, and never touches a prototype', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.oneof(fc.string(), fc.constantFrom('__proto__', 'title', 'labels', 'fields', 'responders')),
        fc.jsonValue(),
      ),
      (incident) => {
        const text = JSON.stringify({ event_id: 'e1', event_type: 't', incident: { ...incident, incident_id: 'i1' } })
        expect(readEvent(text)?.event.incident.id).toBe('i1')
      },
    ),
  )
  expect(Object.keys(Object.prototype)).toEqual([])
})

it('keeps every digit of int64 and uint64 ids, wherever they are', () => {
  const int = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).filter((id) => id !== 0n)
  fc.assert(
    fc.property(int, (id) => {
      const person = `{"person_id":${id},"person_name":"Ann"}`
      const { event } = readEvent(
        `{"event_id":${id},"event_type":"t","person":${person},"incident":{"incident_id":${id},"num":${id},"channel_id":${id},
          "creator":${person},"closer":${person},"responders":[${person}],"labels":{"n":${id}},"fields":{"n":${id},"l":[${id}]}}}`,
      )!
      const { incident } = event
      const ids = [
        event.id,
        event.person?.id,
        incident.id,
        incident.num,
        incident.channelId,
        incident.creator?.id,
        incident.closer?.id,
      ]
      const named = [...incident.labels, ...incident.fields].map(({ value }) => value)
      expect(new Set([...ids, incident.responders[0]?.id, ...named])).toEqual(new Set([String(id)]))
    }),
    { numRuns: 500 },
  )
})

describe('what an incident cannot be without', () => {
  it.each<[string, object, Partial<Incident>]>([
    ['nothing at all', {}, { title: '(no title)', severity: 'Unknown', status: 'Unknown', progress: 'Triggered' }],
    ['a blank title', { title: ' \n' }, { title: '(no title)' }],
    ['an unfilled title', { title: '{{incident.titel}}' }, { title: '(no title)' }],
    [
      'a title with braces of its own',
      { title: 'CPU high on {{ $labels.host }}' },
      { title: 'CPU high on {{ $labels.host }}' },
    ],
    ['severity from status', { incident_status: 'Critical' }, { severity: 'Critical' }],
    ['no severity from Ok', { incident_status: 'Ok' }, { severity: 'Unknown', status: 'Ok' }],
    ['status from severity', { incident_severity: 'Warning' }, { status: 'Warning' }],
    ['status from the recovery', { incident_severity: 'Warning', end_time: 1_700_000_000 }, { status: 'Ok' }],
    ['progress from the close', { close_time: 1_700_000_000 }, { progress: 'Closed' }],
    ['progress from the acknowledgment', { ack_time: 1_700_000_000 }, { progress: 'Processing' }],
    [
      'known words in any case',
      { incident_severity: 'CRITICAL', incident_status: 'ok', progress: 'closed' },
      { severity: 'Critical', status: 'Ok', progress: 'Closed' },
    ],
    [
      'other words as they are',
      { incident_severity: 'Fatal', progress: 'Parked' },
      { severity: 'Fatal', progress: 'Parked' },
    ],
  ])('%s', (_, given, expected) => {
    expect(incidentOf(given)).toMatchObject(expected)
  })
})
