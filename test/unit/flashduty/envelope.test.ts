import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toMediaProblem } from '../../../src/flashduty/content.ts'
import { toEnvelope } from '../../../src/flashduty/envelope.ts'
import { effectiveTimeMs, receivedTimeMs, toTimeMs } from '../../../src/flashduty/time.ts'

const push = { event_id: 'e1', event_type: 'i_new', event_time: 1_700_000_000_000, incident: { incident_id: 'i1' } }

describe('the core of a push', () => {
  it.each([
    ['strings', {}, { eventId: 'e1', eventType: 'i_new', incidentId: 'i1', timeMs: 1_700_000_000_000 }],
    [
      'integers',
      { event_id: 7, event_type: 1e3, incident: { incident_id: -0 } },
      { eventId: '7', eventType: '1000', incidentId: '0' },
    ],
    ['no usable time', { event_time: 'soon' }, { eventId: 'e1' }],
    ['a type nobody knows', { event_type: 'i_😀' }, { eventType: 'i_😀' }],
  ])('%s', (_, change, expected) => {
    expect(toEnvelope({ ...push, ...change })).toMatchObject({ ok: true, ...expected })
  })

  it.each<[string, unknown, string, string]>([
    ['a list', [push], 'not_an_object', ''],
    ['null', null, 'not_an_object', ''],
    ['a text', 'hello', 'not_an_object', ''],
    ['nothing in it', {}, 'missing_field', 'event_id'],
    ['no event id', { ...push, event_id: null }, 'missing_field', 'event_id'],
    ['an empty event id', { ...push, event_id: ' ' }, 'missing_field', 'event_id'],
    ['an inherited event id', Object.create(push), 'missing_field', 'event_id'],
    ['a fractional event id', { ...push, event_id: 1.5 }, 'invalid_field', 'event_id'],
    ['an event id that lost digits', { ...push, event_id: 2 ** 53 }, 'invalid_field', 'event_id'],
    ['a long event id', { ...push, event_id: 'x'.repeat(257) }, 'invalid_field', 'event_id'],
    ['a NUL in the event id', { ...push, event_id: 'a\u0000' }, 'invalid_field', 'event_id'],
    ['half a character in the event id', { ...push, event_id: 'a\ud800' }, 'invalid_field', 'event_id'],
    ['a type that is a list', { ...push, event_type: ['i_new'] }, 'invalid_field', 'event_type'],
    ['no incident', { ...push, incident: undefined }, 'missing_field', 'incident'],
    ['an incident that is a list', { ...push, incident: [] }, 'invalid_field', 'incident'],
    ['an incident that is a text', { ...push, incident: 'x'.repeat(1000) }, 'invalid_field', 'incident'],
    ['no incident id', { ...push, incident: {} }, 'missing_field', 'incident.incident_id'],
    ['a boolean incident id', { ...push, incident: { incident_id: true } }, 'invalid_field', 'incident.incident_id'],
    ['an unfilled event id', { ...push, event_id: '{{event_id}}' }, 'unresolved_template', 'event_id'],
    ['a half-filled event id', { ...push, event_id: 'a-{{ event.id }}-b' }, 'unresolved_template', 'event_id'],
    ['an unfilled incident', { ...push, incident: '{{incident}}' }, 'unresolved_template', 'incident'],
    [
      'an unfilled incident id',
      { ...push, incident: { incident_id: '{{incident.id}}' } },
      'unresolved_template',
      'incident.incident_id',
    ],
  ])('is unusable: %s', (_, value, code, path) => {
    expect(toEnvelope(value)).toMatchObject({ ok: false, code, path })
  })

  it('names the variable that was not filled in', () => {
    expect(toEnvelope({ ...push, event_id: '{{event.id}}' })).toMatchObject({
      reason: expect.stringContaining('{{event.id}}'),
    })
  })

  it('gives an answer for any value', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => typeof toEnvelope(value).ok === 'boolean'),
    )
  })
})

describe('times', () => {
  it.each([
    ['seconds', 1_689_335_086, 1_689_335_086_000],
    ['fractions of seconds', 1_689_335_086.948, 1_689_335_086_948],
    ['milliseconds', 1_689_335_086_948, 1_689_335_086_948],
    ['microseconds', '1689335086948000', 1_689_335_086_948],
    ['nanoseconds', '1689335086948000000', 1_689_335_086_948],
    ['digits', '1689335086', 1_689_335_086_000],
    ['0', 0, undefined],
    ['negative', -1, undefined],
    ['NaN', Number.NaN, undefined],
    ['infinite', Infinity, undefined],
    ['a date', '2026-03-14T03:02:11Z', undefined],
    ['a list', [1_689_335_086], undefined],
    ['beyond all dates', 1e300, undefined],
  ])('%s', (_, value, expected) => {
    expect(toTimeMs(value)).toBe(expected)
  })

  it.each([
    ['as sent', 1_000, 2_000, 1_000],
    ['a little ahead', 302_000, 2_000, 302_000],
    ['far ahead: five minutes after receipt', 4e12, 2_000, 302_000],
    ['none: when received', undefined, 2_000, 2_000],
  ])('an event is ordered by its time %s', (_, timeMs, receivedAtMs, expected) => {
    expect(effectiveTimeMs(timeMs, receivedAtMs)).toBe(expected)
  })

  it.each([
    ['was sent later than a clock says that is ten minutes behind', 1_000_000 + 600_000, 1_600_000],
    ['is a week ahead: an hour is believed', 1_000_000 + 7 * 86_400_000, 4_600_000],
    ['was sent before', 900_000, 1_000_000],
    ['has no time', undefined, 1_000_000],
  ])('is not older by a clock that may be behind than it can be: one that %s', (_, timeMs, expected) => {
    expect(receivedTimeMs(timeMs, 1_000_000)).toBe(expected)
  })
})

describe('content types', () => {
  it.each([
    [undefined, undefined],
    ['application/json', undefined],
    ['Application/JSON; Charset="UTF-8"', undefined],
    ['application/json;charset=utf8;v=1', undefined],
    ['application/json; charset=latin1', 'unsupported_type'],
    ['text/plain', 'unsupported_type'],
    ['application/x-www-form-urlencoded', 'unsupported_type'],
    ['application/jsonp', 'unsupported_type'],
  ])('%j: %j', (type, code) => {
    expect(toMediaProblem({ 'content-type': type })?.code).toBe(code)
  })

  it.each([
    ['identity', undefined],
    ['gzip', 'unsupported_encoding'],
    ['identity, br', 'unsupported_encoding'],
  ])('encoded as %j: %j', (encoding, code) => {
    expect(toMediaProblem({ 'content-encoding': encoding })?.code).toBe(code)
  })
})
