import { describe, expect, it } from 'vitest'
import { readEvent, toEvent } from '../../../src/flashduty/event.ts'
import type { ReadEvent } from '../../../src/flashduty/event.ts'
import type { Incident } from '../../../src/incident/incident.ts'

const withIncident = (incident: object): ReadEvent => {
  const read = toEvent({ event_id: 'e1', event_type: 'i_new', incident: { incident_id: 'i1', ...incident } })
  if (read === undefined) throw new Error('not an event')
  return read
}
const incidentOf = (incident: object): Incident => withIncident(incident).event.incident

describe('links', () => {
  it.each([
    ['https://example.com/i/1?a=b#c', 'https://example.com/i/1?a=b#c'],
    ['http://10.206.0.17:8567/incident/1', 'http://10.206.0.17:8567/incident/1'],
    ['HTTPS://EXAMPLE.com', 'https://example.com/'],
    ['https://ann:pw@example.com/', undefined],
    ['https://ann@example.com/', undefined],
    ['javascript:alert(1)', undefined],
    ['data:text/html,hi', undefined],
    ['//example.com/x', undefined],
    ['/incident/1', undefined],
    ['https://exa\nmple.com/', undefined],
    ['https://example.com/\u0000', undefined],
    [`https://example.com/${'a'.repeat(2_000)}`, undefined],
    ['https://', undefined],
  ])('%j gives %j', (given, expected) => {
    expect(incidentOf({ detail_url: given }).detailUrl).toBe(expected)
  })
})

describe('people', () => {
  it.each([
    [
      'all of it',
      { person_id: 7, person_name: 'Ann', email: 'a@example.com' },
      { id: '7', name: 'Ann', email: 'a@example.com' },
    ],
    [
      'no name: the e-mail',
      { person_id: 7, person_name: '', email: 'a@example.com' },
      { id: '7', name: 'a@example.com', email: 'a@example.com' },
    ],
    ['only an id', { person_id: 7 }, { id: '7', name: '7' }],
    ['nobody', { person_id: 0, person_name: '', email: '' }, undefined],
    ['a text', 'Ann', undefined],
  ])('%s', (_, given, expected) => {
    expect(incidentOf({ creator: given }).creator).toEqual(expected)
    expect(incidentOf({ responders: [given] }).responders).toEqual(expected ? [expected] : [])
  })
})

describe('labels and custom fields', () => {
  it('keep any name', () => {
    const incident = readEvent(
      '{"event_id":"e","event_type":"t","incident":{"incident_id":"i","labels":{"constructor":"a","__proto__":"b","toString":"c"},"fields":{"__proto__":{"x":1}}}}',
    )?.event.incident
    expect(incident?.labels).toEqual([
      { name: 'constructor', value: 'a' },
      { name: '__proto__', value: 'b' },
      { name: 'toString', value: 'c' },
    ])
    expect(incident?.fields).toEqual([{ name: '__proto__', value: '{"x":1}' }])
  })

  it.each([
    ['P1', 'P1'],
    [7, '7'],
    [false, 'false'],
    [['a', 7, ['b', null], true], 'a, 7, b, true'],
    [{ a: [1], b: 'x' }, '{"a":[1],"b":"x"}'],
    [null, undefined],
    ['', undefined],
    [[], undefined],
  ])('a field of %j reads %j', (given, expected) => {
    expect(incidentOf({ fields: { f: given } }).fields).toEqual(
      expected === undefined ? [] : [{ name: 'f', value: expected }],
    )
  })

  it.each([
    ['x', 'x'],
    ['', ''],
    [7.5, '7.5'],
    [true, 'true'],
    [null, undefined],
    [{}, undefined],
    [['x'], undefined],
  ])('a label of %j reads %j', (given, expected) => {
    expect(incidentOf({ labels: { l: given } }).labels).toEqual(
      expected === undefined ? [] : [{ name: 'l', value: expected }],
    )
  })

  it('of a hundred thousand, keep the first 200 and take no time', () => {
    const labels = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`l${index}`, 'x']))
    const startedAtMs = performance.now()
    const { event, dropped } = withIncident({ labels })
    expect(performance.now() - startedAtMs).toBeLessThan(200)
    expect(event.incident.labels).toHaveLength(200)
    expect(event.incident.labels[0]).toEqual({ name: 'l0', value: 'x' })
    expect(dropped).toEqual(['incident.labels.*'])
  })
})
